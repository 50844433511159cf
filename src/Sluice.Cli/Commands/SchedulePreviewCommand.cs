using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Cli.Scheduling;
using Sluice.Orchestration;
using Sluice.Schedules;

namespace Sluice.Cli.Commands;

/// <summary><c>schedule preview</c>: when a schedule fires, for people, for programs, and line by line.</summary>
internal static class SchedulePreviewCommand
{
    public static Command Create(CliContext context)
    {
        var name = new Argument<string?>("FLOW/DEPLOYMENT") { Description = "All schedules of this deployment, in place of one that the options write.", Arity = ArgumentArity.ZeroOrOne };
        var options = new ScheduleOptions();
        var from = new Option<string?>("--from") { Description = "The first due time is at or after this ISO 8601 time. Default: now.", HelpName = "TIME" };
        var count = new Option<int>("--count") { Description = "How many due times.", HelpName = "N", DefaultValueFactory = _ => SchedulePreview.DefaultCount };
        var input = new Option<string?>("--input")
        {
            Description = "A file ('-': standard input) with one JSON object a line: {\"cron\"|\"interval\"|\"rrule\", \"day_or\", \"anchor_date\", \"timezone\", "
                + "\"dst\", \"from\", \"count\"}. Each line gets one JSON answer, in order.",
            HelpName = "FILE|-",
        };
        return new Verb(context, "preview", "Shows when a schedule fires.")
        {
            Examples =
            [
                "sluice schedule preview --cron \"0 6 * * 1-5\" --timezone Europe/Paris",
                "sluice schedule preview --interval PT15M --count 3 --output json",
                "sluice schedule preview \"Weather report/daily\"",
                "echo '{\"rrule\":\"FREQ=DAILY;BYHOUR=9\",\"from\":\"2026-01-01T00:00:00Z\"}' | sluice schedule preview --input -",
            ],
        }.With([name, .. options.All, from, count, input]).Reads().Checks(call =>
        {
            if (call.Get(input) is not null && (call.Get(name) is not null || options.All.Append(from).Append(count).Any(call.IsGiven)))
                throw CliException.BadUsage("--input reads schedules, times and counts from its lines: write no other option beside it");
            if (call.Get(input) is null && call.Get(name) is null && !options.All.Any(call.IsGiven))
                throw CliException.BadUsage("write a schedule (--cron, --interval or --rrule), a deployment as flow/deployment, or --input FILE");
            if (call.Get(name) is not null && options.All.Any(call.IsGiven))
                throw CliException.BadUsage("write a deployment, or a schedule by options, not both");
            if (call.Get(from) is { } text && !SchedulePreview.TryParseTime(text, out _))
                throw CliException.BadUsage($"--from '{text}' is not an ISO 8601 time; write e.g. 2026-01-31T06:00:00Z");
            if (call.Get(count) is < 1 or > SchedulePreview.MaxCount)
                throw CliException.BadUsage($"--count is {call.Get(count)}; it takes 1 to {SchedulePreview.MaxCount}");
        }).Does(async (call, cancellationToken) =>
        {
            if (call.Get(input) is { } file)
                return await AnswerLinesAsync(file, call, cancellationToken);
            DateTimeOffset start = call.Get(from) is { } given && SchedulePreview.TryParseTime(given, out DateTimeOffset parsed) ? parsed : call.Now;
            return call.Get(name) is { } deployment
                ? await AnswerAsync(call, deployment, start, call.Get(count), cancellationToken)
                : Answer(call, options.Read(call), start, call.Get(count));
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
        if (call.Json)
        {
            call.Screen.Line(SchedulePreview.Valid(occurrences!.Take(from.UtcDateTime, count)));
            return ExitCodes.Ok;
        }
        call.Screen.Line(occurrences!.Explain() + ScheduleOptionWords.Of(null, null, schedule.Dst));
        new DueTimes(occurrences, schedule.TimeZone, from, count).Write(call.Screen, call.Time);
        return ExitCodes.Ok;
    }

    private static async Task<int> AnswerAsync(Invocation call, string name, DateTimeOffset from, int count, CancellationToken cancellationToken)
    {
        await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
        Deployment deployment = await Finder.DeploymentAsync(connection.Api, name, cancellationToken);
        if (call.Json)
        {
            Json.Write(call.Screen.Out, new JsonArray([.. deployment.Schedules.Select(schedule => (JsonNode)ToJson(schedule, from, count))]));
            return ExitCodes.Ok;
        }
        if (deployment.Schedules.Count == 0)
            call.Screen.Note($"'{name}' has no schedule.");
        else if (deployment.Paused)
            call.Screen.Note($"It is paused: sluice deployment resume-schedule {Shell.Quote(name)} lets it run.");
        foreach (DeploymentSchedule schedule in deployment.Schedules)
        {
            if (schedule != deployment.Schedules[0])
                call.Screen.Line();
            call.Screen.Line(ScheduleWords.WithSlug(schedule));
            if (ScheduleWords.Parse(schedule) is { HasZoneData: true } occurrences)
                new DueTimes(occurrences, schedule.Schedule.Timezone, from, count).Write(call.Screen, call.Time);
            else
                call.Screen.Line("This program cannot say when that is.");
        }
        return ExitCodes.Ok;
    }

    private static JsonObject ToJson(DeploymentSchedule schedule, DateTimeOffset from, int count)
    {
        var json = new JsonObject { ["slug"] = schedule.Slug, ["active"] = schedule.Active };
        bool isKnown = ScheduleWords.Parse(schedule) is { HasZoneData: true };
        string answer = isKnown
            ? SchedulePreview.Valid(ScheduleWords.Parse(schedule)!.Take(from.UtcDateTime, count))
            : SchedulePreview.Invalid(new(0, 0, "this program cannot say when that is"));
        foreach ((string key, JsonNode? value) in JsonNode.Parse(answer)!.AsObject())
            json[key] = value?.DeepClone();
        return json;
    }

    private static async Task<int> AnswerLinesAsync(string file, Invocation call, CancellationToken cancellationToken)
    {
        using TextReader lines = file == "-" ? new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)) : new StreamReader(file, new UTF8Encoding(false));
        // A console cannot be cancelled while it reads, so the wait for it is.
        while (await lines.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken) is { } line)
            call.Screen.Out.WriteLine(SchedulePreview.AnswerLine(line, call.Now));
        return ExitCodes.Ok;
    }
}
