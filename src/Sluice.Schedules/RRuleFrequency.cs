namespace Sluice.Schedules;

/// <summary>The periods of a recurrence rule, from long to short.</summary>
internal enum RRuleFrequency
{
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}
