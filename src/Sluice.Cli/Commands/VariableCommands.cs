using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>variable …</c>, with the verbs of Prefect's command line.</summary>
internal static class VariableCommands
{
    public static IEnumerable<Command> Create(CliContext context) => [List(context), Set(context, Name()), Get(context, Name()), Inspect(context, Name()), Unset(context, Name())];

    private static Argument<string> Name() => new("NAME") { Description = "The variable's name: lower-case letters, digits, dashes and underscores." };

    private static Verb List(CliContext context) =>
        new Verb(context, "ls", "Lists variables.") { Examples = ["sluice variable ls"] }
            .Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                List<Variable> variables = await AllAsync(connection.Api, cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. variables.Select(variable => (JsonNode)Json.Object(variable))]));
                    return ExitCodes.Ok;
                }
                if (variables.Count == 0)
                {
                    call.Screen.Note("There are no variables. 'sluice variable set NAME VALUE' makes one.");
                    return ExitCodes.Ok;
                }
                var table = new TableView(new Column("Name"), new Column("Value", Shorten: true), new Column("Tags", Rank: 1), new Column("Changed", Rank: 2));
                foreach (Variable variable in variables)
                    table.Add(variable.Name, Json.Short(variable.Value), string.Join(", ", variable.Tags), Words.Relative(variable.Updated, call.Now));
                table.Write(call.Screen);
                return ExitCodes.Ok;
            });

    private static Verb Set(CliContext context, Argument<string> name)
    {
        var value = new Argument<string>("VALUE") { Description = "JSON, or else a text." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Change a variable that exists." };
        var tags = new Option<string[]>("--tag") { Description = "A tag; may be repeated.", HelpName = "TAG" };
        return new Verb(context, "set", "Sets a variable. Variables are no place for secrets: see 'sluice block create secret/NAME'.")
        {
            Examples = ["sluice variable set region eu-central-1", "sluice variable set limits '{\"rows\": 100}' --overwrite --tag etl"],
        }.With(name, value, overwrite, tags).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
        {
            JsonElement json = Parse(call.Get(value));
            string[]? given = call.Get(tags) is { Length: > 0 } some ? some : null;
            Variable? variable = await connection.Api.FindVariableAsync(call.Get(name), cancellationToken);
            bool isNew = variable is null;
            if (variable is null)
            {
                variable = await connection.Api.CreateVariableAsync(new() { Name = call.Get(name), Value = json, Tags = given }, cancellationToken);
            }
            else
            {
                if (!call.Get(overwrite))
                    throw new CliException($"there is a variable '{variable.Name}' already: write --overwrite to change it");
                await connection.Api.UpdateVariableAsync(variable.Id, new() { Value = json, Tags = given }, cancellationToken);
                variable = await connection.Api.ReadVariableAsync(variable.Id, cancellationToken) ?? throw new CliException($"the variable '{variable.Name}' was deleted meanwhile");
            }
            if (call.Json)
                Json.Write(call.Screen.Out, Json.Object(variable));
            else
                call.Screen.Line($"{(isNew ? "Set" : "Changed")} variable '{variable.Name}'.");
            return ExitCodes.Ok;
        });
    }

    private static Verb Get(CliContext context, Argument<string> name) =>
        new Verb(context, "get", "Writes a variable's value.") { Examples = ["sluice variable get region"] }
            .With(name).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                Variable variable = await FindAsync(connection.Api, call.Get(name), cancellationToken);
                call.Screen.Line(call.Json ? variable.Value.GetRawText() : Json.Short(variable.Value));
                return ExitCodes.Ok;
            });

    private static Verb Inspect(CliContext context, Argument<string> name) =>
        new Verb(context, "inspect", "Shows a variable.") { Examples = ["sluice variable inspect region"] }
            .With(name).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                Variable variable = await FindAsync(connection.Api, call.Get(name), cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, Json.Object(variable));
                    return ExitCodes.Ok;
                }
                new Details(variable.Name).Add("Id", variable.Id.ToString()).Add("Value", variable.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? Json.Pretty(variable.Value) : Json.Short(variable.Value))
                    .Add("Tags", string.Join(", ", variable.Tags)).Add("Created", Words.LocalAndUtc(variable.Created)).Add("Changed", Words.LocalAndUtc(variable.Updated)).Write(call.Screen);
                return ExitCodes.Ok;
            });

    private static Verb Unset(CliContext context, Argument<string> name)
    {
        Verb unset = new Verb(context, "unset", "Deletes a variable.") { Examples = ["sluice variable unset region"] }
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                Variable variable = await FindAsync(connection.Api, call.Get(name), cancellationToken);
                await connection.Api.DeleteVariableAsync(variable.Id, cancellationToken);
                call.Screen.Line($"Deleted variable '{variable.Name}'.");
                return ExitCodes.Ok;
            });
        unset.Aliases.Add("delete");
        return unset;
    }

    /// <summary>What is no JSON is a text, as on Prefect's command line.</summary>
    private static JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return JsonElement.Parse($"\"{JsonEncodedText.Encode(text)}\"");
        }
    }

    private static Task<List<Variable>> AllAsync(IOrchestrationApi api, CancellationToken cancellationToken) =>
        Pages.AllAsync(offset => api.ListVariablesAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken));

    private static async Task<Variable> FindAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken)
    {
        if (await api.FindVariableAsync(name, cancellationToken) is { } variable)
            return variable;
        List<Variable> all = await AllAsync(api, cancellationToken);
        throw new CliException($"there is no variable '{name}'.{DidYouMean.Question(name, all.Select(known => known.Name))} 'sluice variable ls' lists them");
    }
}
