using System.Text;
using System.Text.Json;
using Sluice.Deploy.Ci;
using Sluice.Deploy.Manifest;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Cli;

/// <summary>The one place where an exception becomes a line and an exit code. A stack trace is shown only with <c>SLUICE_DEBUG=1</c>.</summary>
internal static class Failures
{
    public const string DebugVariable = "SLUICE_DEBUG";

    public static bool ShowsDetails => Environment.GetEnvironmentVariable(DebugVariable) is "1" or "true";

    public static int Report(Exception exception, TextWriter error)
    {
        (string message, int exitCode) = Describe(exception);
        error.WriteLine($"sluice: {OneLine(message)}");
        if (exitCode != ExitCodes.Cancelled)
        {
            foreach (string line in Annotations.Of([new("sluice", OneLine(message), "sluice")], underMSBuild: false, Environment.GetEnvironmentVariable))
                error.WriteLine(line);
        }
        WriteDetails(exception, error);
        return exitCode;
    }

    /// <summary>The stack trace, for whoever mends sluice.</summary>
    public static void WriteDetails(Exception exception, TextWriter error)
    {
        if (ShowsDetails)
            error.WriteLine(exception);
    }

    public static (string Message, int ExitCode) Describe(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions.Count: 1 } aggregate => Describe(aggregate.InnerExceptions[0]),
        CliException cli => (cli.Message, cli.ExitCode),
        OrchestrationException orchestration => (orchestration.Message, ExitCodes.Failed),
        ManifestException manifest => (manifest.Message, ExitCodes.Failed),
        StorageException storage => (storage.Message, ExitCodes.Failed),
        OperationCanceledException => ("cancelled", ExitCodes.Cancelled),
        FileNotFoundException { FileName: { Length: > 0 } file } => ($"'{file}' does not exist", ExitCodes.Failed),
        IOException or UnauthorizedAccessException or JsonException => (exception.Message, ExitCodes.Failed),
        _ => ($"{exception.GetType().Name}: {exception.Message} (an error of sluice itself; {DebugVariable}=1 shows where)", ExitCodes.Failed),
    };

    /// <summary>Line breaks and control characters would break the promise of one line, or write escape codes to the terminal.</summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (char c in text.Trim())
        {
            if (!char.IsControl(c))
                line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
        }
        return line.ToString();
    }
}
