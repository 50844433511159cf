using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Runtime.Binding;
using Sluice.Runtime.Logs;

namespace Sluice.Runtime.Local;

/// <summary>
/// The command line of a flow program: lists flows, explains one, or runs one without any API. Logs go to <paramref name="errors"/>, the result is
/// the last line of <paramref name="output"/>.
/// </summary>
internal sealed class LocalRun(IReadOnlyList<FlowDefinition> flows, RunStop stop, TextWriter output, TextWriter errors, TimeProvider time)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(40);

    /// <summary>The program's name in help texts.</summary>
    public string Program { get; init; } = AppDomain.CurrentDomain.FriendlyName;

    /// <summary>How long code may take to unwind.</summary>
    public TimeSpan Grace { get; init; } = FlowAttempt.DefaultGrace;

    /// <summary>Does what the arguments say.</summary>
    public async Task<RunEnd> RunAsync(string[] arguments)
    {
        if (arguments is [] or ["--help" or "-h" or "-?"])
        {
            await output.WriteAsync(LocalHelp.ForProgram(Program, flows)).ConfigureAwait(false);
            return new(ExitCodes.Ok);
        }

        IReadOnlyList<FlowDefinition> found = FlowNames.Find(flows, arguments[0]);
        if (found is not [FlowDefinition flow])
        {
            return await RefuseAsync(NotFound(arguments[0], found)).ConfigureAwait(false);
        }

        if (arguments.Skip(1).Any(argument => argument is "--help" or "-h" or "-?"))
        {
            await output.WriteAsync(LocalHelp.ForFlow(Program, flow)).ConfigureAwait(false);
            return new(ExitCodes.Ok);
        }

        if (LocalArguments.Read(flow, arguments.AsSpan(1), out string? problem) is not { } parameters)
        {
            return await RefuseAsync(problem!).ConfigureAwait(false);
        }

        BindingErrors refused = new();
        FlowCall? call = Parameters.TryBind(flow, parameters, refused);
        if (call is null)
        {
            foreach (BindingError error in refused.Items)
            {
                await errors.WriteLineAsync($"{error.Path}: {error.Message}").ConfigureAwait(false);
            }

            return await RefuseAsync($"The parameters do not fit '{flow.Name}'; see {Program} {LocalHelp.Quoted(flow.Name)} --help").ConfigureAwait(false);
        }

        return await RunAsync(flow, call).ConfigureAwait(false);
    }

    private async Task<RunEnd> RunAsync(FlowDefinition flow, FlowCall call)
    {
        LogLevel least = LogLevels.FromSetting(Environment.GetEnvironmentVariable(LogLevels.Variable));
        FlowLogger logger = new(new TextLog(errors), least, time);
        using CancellationTokenRegistration asked = stop.Token.Register(() => errors.WriteLine("Cancelling; press Ctrl+C again to end at once."));
        FlowAttempt code = new() { Timeout = flow.TimeoutSeconds > 0 ? TimeSpan.FromSeconds(flow.TimeoutSeconds) : null, Grace = Grace, Time = time };
        for (int attempt = 1; ; attempt++)
        {
            int number = attempt;
            AttemptOutcome outcome = await code.RunAsync(call, token => new(flow.Name, null, logger, token) { Attempt = number, Services = Services.FlowServices.Local(logger, time) }, stop.Token).ConfigureAwait(false);
            switch (outcome.End)
            {
                case AttemptEnd.Completed:
                    await output.WriteLineAsync(Encoding.UTF8.GetString(outcome.Result.Span)).ConfigureAwait(false);
                    await output.FlushAsync().ConfigureAwait(false);
                    return new(ExitCodes.Ok);
                case AttemptEnd.Stopped:
                    return await StoppedAsync(outcome).ConfigureAwait(false);
                case AttemptEnd.TimedOut:
                    logger.LogError("Flow run exceeded timeout of {Seconds} second(s)", flow.TimeoutSeconds.ToString(CultureInfo.InvariantCulture));
                    break;
                default:
                    logger.LogError(outcome.Error, "Flow run encountered an exception:");
                    break;
            }

            if (attempt > flow.Retries || outcome.Abandoned)
            {
                return new(ExitCodes.Failed, outcome.Abandoned);
            }

            TimeSpan pause = TimeSpan.FromSeconds(Math.Min(flow.RetryDelaySeconds, LongestPause.TotalSeconds));
            logger.LogWarning("Try {Attempt} of {Tries} failed; the next one starts in {Pause} s", attempt, flow.Retries + 1, pause.TotalSeconds.ToString(CultureInfo.InvariantCulture));
            try
            {
                await Task.Delay(pause, time, stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return await StoppedAsync(outcome).ConfigureAwait(false);
            }
        }
    }

    private async Task<RunEnd> StoppedAsync(AttemptOutcome outcome)
    {
        await errors.WriteLineAsync(outcome.Abandoned
            ? string.Create(CultureInfo.InvariantCulture, $"Cancelled; the flow's code did not stop within {Grace.TotalSeconds} seconds.")
            : "Cancelled.").ConfigureAwait(false);
        return new(ExitCodes.For(stop.Reason), outcome.Abandoned);
    }

    private string NotFound(string typed, IReadOnlyList<FlowDefinition> found)
    {
        if (found.Count > 1)
        {
            return $"'{typed}' may be {string.Join(" or ", found.Select(flow => $"'{flow.Name}'"))}: write the name out.";
        }

        string names = string.Join(", ", flows.Select(flow => $"'{flow.Name}'"));
        return typed.StartsWith('-') && flows.Count > 0 ? $"Name the flow before its parameters, as: {Program} {LocalHelp.Quoted(flows[0].Name)} {typed} … (flows: {names})"
            : FlowNames.Nearest(flows.Select(flow => flow.Name), typed) is { } meant ? $"There is no flow '{typed}': did you mean '{meant}'?"
            : flows.Count == 0 ? $"{Program} has no flows: mark a static method with [Flow]."
            : $"There is no flow '{typed}'; there are {names}.";
    }

    private async Task<RunEnd> RefuseAsync(string problem)
    {
        await errors.WriteLineAsync(problem).ConfigureAwait(false);
        return new(ExitCodes.Usage);
    }
}
