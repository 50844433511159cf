using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Commands;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Orchestration;

namespace Sluice.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            using var signals = new Signals();
            // The hot path of every publish: neither System.CommandLine nor Spectre.Console is loaded for it.
            return arguments is ["deploy", "--request", var request]
                ? await DeployCommand.RunRequestAsync(request, signals.Stop)
                : await RunAsync(arguments, signals);
        }
        catch (Exception exception)
        {
            return Failures.Report(exception, Console.Error);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<int> RunAsync(string[] arguments, Signals signals)
    {
        SluiceHome home = SluiceHome.FromEnvironment();
        var context = new CliContext(home, new CliSettings(home), Screen.OfProcess(), signals, TimeProvider.System);
        // An argument that begins with @ is what it says, as --cron @daily, and no file of further arguments.
        ParseResult parse = CommandTree.Build(context).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Action is ParseErrorAction)
            throw ParseFailure.Describe(parse);
        // Signals are ours alone, and exceptions are reported by Main.
        return await parse.InvokeAsync(new() { Output = context.Screen.Out, Error = context.Screen.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, signals.Stop);
    }
}
