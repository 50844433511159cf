using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Connection;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage.Packages;

namespace Sluice.Cli.Runs;

/// <summary>Which packages the deployments and waiting runs of a server name.</summary>
internal sealed class PackageUses
{
    private static readonly StateType[] s_open = [StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Paused, StateType.Cancelling];
    private readonly HashSet<string> _records = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];
    private readonly Dictionary<string, SortedSet<string>> _users = new(StringComparer.Ordinal);

    /// <summary>The digests of the packages. The place does not count: one store has many URIs.</summary>
    public IReadOnlySet<string> Digests => _users.Keys.ToHashSet(StringComparer.Ordinal);

    /// <summary>The digests of the records that the deployments' versions lead to.</summary>
    public IReadOnlySet<string> Records => _records;

    /// <summary>What cannot be told about versions, in one line each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Who names the package of this digest.</summary>
    public IReadOnlyCollection<string> Of(string digest) => _users.TryGetValue(digest, out SortedSet<string>? users) ? users : [];

    /// <summary>Reads them: deployments, and runs that are open or were due lately and have a package of their own.</summary>
    /// <param name="api">The server.</param>
    /// <param name="recent">Runs due after this time count, whatever became of them.</param>
    /// <param name="versions">So many newest versions of each deployment name their packages as well.</param>
    /// <param name="store">The store that the user names; null for none.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<PackageUses> ReadAsync(IOrchestrationApi api, DateTimeOffset recent, int versions, Uri? store, CancellationToken cancellationToken)
    {
        var uses = new PackageUses();
        var deployments = new Dictionary<Guid, (Deployment Live, string FullName)>();
        // What is deleted between two pages moves the others up, past the reader: then a second reading finds them.
        for (int reading = 0, pages = 0; reading == 0 || (reading == 1 && pages > 0); reading++)
        {
            int count = await Pages.EachAsync(
                offset => api.ListDeploymentsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken),
                async page =>
                {
                    FlowNames flows = await FlowNames.LoadAsync(api, page.Select(deployment => deployment.FlowId), cancellationToken);
                    foreach (Deployment deployment in page)
                    {
                        uses.Add(deployment.JobVariables, flows.FullName(deployment));
                        if (VersionPointer.Of(deployment.JobVariables) is not null)
                            deployments[deployment.Id] = (deployment, flows.FullName(deployment));
                    }
                });
            pages = count / Pages.Size;
        }
        // There can be very many runs, of which few have a package of their own.
        foreach (FlowRunFilter filter in new FlowRunFilter[] { new() { State = new() { Type = new() { Any = s_open } } }, new() { ExpectedStartTime = new() { After = recent } } })
        {
            await Pages.EachAsync(
                offset => api.ListFlowRunsAsync(new() { FlowRuns = filter, Sort = "ID_DESC", Limit = Pages.Size, Offset = offset }, cancellationToken),
                page =>
                {
                    foreach (FlowRun run in page)
                        uses.Add(run.JobVariables, $"run {run.Name}");
                    return Task.CompletedTask;
                });
        }
        await uses.AddVersionsAsync(api, deployments.Values, versions, store, cancellationToken);
        return uses;
    }

    // The whole history is kept: records are small. Packages are kept of the newest versions alone.
    private async Task AddVersionsAsync(IOrchestrationApi api, IEnumerable<(Deployment Live, string FullName)> deployments, int versions, Uri? store, CancellationToken cancellationToken)
    {
        await using var records = new VersionRecords(ServerSources.Of(api), [.. store is null ? [] : new[] { store }, .. VersionRecords.Stores(Environment.GetEnvironmentVariable(VersionRecords.StoresVariable))]);
        foreach ((Deployment live, string fullName) in deployments)
        {
            VersionEntry? last = null;
            var seen = new HashSet<int>();
            await foreach (VersionEntry entry in VersionHistory.ReadAsync(records, live, fullName, cancellationToken))
            {
                _records.Add(entry.Pointer.Digest);
                seen.Add(entry.Pointer.Number);
                // One number may have several records where another's is lost.
                if (seen.Count <= versions && last is not null)
                    Add(entry.Version, $"{fullName} version");
                last = entry;
            }
            if (last is not { Unreadable: not null, Pointer.Number: > 1 })
                continue;
            // It may have had another name then. What is whole stays, until a publish leads on from here.
            foreach ((VersionPointer pointer, AppliedVersion version, _) in await records.ListAsync(last.Pointer, cancellationToken))
            {
                _records.Add(pointer.Digest);
                Add(version, $"{version.Flow}/{version.Name} version");
            }
            _notes.Add(string.Create(CultureInfo.InvariantCulture, $"What came before version {last.Pointer.Number} of {fullName} cannot be told, since its record cannot be read: {last.Unreadable} Every package that a record of its app names is kept."));
        }

        void Add(AppliedVersion? version, string who)
        {
            if (version?.Package is { } text && PackageReference.TryParse(text) is { } package)
                Users(package.Digest).Add(string.Create(CultureInfo.InvariantCulture, $"{who} {version.Number}"));
        }
    }

    /// <summary>Adds what another server's deployments and runs name.</summary>
    public void Add(PackageUses other)
    {
        foreach ((string digest, SortedSet<string> users) in other._users)
            Users(digest).UnionWith(users);
        _records.UnionWith(other._records);
        _notes.AddRange(other._notes);
    }

    private void Add(IReadOnlyDictionary<string, JsonElement>? variables, string user)
    {
        if (variables is null)
            return;
        foreach (string? text in new[] { Text(variables, $"env.{PackageReference.Variable}"), variables.TryGetValue("env", out JsonElement env) && env.ValueKind == JsonValueKind.Object && env.TryGetProperty(PackageReference.Variable, out JsonElement nested) && nested.ValueKind == JsonValueKind.String ? nested.GetString() : null })
        {
            if (text is not null && PackageReference.TryParse(text) is { } package)
                Users(package.Digest).Add(user);
        }
    }

    private SortedSet<string> Users(string digest) =>
        _users.TryGetValue(digest, out SortedSet<string>? users) ? users : _users[digest] = new(StringComparer.Ordinal);

    private static string? Text(IReadOnlyDictionary<string, JsonElement> variables, string name) =>
        variables.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
