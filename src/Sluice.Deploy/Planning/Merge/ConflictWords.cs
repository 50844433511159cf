namespace Sluice.Deploy.Planning.Merge;

/// <summary>How a conflict is told, and decided, where a deployment comes from.</summary>
/// <param name="Side">What stands against the server: <c>the code</c>.</param>
/// <param name="Decide">What is to be written to decide for either, as a sentence without its end.</param>
internal sealed record ConflictWords(string Side, string Decide)
{
    /// <summary>A publish, or its plan.</summary>
    public static ConflictWords Publish { get; } = new("the code", "Publish with -p:SluiceConflicts=keep for the server's or -p:SluiceConflicts=code for the code's (sluice deploy, sluice deployment plan: --conflicts keep|code)");

    /// <summary><c>Deployment.ApplyAsync</c>.</summary>
    public static ConflictWords Program { get; } = new("the code", "Apply with new ApplyOptions { Conflicts = ConflictRule.Keep } for the server's or ConflictRule.Code for the code's");

    /// <summary><c>sluice deployment apply FILE</c>, <c>build --apply</c>.</summary>
    public static ConflictWords File { get; } = new("the file", "Apply with --conflicts keep for the server's or --conflicts code for the file's (sluice deployment apply)");

    /// <summary><c>sluice deployment rollback</c>.</summary>
    public static ConflictWords Rollback { get; } = new("the version", "Roll back with --conflicts keep for the server's or --conflicts code for the version's");
}
