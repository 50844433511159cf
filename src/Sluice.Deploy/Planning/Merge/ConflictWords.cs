namespace Sluice.Deploy.Planning.Merge;

/// <summary>How what a deployment comes from is named where it differs from the server, and how a conflict of the two is decided.</summary>
/// <param name="Side">What stands against the server: <c>the code</c>.</param>
/// <param name="Changed">Why a value of that side is taken: <c>code changed</c>.</param>
/// <param name="Decide">What is to be written to decide for either, as a sentence without its end.</param>
internal sealed record ConflictWords(string Side, string Changed, string Decide)
{
    /// <summary>How a missing pool is created on the way, as the end of a sentence; null where that cannot be asked for.</summary>
    public string? CreatePool { get; init; }

    /// <summary>How a schema that breaks callers is let through, as the end of a sentence.</summary>
    public required string AllowBreaking { get; init; }

    /// <summary>A publish, or its plan.</summary>
    public static ConflictWords Publish { get; } = new("the code", "code changed", "Publish with -p:SluiceConflicts=keep for the server's or -p:SluiceConflicts=code for the code's (sluice deploy, sluice deployment plan: --conflicts keep|code)")
    {
        CreatePool = "publish with -p:SluiceCreateWorkPool=true",
        AllowBreaking = "publish with -p:SluiceAllowBreakingChanges=true (sluice deploy --allow-breaking-changes)",
    };

    /// <summary><c>Deployment.ApplyAsync</c>.</summary>
    public static ConflictWords Program { get; } = new("the code", "code changed", "Apply with new ApplyOptions { Conflicts = ConflictRule.Keep } for the server's or ConflictRule.Code for the code's")
    {
        CreatePool = "apply with new ApplyOptions { CreateWorkPool = true }",
        AllowBreaking = "apply with new ApplyOptions { AllowBreakingChanges = true }",
    };

    /// <summary><c>sluice deployment apply FILE</c>, <c>build --apply</c>.</summary>
    public static ConflictWords File { get; } = new("the file", "file changed", "Apply with --conflicts keep for the server's or --conflicts code for the file's (sluice deployment apply, sluice deployment build --apply)")
    {
        CreatePool = "apply with --create-work-pool",
        AllowBreaking = "apply with --allow-breaking-changes",
    };

    /// <summary><c>sluice deployment rollback</c>.</summary>
    public static ConflictWords Rollback { get; } = new("the version", "the version's", "Roll back with --conflicts keep for the server's or --conflicts code for the version's")
    {
        AllowBreaking = "roll back with --allow-breaking-changes",
    };
}
