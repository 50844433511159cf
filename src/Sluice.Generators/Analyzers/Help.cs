namespace Sluice.Generators.Analyzers;

/// <summary>Where the rules' pages are.</summary>
internal static class Help
{
    public const string Category = "Sluice";

    /// <summary>The folder of the help pages in the repository; a page is named like its rule.</summary>
    public const string Pages = "docs/diagnostics/";
}
