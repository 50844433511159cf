namespace Sluice.Deploy.Planning.Merge;

/// <summary>The place of a field within a deployment. Names are kept apart, since those of people may hold dots and brackets.</summary>
/// <param name="Member">The member on the wire, as <c>parameters</c>.</param>
/// <param name="Key">The parameter, job variable, label or tag; the slug of a schedule.</param>
/// <param name="Name">The environment variable; the member of a schedule.</param>
internal readonly record struct FieldPath(string Member, string? Key = null, string? Name = null) : IComparable<FieldPath>
{
    public const string Parameters = "parameters";
    public const string JobVariables = "job_variables";
    public const string Env = "env";
    public const string Tags = "tags";
    public const string Labels = "labels";
    public const string Schedules = "schedules";
    public const string Paused = "paused";

    /// <summary>When a schedule fires: <c>{"cron": …}</c>, <c>{"interval": …}</c> or <c>{"rrule": …}</c>. A schedule is there where this is.</summary>
    public const string When = "schedule";

    /// <summary>Whether a schedule makes runs.</summary>
    public const string Active = "active";

    /// <summary>What begins the name of a parameter of a schedule.</summary>
    public const string ScheduleParameter = "parameters.";

    /// <summary>The flow's parameter that it is a value of, the deployment's or a schedule's; null for other fields.</summary>
    public string? Parameter => this switch
    {
        { Member: Parameters } => Key,
        { Member: Schedules, Name: { } name } when name.StartsWith(ScheduleParameter, StringComparison.Ordinal) => name[ScheduleParameter.Length..],
        _ => null,
    };

    public int CompareTo(FieldPath other) => (string.CompareOrdinal(Member, other.Member), string.CompareOrdinal(Key, other.Key), string.CompareOrdinal(Name, other.Name)) switch
    {
        ( not 0 and var member, _, _) => member,
        (_, not 0 and var key, _) => key,
        (_, _, var name) => name,
    };

    /// <inheritdoc/>
    public override string ToString() => this switch
    {
        { Key: null } => Member,
        { Member: Tags } => $"{Member}[{Key}]",
        { Member: Schedules, Name: null } => $"{Member}[{Key}]",
        { Member: Schedules } => $"{Member}[{Key}].{Name}",
        { Name: null } => $"{Member}.{Key}",
        _ => $"{Member}.{Key}.{Name}",
    };
}
