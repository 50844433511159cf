using System.Globalization;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Planning;
using Sluice.Orchestration;

namespace Sluice.Deploy.Ownership;

/// <summary>
/// Recognises deployments that were renamed by their method: the code has a new one, the server one of the same method that the code no longer has. Only what fits one
/// to one is a rename: by the deployment's name (its flow was renamed), then by what people say, the schedules, and at last where only one is left on each side.
/// </summary>
internal static class Renames
{
    /// <summary>Finds them.</summary>
    /// <param name="planned">What the code declares.</param>
    /// <param name="vanished">What this app's publishes created and the code no longer has.</param>
    /// <returns>The planned deployments, those that were renamed with the live one and its name; and those of which it cannot be told what became of them.</returns>
    public static (PlannedDeployment[] Planned, IReadOnlyList<UnclearRename> Unclear) Find(PlannedDeployment[] planned, IReadOnlyList<OwnedDeployment> vanished)
    {
        planned = [.. planned];
        var open = vanished.ToList();
        var unclear = new List<UnclearRename>();
        foreach (string entrypoint in planned.Where(p => p.Live is null).Select(p => p.Flow.Entrypoint).Distinct().ToArray())
        {
            List<int> created = [.. Enumerable.Range(0, planned.Length).Where(i => planned[i].Live is null && planned[i].Flow.Entrypoint == entrypoint)];
            List<OwnedDeployment> old = [.. open.Where(o => o.Live.Entrypoint == entrypoint)];
            Match((p, o) => p.Declared.Name == o.Live.Name);
            Match((p, o) => p.Declared.Schedules is { Count: > 0 } schedules && Timing(schedules).SetEquals(Timing(o.Live.Schedules)));
            Match((_, _) => true);
            if (created.Count > 0 && old.Count > 0)
                unclear.Add(new([.. created.Select(i => planned[i].FullName)], [.. old.Select(o => o.FullName)]));

            void Match(Func<PlannedDeployment, OwnedDeployment, bool> fits)
            {
                foreach (int i in created.ToArray())
                {
                    // One to one: another that fits as well on either side leaves it open.
                    if (old.Where(o => fits(planned[i], o)).ToArray() is not [var only] || created.Count(other => fits(planned[other], only)) != 1)
                        continue;
                    planned[i] = planned[i] with { Live = only.Live, MovedFrom = only.FullName };
                    created.Remove(i);
                    old.Remove(only);
                    open.Remove(only);
                }
            }
        }
        return (planned, unclear);
    }

    /// <summary>Applies what a person said: <c>old=new</c>, with semicolons between several.</summary>
    /// <param name="text">The property <c>SluiceRename</c>.</param>
    /// <param name="planned">What the code declares.</param>
    /// <param name="owned">This app's deployments in this environment.</param>
    /// <param name="environment">Its suffix may be left out of the names.</param>
    /// <exception cref="DeployException">It cannot be read, or names a deployment that the code does not declare.</exception>
    public static PlannedDeployment[] Said(string? text, PlannedDeployment[] planned, IReadOnlyList<OwnedDeployment> owned, DeployedEnvironment? environment)
    {
        planned = [.. planned];
        foreach (string pair in (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (pair.Split('=', StringSplitOptions.TrimEntries) is not [{ Length: > 0 } old, { Length: > 0 } renamed] || !old.Contains('/', StringComparison.Ordinal) || !renamed.Contains('/', StringComparison.Ordinal))
                throw new DeployException((DeployCodes.RenameInvalid, $"SluiceRename '{pair}' cannot be read: write OLD=NEW, each as flow/deployment, with semicolons between several."));
            int i = Array.FindIndex(planned, p => Names(p.FullName, renamed));
            if (i < 0)
                throw new DeployException((DeployCodes.RenameInvalid, $"SluiceRename says that {old} is {renamed} now, and the code declares no {renamed}. It declares: {string.Join(", ", planned.Select(p => p.FullName))}."));
            // The property may stay in the project: where it was done already, or the server never had the old one, it says nothing.
            if (planned[i].Live is null && owned.FirstOrDefault(o => Names(o.FullName, old)) is { } live)
            {
                if (planned.Any(p => p.FullName == live.FullName))
                    throw new DeployException((DeployCodes.RenameInvalid, $"SluiceRename says that {old} is {renamed} now, and the code still declares {old}."));
                if (planned.FirstOrDefault(p => p.Live?.Id == live.Live.Id) is { } taken)
                    throw new DeployException((DeployCodes.RenameInvalid, $"SluiceRename says that {old} is {renamed} now, and that it is {taken.FullName}: it can become one of them only."));
                planned[i] = planned[i] with { Live = live.Live, MovedFrom = live.FullName };
            }
        }
        return planned;

        bool Names(string fullName, string said) => fullName == said || fullName == environment?.Suffixed(said);
    }

    private static HashSet<string> Timing(IEnumerable<ScheduleManifest> schedules) =>
        [.. schedules.Select(s => Timing(s.Schedule.Cron, s.Schedule.Interval, s.Schedule.Rrule, s.Schedule.Timezone))];

    private static HashSet<string> Timing(IEnumerable<DeploymentSchedule> schedules) =>
        // A server may write a rule's start before it.
        [.. schedules.Select(s => Timing(s.Schedule.Cron, s.Schedule.Interval, s.Schedule.Rrule?.Split('\n')[^1], s.Schedule.Timezone))];

    private static string Timing(string? cron, double? interval, string? rrule, string? timezone) =>
        string.Create(CultureInfo.InvariantCulture, $"{cron}|{interval}|{rrule}|{timezone ?? "UTC"}");
}
