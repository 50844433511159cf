using System.Globalization;
using Sluice.Cli.Connection;
using Sluice.Cli.Runs;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Cli.Versions;

/// <summary>Finds a deployment and its versions.</summary>
internal static class VersionFinder
{
    /// <summary>A deployment by name or id, and its full name.</summary>
    public static async Task<(Deployment Live, string FullName)> DeploymentAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken)
    {
        Deployment live = await Finder.DeploymentAsync(api, name, cancellationToken);
        return (live, (await FlowNames.LoadAsync(api, [live.FlowId], cancellationToken)).FullName(live));
    }

    /// <summary>Its newest versions, the newest first.</summary>
    public static async Task<List<VersionEntry>> ReadAsync(ApiConnection connection, Deployment live, string fullName, int limit, CancellationToken cancellationToken)
    {
        var entries = new List<VersionEntry>();
        await using var records = new VersionRecords(ServerSources.Of(connection.Api), VersionRecords.Stores(Environment.GetEnvironmentVariable(VersionRecords.StoresVariable)));
        await foreach (VersionEntry entry in VersionHistory.ReadAsync(records, live, fullName, cancellationToken))
        {
            entries.Add(entry);
            if (entries.Count >= limit)
                break;
        }
        return entries;
    }

    /// <summary>The version that a deployment is; null where it has none. That its record cannot be read now is told, and hinders nobody.</summary>
    public static async Task<VersionEntry?> PresentAsync(ApiConnection connection, Deployment live, string fullName, CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadAsync(connection, live, fullName, 1, cancellationToken)).FirstOrDefault();
        }
        catch (StorageException e)
        {
            return new(VersionPointer.Of(live.JobVariables)!, null, null, e.Message);
        }
    }

    /// <summary>One version by its number.</summary>
    public static AppliedVersion Version(IReadOnlyList<VersionEntry> entries, int number, string fullName)
    {
        VersionEntry entry = entries.FirstOrDefault(one => one.Pointer.Number == number) ?? throw new CliException(
            entries.Count == 0 ? $"'{fullName}' has no versions: it was not published, or before there were any"
            : string.Create(CultureInfo.InvariantCulture, $"'{fullName}' has no version {number}. It has {string.Join(", ", entries.Select(one => one.Pointer.Number).Order())}"));
        return entry.Version ?? throw new CliException(string.Create(CultureInfo.InvariantCulture, $"version {number} of '{fullName}' cannot be read: {entry.Unreadable}"));
    }
}
