namespace Sluice;

/// <summary>
/// Marks a string as secret: in the parameter schema it is <c>format: password</c> and <c>writeOnly: true</c>, as Prefect's <c>SecretStr</c>, and no
/// message, log, help text or inspection shows its value. A flow still gets the plain text.
/// </summary>
/// <remarks>Stands on a flow's <c>string</c> parameters and on <c>string</c> members of parameter types. It hides, it does not encrypt: servers keep parameters as they are given.</remarks>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class SecretAttribute : Attribute;
