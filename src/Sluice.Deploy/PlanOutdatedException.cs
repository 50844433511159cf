namespace Sluice.Deploy;

/// <summary>Somebody else changed what a plan was made from, and nothing was applied.</summary>
internal sealed class PlanOutdatedException(string message, Exception? inner = null) : Exception(message, inner);
