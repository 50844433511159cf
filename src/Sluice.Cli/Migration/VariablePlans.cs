using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>Plans variables.</summary>
internal sealed class VariablePlans(ServerContents source, ServerContents target, ServerKind kind, IOrchestrationApi api)
{
    private const int LongestValue = 5000;

    public IEnumerable<MigrationItem> Plan()
    {
        Dictionary<string, Variable> live = target.Variables.ToDictionary(variable => variable.Name, StringComparer.Ordinal);
        return source.Variables.OrderBy(variable => variable.Name, StringComparer.Ordinal).Select(variable => Plan(variable, live.GetValueOrDefault(variable.Name)));
    }

    private MigrationItem Plan(Variable variable, Variable? live)
    {
        List<string> notes = [];
        if (kind.IsPrefect2 && !variable.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
            return new("variable", variable.Name, MigrationAction.NotPortable) { Notes = ["Prefect 2 takes lower-case letters, digits and underscores in names of variables only"] };
        JsonElement value = variable.Value;
        if (kind.IsPrefect2 && value.ValueKind != JsonValueKind.String)
        {
            value = JsonElement.Parse($"\"{JsonEncodedText.Encode(value.GetRawText())}\"");
            notes.Add("its JSON becomes a text: Prefect 2 has no other variables");
        }
        if (kind.IsPrefect2 && value.GetString()!.Length > LongestValue)
            return new("variable", variable.Name, MigrationAction.NotPortable) { Notes = ["Prefect 2 takes values of at most 5,000 characters"] };
        List<string> fields = [];
        if (live is not null)
        {
            if (!SameValue(value, live.Value))
                fields.Add("value");
            if (!variable.Tags.ToHashSet(StringComparer.Ordinal).SetEquals(live.Tags))
                fields.Add("tags");
        }
        return MigrationItem.Of("variable", variable.Name, live is not null, fields, cancellationToken => live is null
            ? api.CreateVariableAsync(new() { Name = variable.Name, Value = value, Tags = variable.Tags }, cancellationToken)
            : api.UpdateVariableAsync(live.Id, new() { Value = value, Tags = variable.Tags }, cancellationToken), notes);
    }

    private static bool SameValue(JsonElement a, JsonElement b) => a.ValueKind == b.ValueKind && JsonElement.DeepEquals(a, b);
}
