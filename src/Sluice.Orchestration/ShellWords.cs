using System.Text;

namespace Sluice.Orchestration;

/// <summary>The words of a command as a POSIX shell reads them, without variables, globs and operators: Python's <c>shlex</c>, as Prefect's workers have it.</summary>
public static class ShellWords
{
    /// <summary>Splits. In double quotes a backslash escapes only itself and the quote; in single quotes nothing.</summary>
    /// <param name="command">The command.</param>
    /// <exception cref="FormatException">A quotation or an escape is not closed.</exception>
    public static IReadOnlyList<string> Split(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false;
        for (int i = 0; i < command.Length; i++)
        {
            char c = command[i];
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }

            inWord = true;
            if (c is '\'' or '"')
                i = ReadQuoted(command, i, word);
            else if (c == '\\')
                word.Append(++i < command.Length ? command[i] : throw new FormatException("nothing follows its last backslash"));
            else
                word.Append(c);
        }

        if (inWord)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>A word as <see cref="Split"/> reads it back.</summary>
    /// <param name="word">Any text.</param>
    public static string Quote(string word) =>
        word.Length > 0 && !word.AsSpan().ContainsAny(" \t\r\n'\"\\") ? word
        : !word.Contains('\'', StringComparison.Ordinal) ? $"'{word}'"
        : $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static int ReadQuoted(string command, int start, StringBuilder word)
    {
        char quote = command[start];
        for (int i = start + 1; i < command.Length; i++)
        {
            char c = command[i];
            if (c == quote)
                return i;
            if (c == '\\' && quote == '"' && i + 1 < command.Length && command[i + 1] is '"' or '\\')
                c = command[++i];
            word.Append(c);
        }

        throw new FormatException($"the quotation that begins at character {start + 1} is not closed");
    }
}
