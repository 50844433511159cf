using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Schedules;

namespace Sluice.Cli.Times;

/// <summary>The options that say when a run is due.</summary>
internal sealed class StartOptions
{
    private readonly Option<string?> _in = new("--start-in") { Description = "Start after this time: '10 minutes', seconds, 00:15:00 or PT15M.", HelpName = "DURATION" };
    private readonly Option<string?> _at = new("--start-at") { Description = "Start at this time: 'tomorrow at 9am', 'next monday 9:30', ISO 8601; by the clock of --timezone.", HelpName = "TIME" };
    private readonly Option<string?> _zone = new("--timezone") { Description = "Whose clock --start-at means: an IANA time zone. Default: this machine's.", HelpName = "ZONE" };

    public IReadOnlyList<Option> All => [_in, _at, _zone];

    /// <summary>The time that the options say; null where they say none.</summary>
    public PhraseTime? Read(Invocation call)
    {
        if (call.Get(_in) is not null && call.Get(_at) is not null)
            throw CliException.BadUsage("write one of --start-in and --start-at, not both");
        if (call.Get(_zone) is not null && call.Get(_at) is null && call.Get(_in) is null)
            throw CliException.BadUsage("--timezone belongs to --start-at");
        TimeZoneInfo zone = call.Get(_zone) is { } id ? Zone(id) : call.Time.LocalTimeZone;
        if (call.Get(_in) is { } length)
            return new(call.Now + Duration("--start-in", length, call, zone), null);
        if (call.Get(_at) is not { } text)
            return null;
        return TimePhrase.TryParse(text, call.Now, zone, out PhraseTime time, out string? error)
            ? time with { Time = time.Time.ToUniversalTime() }
            : throw CliException.BadUsage($"--start-at '{text}' {error}; {TimePhrase.Examples}");
    }

    /// <summary>A length of time as a schedule's interval is written, or in words.</summary>
    public static TimeSpan Duration(string option, string text, Invocation call, TimeZoneInfo? zone = null)
    {
        if (!Durations.TryParse(text, out TimeSpan duration, out _) && !TimePhrase.TryParseDuration(text, call.Now, zone ?? call.Time.LocalTimeZone, out duration))
            throw CliException.BadUsage($"{option} '{text}' is not a duration; write e.g. '10 minutes', '2 hours', 90, 00:01:30 or PT1M30S");
        return duration >= TimeSpan.Zero ? duration : throw CliException.BadUsage($"{option} is {text}; it takes 0 or more");
    }

    private static TimeZoneInfo Zone(string id)
    {
        // The grammar of schedules knows what is meant by a wrong one.
        if (TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? zone))
            return zone;
        Occurrences.TryParseCron("0 0 * * *", null, id, out _, out ScheduleError? error);
        throw CliException.BadUsage($"--timezone '{id}' cannot be used: {error?.Message ?? "this machine has no rules of it"}");
    }
}
