using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Cli.Output;

namespace Sluice.Cli.Migration;

/// <summary>Tells a plan or its outcome, for people and for programs. Values are never shown, since they may be secrets.</summary>
internal sealed class MigrationReport(MigrationSide from, MigrationSide to)
{
    /// <summary>What is to be done, line by line; what stays as it is is only counted.</summary>
    public void WritePlan(Screen screen, IReadOnlyList<MigrationItem> items)
    {
        screen.Line($"From: {from.Where} ({from.Kind})");
        screen.Line($"To:   {to.Where} ({to.Kind})");
        var table = new TableView(new Column("Action"), new Column("What"), new Column("Name"), new Column("Fields", Shorten: true));
        foreach (MigrationItem item in items.Where(item => item.Action != MigrationAction.Unchanged))
            table.Add(Word(item.Action), item.Kind, item.Name, string.Join(", ", item.Fields));
        if (table.Count > 0)
            table.Write(screen);
        foreach (MigrationItem item in items)
        {
            foreach (string note in item.Notes)
                screen.Line(Failures.OneLine($"Note: {item.Kind} {item.Name}: {note}."));
        }
        screen.Line("Plan: " + Summary(items, applied: false));
    }

    /// <summary>What was done, and what could not be.</summary>
    public static void WriteOutcome(Screen screen, IReadOnlyList<MigrationItem> items)
    {
        foreach (MigrationItem item in items.Where(item => item.Error is not null))
            screen.Line(Failures.OneLine($"Failed: {item.Kind} {item.Name}: {item.Error}"));
        screen.Line("Done: " + Summary(items, applied: true));
    }

    /// <summary>The same as one JSON object.</summary>
    public void WriteJson(TextWriter output, IReadOnlyList<MigrationItem> items, bool applied) => Json.Write(output, new JsonObject
    {
        ["from"] = Side(from),
        ["to"] = Side(to),
        ["applied"] = applied,
        ["summary"] = new JsonObject(Counts(items).Select(count => KeyValuePair.Create(count.Word, (JsonNode?)JsonValue.Create(count.Count)))),
        ["items"] = new JsonArray([.. items.Select(item => (JsonNode)new JsonObject
        {
            ["kind"] = item.Kind,
            ["name"] = item.Name,
            ["action"] = Key(item.Action),
            ["fields"] = Texts(item.Fields),
            ["notes"] = Texts(item.Notes),
            ["waits_for_activation"] = item.Waits,
            ["error"] = item.Error,
        })]),
    });

    private static string Summary(IReadOnlyList<MigrationItem> items, bool applied) => string.Join(", ", Counts(items)
        .Where(count => count.Count > 0 || count.Word == "unchanged")
        .Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Count} {Phrase(count.Word, applied)}")));

    private static IEnumerable<(string Word, int Count)> Counts(IReadOnlyList<MigrationItem> items)
    {
        foreach (MigrationAction action in Enum.GetValues<MigrationAction>())
            yield return (Key(action), items.Count(item => item.Action == action && item.Error is null));
        yield return ("failed", items.Count(item => item.Error is not null));
    }

    private static string Phrase(string word, bool applied) => word switch
    {
        "create" => applied ? "created" : "to create",
        "update" => applied ? "updated" : "to update",
        "not_portable" => "not portable",
        "by_hand" => "to be set by hand",
        _ => word,
    };

    private static string Word(MigrationAction action) => Key(action).Replace('_', ' ');

    private static string Key(MigrationAction action) => action switch
    {
        MigrationAction.NotPortable => "not_portable",
        MigrationAction.ByHand => "by_hand",
        _ => action.ToString().ToLowerInvariant(),
    };

    private static JsonObject Side(MigrationSide side) => new() { ["where"] = side.Where, ["product"] = side.Kind.Product, ["version"] = side.Kind.Version };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]);
}
