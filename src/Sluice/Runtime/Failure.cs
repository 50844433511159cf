namespace Sluice.Runtime;

/// <summary>Words for what went wrong.</summary>
internal static class Failure
{
    private const int LongestMessage = 4000;

    /// <summary>Type and message, cut where a state's message would become unreadable; the log has everything.</summary>
    public static string Describe(Exception? exception)
    {
        string text = exception is null ? "unknown" : $"{exception.GetType().FullName}: {exception.Message}";
        return text.Length <= LongestMessage ? text : string.Concat(text.AsSpan(0, LongestMessage), "…");
    }
}
