using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Worker.Tests;

/// <summary>Runs of deployments that name a commit in a repository behind git's own HTTP server.</summary>
public sealed class SourceRunTests
{
    [Fact]
    public async Task A_commit_is_fetched_and_built_once_and_runs_without_the_server_then()
    {
        Assert.SkipUnless(GitServer.IsInstalled, GitServer.Missing);
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        using var folder = new TempFolder();
        GitRepository repository = await GitRepository.CreateAsync(folder["work"]);
        string first = await repository.CommitAsync("one", ("flows/flow.cs", ScriptBench.Flow));
        string broken = await repository.CommitAsync("two", ("flows/flow.cs", "this is no C#"));
        Guid deployment;
        await using (GitServer server = await GitServer.StartAsync())
        {
            server.Show(await repository.PublishAsync(folder["bare.git"]), "acme/flows.git");
            string source = $"git+http://127.0.0.1:{server.Port}/acme/flows.git?path=flows/flow.cs";
            deployment = await DeployAsync(bench, $"{source}#commit={first}");
            Guid built = await bench.RunAsync(deployment);
            await using BenchWorker worker = bench.Work();

            (await bench.WaitForEndAsync(built)).State!.ShouldSatisfyAllConditions(state => state.Type.ShouldBe(StateType.Completed, state.Message));
            string line = $"Built commit {first[..12]} of git+http://127.0.0.1:{server.Port}/acme/flows.git (flows/flow.cs) in ";
            (await bench.MessagesAsync(built)).ShouldContain(message => message.StartsWith(line, StringComparison.Ordinal));

            (await bench.WaitForEndAsync(await bench.RunAsync(await DeployAsync(bench, $"{source}&include_git_objects=true#commit={first}")))).StateType.ShouldBe(StateType.Completed);
            bench.Builds().Length.ShouldBe(2, "with .git it is built apart");

            (await CrashesAsync(bench, $"{source}#commit={broken}")).ShouldContain($"commit {broken[..12]} of git+http://127.0.0.1:{server.Port}/acme/flows.git (flows/flow.cs) does not build: flows/flow.cs(1,");
            (await CrashesAsync(bench, $"{source}#commit={new string('a', 40)}")).ShouldContain("could not be fetched: ");
            (await CrashesAsync(bench, $"{source.Replace("flow.cs", "gone.cs", StringComparison.Ordinal)}#commit={first}")).ShouldContain("has no 'flows/gone.cs': commit and push it");
        }

        Guid later = await bench.RunAsync(deployment);
        await using BenchWorker offline = bench.Work();
        (await bench.WaitForEndAsync(later)).State!.ShouldSatisfyAllConditions(state => state.Type.ShouldBe(StateType.Completed, state.Message));
        (await bench.MessagesAsync(later)).ShouldNotContain(message => message.StartsWith("Buil", StringComparison.Ordinal));
        bench.Builds().Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_source_that_floats_runs_what_its_branch_names_when_the_run_starts()
    {
        Assert.SkipUnless(GitServer.IsInstalled, GitServer.Missing);
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        using var folder = new TempFolder();
        GitRepository repository = await GitRepository.CreateAsync(folder["work"]);
        string published = await repository.CommitAsync("one", ("flow.cs", "this is no C#"));
        await using GitServer server = await GitServer.StartAsync();
        server.Show(await repository.PublishAsync(folder["bare.git"]), "acme/flows.git");
        string source = $"git+http://127.0.0.1:{server.Port}/acme/flows.git";
        Guid deployment = await DeployAsync(bench, $"{source}?path=flow.cs&float=true#commit={published}");
        string newest = await repository.CommitAsync("two", ("flow.cs", ScriptBench.Flow));
        await repository.GitAsync("push", "--quiet", "origin", "main");
        await using BenchWorker worker = bench.Work();

        Guid run = await bench.RunAsync(deployment);

        (await bench.WaitForEndAsync(run)).State!.ShouldSatisfyAllConditions(state => state.Type.ShouldBe(StateType.Completed, state.Message));
        (await bench.MessagesAsync(run)).ShouldContain($"refs/heads/main of {source} is {newest[..12]} now.");
    }

    private static Task<Guid> DeployAsync(WorkerBench bench, string reference) => bench.DeployAsync(new Dictionary<string, object?>
    {
        ["env"] = new Dictionary<string, string> { ["SLUICE_PACKAGE"] = reference },
    });

    private static async Task<string> CrashesAsync(WorkerBench bench, string reference)
    {
        FlowRun run = await bench.WaitForEndAsync(await bench.RunAsync(await DeployAsync(bench, reference)));
        run.StateType.ShouldBe(StateType.Crashed);
        return run.State!.Message!;
    }
}
