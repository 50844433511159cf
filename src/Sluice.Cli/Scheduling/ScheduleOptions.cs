using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Orchestration;

namespace Sluice.Cli.Scheduling;

/// <summary>The options that write a schedule.</summary>
internal sealed class ScheduleOptions
{
    private readonly Option<string?> _cron = new("--cron") { Description = "A cron expression: 5 fields, seconds as the 6th, years as the 7th.", HelpName = "CRON" };
    private readonly Option<bool?> _dayOr = new("--day-or", "--day_or") { Description = "With --cron: whether day of month and day of week are ORed. Default: true.", HelpName = "BOOL" };
    private readonly Option<string?> _interval = new("--interval") { Description = "Time between runs: seconds, 00:15:00 or PT15M.", HelpName = "DURATION" };
    private readonly Option<string?> _anchor = new("--anchor", "--anchor-date") { Description = "With --interval: the ISO 8601 time that due times are counted from.", HelpName = "TIME" };
    private readonly Option<string?> _rrule = new("--rrule") { Description = "An RFC 5545 recurrence rule.", HelpName = "RRULE" };
    private readonly Option<string?> _timeZone = new("--timezone") { Description = "The IANA time zone. Default: UTC.", HelpName = "ZONE" };
    private readonly Option<string?> _dst = CreateDst();

    public IReadOnlyList<Option> All => [_cron, _dayOr, _interval, _anchor, _rrule, _timeZone, _dst];

    /// <summary>The schedule that the options write; not one, or more than one, is bad usage.</summary>
    public ScheduleText Read(Invocation call)
    {
        string?[] kinds = [call.Get(_cron), call.Get(_interval), call.Get(_rrule)];
        if (kinds.Count(kind => kind is not null) != 1)
            throw CliException.BadUsage("write exactly one of --cron, --interval and --rrule");
        if (call.Get(_dayOr) is not null && kinds[0] is null)
            throw CliException.BadUsage("--day-or belongs to --cron");
        DateTimeOffset? anchor = null;
        if (call.Get(_anchor) is { } text)
        {
            if (kinds[1] is null)
                throw CliException.BadUsage("--anchor belongs to --interval");
            anchor = SchedulePreview.TryParseTime(text, out DateTimeOffset time)
                ? time
                : throw CliException.BadUsage($"--anchor '{text}' is not an ISO 8601 time; write e.g. 2026-01-31T06:00:00Z");
        }
        if (call.Get(_dst) is not null && kinds[1] is not null)
            throw CliException.BadUsage("--dst belongs to --cron and --rrule: an interval is exact whatever the clocks do");
        return new(kinds[0], call.Get(_dayOr), kinds[1], anchor, kinds[2], call.Get(_timeZone), Dst(call.Get(_dst)));
    }

    private static ScheduleDst? Dst(string? text) => text switch
    {
        null => null,
        "vixie-like" => ScheduleDst.VixieLike,
        _ => ScheduleDst.PrefectCompatible,
    };

    private static Option<string?> CreateDst()
    {
        var dst = new Option<string?>("--dst")
        {
            Description = "How it goes through the change of clocks: as Prefect does (the default), or as Vixie cron does, which Sluice's server can too.",
            HelpName = "prefect-compatible|vixie-like",
        };
        return dst.AcceptOnlyFromAmong("prefect-compatible", "vixie-like");
    }
}
