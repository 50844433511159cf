using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Orchestration;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Tests;

/// <summary>Runs flows that do nothing, without a process: what is measured is the server and the worker.</summary>
internal sealed class InProcessLauncher(IOrchestrationApi api, ConcurrentDictionary<Guid, int> executed) : IRunLauncher
{
    public Task<ILaunchedRun> LaunchAsync(RunRequest request, CancellationToken cancellationToken) => Task.FromResult<ILaunchedRun>(new InProcessRun(RunAsync(request)));

    private async Task<int> RunAsync(RunRequest request)
    {
        await Task.Yield();
        SetStateOptions options = new() { Attempt = Guid.Parse(request.Environment["SLUICE_ATTEMPT"]!, CultureInfo.InvariantCulture) };
        OrchestrationResult running = await api.SetFlowRunStateAsync(request.Run.Id, new() { Type = StateType.Running }, options, default);
        if (running.Status != SetStateStatus.Accept)
            return 1;
        executed.AddOrUpdate(request.Run.Id, 1, (_, times) => times + 1);
        OrchestrationResult completed = await api.SetFlowRunStateAsync(request.Run.Id, new() { Type = StateType.Completed }, options, default);
        return completed.Status == SetStateStatus.Accept ? 0 : 1;
    }

    private sealed class InProcessRun(Task<int> exited) : ILaunchedRun
    {
        public string InfrastructurePid { get; } = $"in-process:{Guid.NewGuid():N}";

        public IReadOnlyList<RunOutput> Outputs => [];

        public Task<int> Exited => exited;

        public void Terminate()
        {
        }

        public void Kill()
        {
        }

        public string DescribeExit(int exitCode) => FormattableString.Invariant($"It ended with {exitCode}.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
