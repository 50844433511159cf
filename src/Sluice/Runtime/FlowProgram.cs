using System.ComponentModel;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Runtime.Local;
using Sluice.Runtime.Orchestrated;

namespace Sluice.Runtime;

/// <summary>The body of the generated <c>Main</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FlowProgram
{
    /// <summary>Executes the flow run that the environment names, answers a publish that tests the program, or runs a flow locally as the arguments say.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="flows">The flows of the assembly.</param>
    /// <returns>0 completed (under an orchestrator: any state was reported), 1 failed, 2 bad usage, 130 cancelled, 143 terminated.</returns>
    public static async Task<int> RunAsync(string[] arguments, IReadOnlyList<FlowDefinition> flows)
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(SelfTest.Variable)))
        {
            return await new SelfTest(flows, Console.In, Console.Out).RunAsync().ConfigureAwait(false);
        }

        string? run = Environment.GetEnvironmentVariable(RunEnvironment.FlowRunIdVariable);
        if (PrefectCommand.Words(arguments, Environment.ProcessPath) is { } words)
        {
            if (await PrefectCommand.AnswerAsync(words, !string.IsNullOrEmpty(run), Console.Out, Console.Error).ConfigureAwait(false) is { } answered)
            {
                return answered.ExitCode;
            }

            run = PrefectCommand.IdIn(words) ?? run;
        }

        RunStop stop = new();
        RunEnd end;
        using (new SignalWatcher(stop))
        {
            end = string.IsNullOrEmpty(run)
                ? await new LocalRun(flows, stop, Console.Out, Console.Error, TimeProvider.System).RunAsync(arguments).ConfigureAwait(false)
                : await ExecuteAsync(run, flows, stop).ConfigureAwait(false);
        }

        if (end.Abandoned)
        {
            // Code that did not stop when asked would keep the process alive.
            Environment.Exit(end.ExitCode);
        }

        return end.ExitCode;
    }

    private static async Task<RunEnd> ExecuteAsync(string run, IReadOnlyList<FlowDefinition> flows, RunStop stop)
    {
        if (RunEnvironment.Read(name => name == RunEnvironment.FlowRunIdVariable ? run : Environment.GetEnvironmentVariable(name)) is not { } environment)
        {
            await Console.Error.WriteLineAsync($"{RunEnvironment.FlowRunIdVariable} is not a UUID: unset it to run a flow locally.").ConfigureAwait(false);
            return new(ExitCodes.Usage);
        }

        try
        {
            ApiEndpoint endpoint = await ApiAddress.FindAsync(stop.Token).ConfigureAwait(false);
            await using HttpOrchestrationApi api = new(endpoint) { Attempt = environment.Attempt is { } attempt ? (environment.FlowRunId, attempt) : null };
            ResultKeeper results = new(environment.ResultUrl, endpoint, environment.ResultKey, environment.ResultFallbackUrl);
            return await new OrchestratedRun(api, environment, flows, stop, TimeProvider.System) { Results = results, WaitForEventAsync = api.WaitForEventAsync }.ExecuteAsync().ConfigureAwait(false);
        }
        catch (OrchestrationException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message).ConfigureAwait(false);
            return new(ExitCodes.Failed);
        }
    }
}
