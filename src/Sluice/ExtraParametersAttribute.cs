namespace Sluice;

/// <summary>
/// Marks the parameter of a flow that takes whatever else a run is given, as <c>**kwargs</c> does in a Python flow: an
/// <c>IDictionary&lt;string, JsonElement&gt;</c>. In JSON it is one object under the parameter's own name, which is how Prefect passes
/// <c>**kwargs</c>; without it, it is empty. At most one parameter of a flow has it.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ExtraParametersAttribute : Attribute;
