namespace Sluice.Deploy;

/// <summary>
/// One line for people, whatever the names in it are. Tags, parameters, schedules and flows are called as whoever may change the server likes: in the log of a CI system
/// they must not become a command of its runner, nor on a terminal one of the terminal.
/// </summary>
/// <remarks>Rule: GitHub's runner carries out lines that begin with <c>::</c> and what follows <c>##[</c>, Azure's agent what follows <c>##vso[</c> anywhere in a line.</remarks>
internal static class PlainLine
{
    /// <summary>The text on one line, with nothing that anything but a person reads.</summary>
    public static string Of(string text)
    {
        text = text.ReplaceLineEndings(" ").Replace("##[", "# #[", StringComparison.Ordinal).Replace("##vso[", "# #vso[", StringComparison.OrdinalIgnoreCase);
        if (text.AsSpan().TrimStart() is [':', ':', ..])
            text = text.Replace("::", ": :", StringComparison.Ordinal);
        return text.Any(IsCommand) ? string.Concat(text.Select(c => IsCommand(c) ? '\uFFFD' : c)) : text;

        static bool IsCommand(char c) => char.IsControl(c) && c != '\t';
    }
}
