using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;
using Spectre.Console;

namespace Sluice.Cli.Commands;

/// <summary><c>concurrency-limit …</c>: the limits that flows hold slots of. Prefect's command line names them <c>global-concurrency-limit</c>, or <c>gcl</c>.</summary>
internal static class ConcurrencyLimitCommands
{
    public static IEnumerable<Command> Create(CliContext context) =>
        [List(context), Create(context, Name()), Inspect(context, Name()), Update(context, Name()), Switch(context, Name(), true), Switch(context, Name(), false), Delete(context, Name())];

    private static Argument<string> Name() => new("NAME") { Description = "The limit's name." };

    private static Option<double?> Decay() => new("--slot-decay-per-second")
    {
        Description = "How many occupied slots become free each second by themselves: more than 0 makes a limit of rate.",
        HelpName = "N",
    };

    private static Verb List(CliContext context) =>
        new Verb(context, "ls", "Lists the limits that flows share.") { Examples = ["sluice concurrency-limit ls"] }
            .Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                List<GlobalConcurrencyLimit> limits = await AllAsync(connection.Api, cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. limits.Select(limit => (JsonNode)Json.Object(limit))]));
                    return ExitCodes.Ok;
                }
                if (limits.Count == 0)
                {
                    call.Screen.Note("There are no concurrency limits. 'sluice concurrency-limit create NAME SLOTS' makes one.");
                    return ExitCodes.Ok;
                }
                var table = new TableView(new Column("Name"), new Column("Slots", Right: true), new Column("Occupied", Right: true), new Column("Decay/s", Right: true), new Column("Active"), new Column("Changed", Rank: 1), new Column("Id", Rank: 2));
                foreach (GlobalConcurrencyLimit limit in limits)
                {
                    table.Add(
                        limit.Name ?? "", Number(limit.Limit), Number(limit.ActiveSlots), Decay(limit), limit.Active == false ? new Cell("no", new Style(Color.Grey)) : "yes",
                        limit.Updated is { } changed ? Words.Relative(changed, call.Now) : "", limit.Id.ToString());
                }
                table.Write(call.Screen);
                return ExitCodes.Ok;
            });

    private static Verb Create(CliContext context, Argument<string> name)
    {
        var slots = new Argument<int>("SLOTS") { Description = "How many slots it has, from 0." };
        Option<double?> decay = Decay();
        var inactive = new Option<bool>("--disable") { Description = "It holds nobody back at first." };
        return new Verb(context, "create", "Creates a limit.")
        {
            Examples = ["sluice concurrency-limit create database 5", "sluice concurrency-limit create api 10 --slot-decay-per-second 2"],
        }.With(name, slots, decay, inactive).Reads().Checks(call => Check(call.Get(slots), call.Get(decay))).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            GlobalConcurrencyLimit limit = await connection.Api.CreateConcurrencyLimitAsync(
                new() { Name = call.Get(name), Limit = call.Get(slots), SlotDecayPerSecond = call.Get(decay), Active = call.Get(inactive) ? false : null }, cancellationToken);
            if (call.Json)
                Json.Write(call.Screen.Out, Json.Object(limit));
            else
                call.Screen.Line($"Created concurrency limit '{call.Get(name)}' with {Words.Count(call.Get(slots), "slot")}. Flows hold one by: await using var _ = await context.Concurrency.AcquireAsync(\"{call.Get(name)}\");");
            return ExitCodes.Ok;
        });
    }

    private static Verb Inspect(CliContext context, Argument<string> name) =>
        new Verb(context, "inspect", "Shows a limit.") { Examples = ["sluice concurrency-limit inspect database"] }
            .With(name).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                GlobalConcurrencyLimit limit = await FindAsync(connection.Api, call.Get(name), cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, Json.Object(limit));
                    return ExitCodes.Ok;
                }
                new Details($"Concurrency limit {limit.Name}").Add("Id", limit.Id.ToString()).Add("Slots", Number(limit.Limit)).Add("Occupied", Number(limit.ActiveSlots))
                    .Add("Decay/s", Decay(limit)).Add("Active", limit.Active == false ? "no: it holds nobody back" : "yes")
                    .Add("Created", limit.Created is { } created ? Words.LocalAndUtc(created) : null).Add("Changed", limit.Updated is { } changed ? Words.LocalAndUtc(changed) : null).Write(call.Screen);
                return ExitCodes.Ok;
            });

    private static Verb Update(CliContext context, Argument<string> name)
    {
        var slots = new Option<int?>("--limit", "-l") { Description = "How many slots it has, from 0. Fewer than are occupied takes nobody's away.", HelpName = "N" };
        var occupied = new Option<int?>("--active-slots") { Description = "How many slots count as occupied: 0 frees all, whoever thinks to hold them.", HelpName = "N" };
        Option<double?> decay = Decay();
        return new Verb(context, "update", "Changes a limit.") { Examples = ["sluice concurrency-limit update database --limit 10", "sluice concurrency-limit update database --active-slots 0"] }
            .With(name, slots, occupied, decay).Checks(call =>
            {
                Check(call.Get(slots), call.Get(decay));
                Numbers.AtLeast(0, occupied.Name, call.Get(occupied));
                if (call.Get(slots) is null && call.Get(occupied) is null && call.Get(decay) is null)
                    throw CliException.BadUsage("nothing to change: write --limit, --active-slots or --slot-decay-per-second");
            }).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                await FindAsync(connection.Api, call.Get(name), cancellationToken);
                await connection.Api.UpdateConcurrencyLimitAsync(
                    call.Get(name), new() { Limit = call.Get(slots), ActiveSlots = call.Get(occupied), SlotDecayPerSecond = call.Get(decay) }, cancellationToken);
                call.Screen.Line($"Changed concurrency limit '{call.Get(name)}'.");
                return ExitCodes.Ok;
            });
    }

    private static Verb Switch(CliContext context, Argument<string> name, bool active) =>
        new Verb(context, active ? "enable" : "disable", active ? "Lets a limit hold back again." : "Lets a limit hold nobody back.")
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                await FindAsync(connection.Api, call.Get(name), cancellationToken);
                await connection.Api.UpdateConcurrencyLimitAsync(call.Get(name), new() { Active = active }, cancellationToken);
                call.Screen.Line($"{(active ? "Enabled" : "Disabled")} concurrency limit '{call.Get(name)}'.");
                return ExitCodes.Ok;
            });

    private static Verb Delete(CliContext context, Argument<string> name) =>
        new Verb(context, "delete", "Deletes a limit: flows that name it are held back no longer.")
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                await FindAsync(connection.Api, call.Get(name), cancellationToken);
                await connection.Api.DeleteConcurrencyLimitAsync(call.Get(name), cancellationToken);
                call.Screen.Line($"Deleted concurrency limit '{call.Get(name)}'.");
                return ExitCodes.Ok;
            });

    private static void Check(int? slots, double? decay)
    {
        Numbers.AtLeast(0, "SLOTS", slots);
        if (decay is not (null or >= 0))
            throw CliException.BadUsage(FormattableString.Invariant($"--slot-decay-per-second is {decay}; it takes 0 or more"));
    }

    private static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Decay(GlobalConcurrencyLimit limit) => limit.SlotDecayPerSecond is { } decay and > 0 ? decay.ToString(CultureInfo.InvariantCulture) : "none";

    private static Task<List<GlobalConcurrencyLimit>> AllAsync(IOrchestrationApi api, CancellationToken cancellationToken) =>
        Pages.AllAsync(offset => api.ListConcurrencyLimitsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken));

    private static async Task<GlobalConcurrencyLimit> FindAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken)
    {
        if (await api.FindConcurrencyLimitAsync(name, cancellationToken) is { } limit)
            return limit;
        List<GlobalConcurrencyLimit> all = await AllAsync(api, cancellationToken);
        throw new CliException($"there is no concurrency limit '{name}'.{DidYouMean.Question(name, all.Select(known => known.Name).OfType<string>())} 'sluice concurrency-limit create {name} SLOTS' makes it");
    }
}
