namespace Sluice.CodeFixes;

/// <summary>What the IDE's menu shows.</summary>
internal static class Titles
{
    private const int Longest = 60;

    /// <summary>Says what a text becomes, and in which constant when it stands in one.</summary>
    public static string Change(string value, string? constant) =>
        constant is null ? $"Change to \"{Short(value)}\"" : $"Change the constant {constant} to \"{Short(value)}\"";

    /// <summary>A text on one line, cut where it is long.</summary>
    public static string Short(string text)
    {
        string line = text.Replace("\r", "").Replace('\n', ' ');
        return line.Length <= Longest ? line : line.Substring(0, Longest - 1) + "…";
    }
}
