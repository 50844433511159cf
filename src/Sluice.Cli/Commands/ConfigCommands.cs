using System.CommandLine;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>config view|set|unset</c>.</summary>
internal static class ConfigCommands
{
    private const string Hidden = "********";

    public static IEnumerable<Command> Create(CliContext context) => [View(context), Set(context), Unset(context)];

    private static Verb View(CliContext context)
    {
        var showSecrets = new Option<bool>("--show-secrets") { Description = "Writes keys and passwords instead of asterisks." };
        return new Verb(context, "view", "Shows the settings in force and where each comes from.") { Examples = ["sluice config view"] }
            .With(showSecrets).Reads().Does((call, _) =>
            {
                var settings = new List<(string Name, string? Value, string Source)>
                {
                    (SluiceHome.Variable, call.Home.Root, Environment.GetEnvironmentVariable(SluiceHome.Variable) is { Length: > 0 } ? "environment" : "default"),
                };
                foreach (string name in CliSettings.Names)
                {
                    (string Value, string Source)? found = call.Settings.Find(name);
                    string? value = found is { } set && CliSettings.IsSecret(name) && !call.Get(showSecrets) ? Hidden : found?.Value;
                    settings.Add((name, value, found?.Source ?? "unset"));
                }
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. settings.Select(setting =>
                        (JsonNode)new JsonObject { ["name"] = setting.Name, ["value"] = setting.Value, ["source"] = setting.Source })]));
                    return Task.FromResult(ExitCodes.Ok);
                }
                var table = new TableView(new Column("Name"), new Column("Value"), new Column("From"));
                foreach ((string name, string? value, string source) in settings)
                    table.Add(name, value, source);
                table.Write(call.Screen);
                return Task.FromResult(ExitCodes.Ok);
            });
    }

    private static Verb Set(CliContext context)
    {
        var assignments = new Argument<string[]>("NAME=VALUE") { Description = $"One or more of {string.Join(", ", CliSettings.Names)}.", Arity = ArgumentArity.OneOrMore };
        return new Verb(context, "set", "Stores settings in $SLUICE_HOME/config.json. The environment wins over them.")
        {
            Examples = ["sluice config set PREFECT_API_URL=http://127.0.0.1:4200/api"],
        }.With(assignments).Does((call, _) =>
        {
            var changes = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (string assignment in call.Get(assignments))
            {
                int at = assignment.IndexOf('=');
                // The text is not repeated: it may be a key.
                if (at <= 0 || at == assignment.Length - 1)
                    throw CliException.BadUsage("write settings as NAME=VALUE, e.g. PREFECT_API_URL=http://127.0.0.1:4200/api; 'sluice config unset NAME' removes one");
                changes[Known(assignment[..at])] = assignment[(at + 1)..];
            }
            if (changes.TryGetValue(CliSettings.ApiUrl, out string? url) && !(Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https"))
                throw CliException.BadUsage($"{CliSettings.ApiUrl} is '{url}', which is not an http or https URL; write e.g. http://127.0.0.1:4200/api");
            call.Settings.Save(changes);
            foreach (string name in changes.Keys)
            {
                call.Screen.Line($"Set {name} in {call.Home.Config}.");
                if (call.Settings.Find(name) is { Source: "environment" })
                    call.Screen.Note($"The environment sets {name} too, and wins.");
            }
            return Task.FromResult(ExitCodes.Ok);
        });
    }

    private static Verb Unset(CliContext context)
    {
        var names = new Argument<string[]>("NAME") { Description = "The settings to remove.", Arity = ArgumentArity.OneOrMore };
        return new Verb(context, "unset", "Removes settings from $SLUICE_HOME/config.json.") { Examples = ["sluice config unset PREFECT_API_URL"] }
            .With(names).Does((call, _) =>
            {
                call.Settings.Save(call.Get(names).ToDictionary(Known, _ => (string?)null, StringComparer.Ordinal));
                foreach (string name in call.Get(names))
                    call.Screen.Line($"Removed {name} from {call.Home.Config}.");
                return Task.FromResult(ExitCodes.Ok);
            });
    }

    private static string Known(string name) => CliSettings.Names.Contains(name, StringComparer.Ordinal)
        ? name
        : throw CliException.BadUsage($"there is no setting '{name}'.{DidYouMean.Question(name, CliSettings.Names)} There are: {string.Join(", ", CliSettings.Names)}");
}
