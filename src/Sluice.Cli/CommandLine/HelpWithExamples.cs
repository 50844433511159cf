using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Sluice.Cli.CommandLine;

/// <summary>The help text, followed by examples of the verb, or by the exit codes for the program itself.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        switch (parseResult.CommandResult.Command)
        {
            case Verb { Examples.Count: > 0 } verb:
                output.WriteLine("Examples:");
                foreach (string example in verb.Examples)
                    output.WriteLine($"  {example}");
                output.WriteLine();
                break;
            case RootCommand:
                output.WriteLine("""
                    Exit codes:
                      0    done (a run that was watched: Completed)
                      1    the operation failed (a run that was watched: Failed or Crashed)
                      2    bad usage or input
                      3    deploy or migrate --plan --exit-code found changes; client generate --check, a file that is not up to date
                      130  cancelled (a run that was watched: Cancelled)

                    Environment:
                      SLUICE_HOME      where everything is kept; default ~/.sluice
                      PREFECT_API_URL  the orchestration API; unset: the embedded one of SLUICE_HOME
                      PREFECT_API_KEY, PREFECT_API_AUTH_STRING
                                       credentials for it
                      NO_COLOR         plain text on a terminal
                      SLUICE_DEBUG=1   stack traces with errors

                    """);
                break;
        }
        return exitCode;
    }
}
