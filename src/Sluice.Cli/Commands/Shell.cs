namespace Sluice.Cli.Commands;

/// <summary>Writes names so that a command line shown to a person can be copied.</summary>
internal static class Shell
{
    public static string Quote(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '=') ? text : $"\"{text}\"";
}
