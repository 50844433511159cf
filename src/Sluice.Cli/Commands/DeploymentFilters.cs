using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Runs;
using Sluice.Deploy.Ownership;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary>The options that choose deployments.</summary>
internal sealed class DeploymentFilters
{
    private readonly Option<string?> _flow = new("--flow", "--flow-name") { Description = "Only those of this flow.", HelpName = "FLOW" };
    private readonly Option<string[]> _tags = new("--tag", "-t") { Description = "Only those with this tag; of several, with all of them.", HelpName = "TAG" };
    private readonly Option<string[]> _anyTags = new("--any-tag") { Description = "Only those with this tag; of several, with one of them.", HelpName = "TAG" };
    private readonly Option<string?> _pool = new("--pool", "-p") { Description = "Only those in this work pool.", HelpName = "POOL" };
    private readonly Option<string?> _queue = new("--queue", "--work-queue", "-q") { Description = "Only those in this queue.", HelpName = "QUEUE" };
    private readonly Option<string?> _environment = new("--environment") { Description = "Only those of this environment, as pr-123.", HelpName = "NAME" };
    private readonly Option<bool?> _paused = new("--paused") { Description = "Only those that are paused; with 'false' those that are not.", HelpName = "BOOL" };

    public IReadOnlyList<Option> All => [_flow, _tags, _anyTags, _pool, _queue, _environment, _paused];

    public bool IsAnyGiven(Invocation call) => All.Any(call.IsGiven);

    /// <summary>Why nothing fits, where one of the values is no deployment's: what was probably meant.</summary>
    public async Task<string> WhyNoneAsync(Invocation call, IOrchestrationApi api, CancellationToken cancellationToken)
    {
        List<Deployment> all = await Pages.AllAsync(offset => api.ListDeploymentsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken));
        FlowNames flows = await FlowNames.LoadAsync(api, all.Select(deployment => deployment.FlowId), cancellationToken);
        (string What, IEnumerable<string?> Given, IEnumerable<string?> Known)[] asked =
        [
            ("the flow", [call.Get(_flow)], all.Select(deployment => flows[deployment.FlowId])),
            ("the tag", [.. call.Get(_tags) ?? [], .. call.Get(_anyTags) ?? []], all.SelectMany(deployment => deployment.Tags)),
            ("the work pool", [call.Get(_pool)], all.Select(deployment => deployment.WorkPoolName)),
            ("the queue", [call.Get(_queue)], all.Select(deployment => deployment.WorkQueueName)),
        ];
        foreach ((string what, IEnumerable<string?> given, IEnumerable<string?> known) in asked)
        {
            string[] names = [.. known.OfType<string>().Distinct(StringComparer.Ordinal)];
            if (given.FirstOrDefault(value => value is not null && !names.Contains(value, StringComparer.Ordinal)) is { } wrong)
                return $"No deployment fits: none has {what} '{wrong}'.{DidYouMean.Question(wrong, names)}";
        }
        return "No deployment fits.";
    }

    /// <summary>The deployments that fit.</summary>
    public async Task<List<Deployment>> FindAsync(Invocation call, IOrchestrationApi api, CancellationToken cancellationToken)
    {
        string[] any = call.Get(_anyTags) ?? [];
        string? environment = null;
        if (call.Get(_environment) is { } text && !EnvironmentName.TryParse(text, out environment, out string? error))
            throw CliException.BadUsage(error.TrimEnd('.'));
        // Prefect 2 cannot ask for one of several tags: there they are looked at here.
        bool asksAny = any.Length > 0 && !(await api.GetInfoAsync(cancellationToken)).IsPrefect2;
        DeploymentFilter filter = new()
        {
            Tags = call.Get(_tags) is { Length: > 0 } || asksAny ? new() { All = call.Get(_tags) is { Length: > 0 } every ? every : null, Any = asksAny ? any : null } : null,
            WorkQueueName = call.Get(_queue) is { } queue ? new() { Any = [queue] } : null,
            Paused = call.Get(_paused) is { } paused ? new() { Eq = paused } : null,
        };
        List<Deployment> found = await Pages.AllAsync(offset => api.ListDeploymentsAsync(
            new()
            {
                Flows = call.Get(_flow) is { } name ? new() { Name = new() { Any = [name] } } : null,
                WorkPools = call.Get(_pool) is { } pool ? new() { Name = new() { Any = [pool] } } : null,
                Deployments = filter == new DeploymentFilter() ? null : filter,
                Limit = Pages.Size,
                Offset = offset,
            },
            cancellationToken));
        // The mark, not the tag: people give tags, too.
        found.RemoveAll(deployment => environment is not null && OwnerMark.Of(deployment)?.Environment != environment);
        return any.Length == 0 || asksAny ? found : found.FindAll(deployment => deployment.Tags.Intersect(any, StringComparer.Ordinal).Any());
    }
}
