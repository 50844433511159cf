namespace Sluice.Deploy.Planning.Merge;

/// <summary>Reads the rule that a user wrote.</summary>
internal static class ConflictRules
{
    /// <exception cref="DeployException">It is none.</exception>
    public static ConflictRule Parse(string? text) => text?.Trim().ToLowerInvariant() switch
    {
        null or "" or "fail" => ConflictRule.Fail,
        "keep" => ConflictRule.Keep,
        "code" => ConflictRule.Code,
        _ => throw new DeployException((DeployCodes.ConflictRuleUnknown, $"SluiceConflicts is '{text}': write fail (stop and name them), keep (what is on the server stays) or code (the code's values are taken).")),
    };
}
