using System.Text;
using Sluice.Orchestration;

namespace Sluice.Worker;

/// <summary>Splits the <c>command</c> of job variables into program and arguments, without any shell: no variables, no globs, no operators.</summary>
internal static class CommandLine
{
    /// <summary>Splits by the rules of this operating system, as Prefect's process worker does.</summary>
    /// <exception cref="FormatException">A quotation or an escape is not closed, or there is no program.</exception>
    public static IReadOnlyList<string> Split(string command)
    {
        IReadOnlyList<string> words = OperatingSystem.IsWindows() ? SplitWindows(command) : ShellWords.Split(command);
        return words.Count > 0 ? words : throw new FormatException("it is empty");
    }

    /// <summary>The Microsoft C runtime's rules: backslashes count only before a double quote, and <c>""</c> in quotes is one.</summary>
    public static IReadOnlyList<string> SplitWindows(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false, quoted = false;
        for (int i = 0; i < command.Length; i++)
        {
            char c = command[i];
            if (c is ' ' or '\t' && !quoted)
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }

            inWord = true;
            if (c == '\\')
            {
                int run = 1;
                while (i + 1 < command.Length && command[i + 1] == '\\')
                {
                    run++;
                    i++;
                }

                bool beforeQuote = i + 1 < command.Length && command[i + 1] == '"';
                word.Append('\\', beforeQuote ? run / 2 : run);
                if (beforeQuote && run % 2 == 1)
                {
                    word.Append('"');
                    i++;
                }
            }
            else if (c != '"')
            {
                word.Append(c);
            }
            else if (quoted && i + 1 < command.Length && command[i + 1] == '"')
            {
                word.Append('"');
                i++;
            }
            else
            {
                quoted = !quoted;
            }
        }

        if (quoted)
            throw new FormatException("a quotation is not closed");
        if (inWord)
            words.Add(word.ToString());
        return words;
    }
}
