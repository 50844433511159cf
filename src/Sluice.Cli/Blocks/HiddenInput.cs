using System.Text;
using Sluice.Cli.Output;

namespace Sluice.Cli.Blocks;

/// <summary>Reads a secret from standard input: all of it from a pipe, one line that is not shown from a terminal.</summary>
internal static class HiddenInput
{
    public static async Task<string> ReadAsync(string name, Screen screen, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected)
            return (await Console.In.ReadToEndAsync(cancellationToken)).TrimEnd('\r', '\n');
        // The first look at the keys turns the terminal's echo off, and it stays off: what is pasted right after the prompt must not be shown.
        _ = Console.KeyAvailable;
        screen.Error.Write($"{name}: ");
        screen.Error.Flush();
        var text = new StringBuilder();
        while (true)
        {
            // The console's own call cannot be cancelled; Ctrl+C ends the program by its signal.
            ConsoleKeyInfo key = await Task.Run(() => Console.ReadKey(intercept: true), cancellationToken).WaitAsync(cancellationToken);
            if (key.Key == ConsoleKey.Enter)
                break;
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }
        screen.Error.WriteLine();
        return text.ToString();
    }
}
