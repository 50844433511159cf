using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>A limit on task runs with a tag, as Prefect's older routes answer it.</summary>
internal sealed record TagLimit
{
    public required Guid Id { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Updated { get; init; }

    public required string Tag { get; init; }

    public required int ConcurrencyLimit { get; init; }

    /// <summary>The task runs that hold a slot.</summary>
    public required IReadOnlyList<Guid> ActiveSlots { get; init; }
}

/// <summary>The body that creates or changes a limit of a tag.</summary>
internal sealed record TagLimitCreate
{
    public required string Tag { get; init; }

    public required int ConcurrencyLimit { get; init; }
}

/// <summary>The body that frees the slots of a tag, but for those named.</summary>
internal sealed record TagLimitReset
{
    public IReadOnlyList<Guid>? SlotOverride { get; init; }
}

/// <summary>The body that takes or gives back a slot of each tag for a task run.</summary>
internal sealed record TagSlots
{
    public required IReadOnlyList<string> Names { get; init; }

    public required Guid TaskRunId { get; init; }
}

/// <summary>
/// Limits by tag are concurrency limits with the name <c>tag:…</c>, as in Prefect since 3.4: what is set by the older routes holds for those who ask
/// by the newer ones.
/// </summary>
internal static class TagLimits
{
    /// <summary>What the name of a limit of a tag begins with.</summary>
    public const string Prefix = "tag:";

    /// <summary>Who asks by the older routes cannot renew, so the slot is held until it is given back: Prefect's hundred years.</summary>
    private static readonly TimeSpan _forever = TimeSpan.FromDays(100 * 365);

    public static LimitRow? Find(Scope scope, string tag) => ConcurrencyLimits.Row(scope, Prefix + tag);

    public static LimitRow? Find(Scope scope, Guid id) => ConcurrencyLimits.Row(scope, id) is { } row && row.Name.StartsWith(Prefix, StringComparison.Ordinal) ? row : null;

    public static TagLimit Seen(Scope scope, LimitRow row) => new()
    {
        Id = row.Id,
        Created = row.Created,
        Updated = row.Updated,
        Tag = row.Name[Prefix.Length..],
        ConcurrencyLimit = row.Limit,
        ActiveSlots = [.. ConcurrencySlots.Holders(scope, row.Id).Where(holder => holder.Type == "task_run").Select(holder => holder.Id)],
    };

    public static List<TagLimit> List(Scope scope, ConcurrencyLimitsQuery query) =>
        [.. ConcurrencyLimits.Rows(scope, Sql.Raw("l.name LIKE 'tag:%'"), query).Select(row => Seen(scope, row))];

    public static TagLimit Set(Scope scope, TagLimitCreate body)
    {
        if (string.IsNullOrWhiteSpace(body.Tag))
            throw Refuse.Invalid("body.tag", "The tag of a concurrency limit must not be empty.");
        if (Find(scope, body.Tag) is { } row)
            ConcurrencyLimits.Update(scope, row, new() { Limit = body.ConcurrencyLimit });
        else
            ConcurrencyLimits.Create(scope, new() { Name = Prefix + body.Tag, Limit = body.ConcurrencyLimit });
        return Seen(scope, Find(scope, body.Tag)!);
    }

    public static bool Reset(Scope scope, string tag, IReadOnlyList<Guid> keep)
    {
        if (Find(scope, tag) is not { } row)
            return false;
        ConcurrencyLimits.Update(scope, row, new() { ActiveSlots = 0 });
        foreach (Guid taskRun in keep)
            ConcurrencySlots.Hold(scope, Find(scope, tag)!, new() { Type = "task_run", Id = taskRun }, _forever);
        return true;
    }

    /// <summary>Takes a slot of each tag that has a limit. Answers why not, where one has none free.</summary>
    public static (IReadOnlyList<SlotsLimit> Taken, string? Refusal) Take(Scope scope, TagSlots ask)
    {
        List<LimitRow> limits = ConcurrencyLimits.Rows(scope, ask.Names.Select(tag => Prefix + tag));
        if (limits.Find(limit => limit.Limit == 0) is { } none)
            return ([], $"The concurrency limit on tag \"{none.Name[Prefix.Length..]}\" is 0 and will deadlock if the task tries to run again.");
        LimitRow[] active = [.. limits.Where(limit => limit.Active)];
        // A client that heard no answer asks again: the slot that its task run has is the one.
        LimitRow[] wanted = [.. active.Where(limit => !ConcurrencySlots.Holders(scope, limit.Id).Exists(holder => holder.Id == ask.TaskRunId))];
        if (Array.Find(wanted, limit => limit.ActiveAt(scope.Now) - ConcurrencySlots.Expired(scope, limit.Id) + 1 > limit.Limit) is { } full)
            return ([], $"Concurrency limit for the {full.Name[Prefix.Length..]} tag has been reached");
        foreach (LimitRow limit in wanted)
            ConcurrencySlots.Hold(scope, limit, new() { Type = "task_run", Id = ask.TaskRunId }, _forever);
        return ([.. active.Select(limit => new SlotsLimit { Id = limit.Id, Name = limit.Name[Prefix.Length..], Limit = limit.Limit })], null);
    }

    public static IReadOnlyList<SlotsLimit> Give(Scope scope, TagSlots give)
    {
        List<LimitRow> limits = ConcurrencyLimits.Rows(scope, give.Names.Select(tag => Prefix + tag));
        foreach (LimitRow limit in limits)
            ConcurrencySlots.Release(scope, limit, give.TaskRunId);
        return [.. limits.Select(limit => new SlotsLimit { Id = limit.Id, Name = limit.Name, Limit = limit.Limit })];
    }
}
