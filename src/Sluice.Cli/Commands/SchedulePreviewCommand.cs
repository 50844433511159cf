using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Scheduling;
using Sluice.Schedules;

namespace Sluice.Cli.Commands;

/// <summary><c>schedule preview</c>: when a schedule fires, for people, for programs, and line by line.</summary>
internal static class SchedulePreviewCommand
{
    public static Command Create(CliContext context)
    {
        var options = new ScheduleOptions();
        var from = new Option<string?>("--from") { Description = "The first due time is at or after this ISO 8601 time. Default: now.", HelpName = "TIME" };
        var count = new Option<int>("--count") { Description = "How many due times.", HelpName = "N", DefaultValueFactory = _ => SchedulePreview.DefaultCount };
        var input = new Option<string?>("--input")
        {
            Description = "A file ('-': standard input) with one JSON object a line: {\"cron\"|\"interval\"|\"rrule\", \"day_or\", \"anchor_date\", \"timezone\", "
                + "\"from\", \"count\"}. Each line gets one JSON answer, in order.",
            HelpName = "FILE|-",
        };
        return new Verb(context, "preview", "Shows when a schedule fires.")
        {
            Examples =
            [
                "sluice schedule preview --cron \"0 6 * * 1-5\" --timezone Europe/Paris",
                "sluice schedule preview --interval PT15M --count 3 --output json",
                "echo '{\"rrule\":\"FREQ=DAILY;BYHOUR=9\",\"from\":\"2026-01-01T00:00:00Z\"}' | sluice schedule preview --input -",
            ],
        }.With([.. options.All, from, count, input]).Reads().Does(async (call, cancellationToken) =>
        {
            if (call.Get(input) is { } file)
                return await AnswerLinesAsync(file, call, cancellationToken);
            ScheduleText schedule = options.Read(call);
            if (call.Get(from) is { } text && !SchedulePreview.TryParseTime(text, out _))
                throw CliException.BadUsage($"--from '{text}' is not an ISO 8601 time; write e.g. 2026-01-31T06:00:00Z");
            if (call.Get(count) is < 1 or > SchedulePreview.MaxCount)
                throw CliException.BadUsage($"--count is {call.Get(count)}; it takes 1 to {SchedulePreview.MaxCount}");
            DateTimeOffset start = call.Get(from) is { } given && SchedulePreview.TryParseTime(given, out DateTimeOffset parsed) ? parsed : call.Now;
            return Answer(call, schedule, start, call.Get(count));
        });
    }

    private static int Answer(Invocation call, ScheduleText schedule, DateTimeOffset from, int count)
    {
        if (!schedule.TryParse(out Occurrences? occurrences, out ScheduleError? error))
        {
            if (call.Json)
                call.Screen.Line(SchedulePreview.Invalid(error!));
            throw CliException.BadUsage(schedule.Explain(error!));
        }
        IReadOnlyList<DateTime> due = occurrences!.Take(from.UtcDateTime, count);
        if (call.Json)
        {
            call.Screen.Line(SchedulePreview.Valid(due));
            return ExitCodes.Ok;
        }
        call.Screen.Line(occurrences.Explain());
        if (due.Count == 0)
        {
            call.Screen.Line("It never fires.");
            return ExitCodes.Ok;
        }
        TimeZoneInfo zone = schedule.Zone();
        var table = new TableView(new Column("UTC"), new Column($"In {schedule.TimeZone ?? "UTC"}"), new Column("Is"));
        foreach (DateTime time in due)
        {
            var instant = new DateTimeOffset(time, TimeSpan.Zero);
            string wall = TimeZoneInfo.ConvertTime(instant, zone).ToString("ddd yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
            table.Add(Words.Utc(instant), wall, Words.Relative(instant, call.Now));
        }
        table.Write(call.Screen);
        return ExitCodes.Ok;
    }

    private static async Task<int> AnswerLinesAsync(string file, Invocation call, CancellationToken cancellationToken)
    {
        using TextReader lines = file == "-" ? new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)) : new StreamReader(file, new UTF8Encoding(false));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
            call.Screen.Out.WriteLine(SchedulePreview.AnswerLine(line, call.Now));
        return ExitCodes.Ok;
    }
}
