using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Server.Tests.Replay;

/// <summary>
/// Compares an answer with the recorded one: the same keys, the same kinds of values, the same values. Ids and generated names are other ones, but
/// the same one for the same recorded one, always; times are near.
/// </summary>
internal sealed partial class Comparison
{
    /// <summary>Times of a recording are those of its clock, a little after the request.</summary>
    private static readonly TimeSpan _near = TimeSpan.FromSeconds(1.5);

    private readonly Dictionary<string, string> _ours = new(StringComparer.Ordinal);

    /// <summary>Puts our ids for those recorded that were answered before.</summary>
    public string Translate(string text) => Id().Replace(text, id => _ours.GetValueOrDefault(id.Value, id.Value));

    /// <summary>Says that our object stands for the recorded one.</summary>
    public void Bind(string? recorded, JsonElement ours)
    {
        if (recorded is not null)
            _ours[recorded] = ours.GetProperty("id").GetString()!;
    }

    public IEnumerable<string> Differences(string place, JsonElement recorded, JsonElement ours)
    {
        if (Ignored.Why(place) is not null)
            return [];
        return (recorded.ValueKind, ours.ValueKind) switch
        {
            (JsonValueKind.Object, JsonValueKind.Object) => Members(place, recorded, ours),
            (JsonValueKind.Array, JsonValueKind.Array) => Items(place, recorded, ours),
            (JsonValueKind.String, JsonValueKind.String) => Texts(place, recorded.GetString()!, ours.GetString()!),
            (JsonValueKind.Number, JsonValueKind.Number) => Numbers(place, recorded, ours),
            var (a, b) when a == b => [],
            _ => [$"{place}: {Short(ours)} and not {Short(recorded)}"],
        };
    }

    private IEnumerable<string> Members(string place, JsonElement recorded, JsonElement ours)
    {
        foreach (JsonProperty member in recorded.EnumerateObject())
        {
            if (!ours.TryGetProperty(member.Name, out JsonElement own))
            {
                if (Ignored.Why($"{place}.{member.Name}") is null)
                    yield return $"{place}.{member.Name} is missing, recorded {Short(member.Value)}";
                continue;
            }
            foreach (string difference in Differences($"{place}.{member.Name}", member.Value, own))
                yield return difference;
        }
        foreach (JsonProperty member in ours.EnumerateObject().Where(member => !recorded.TryGetProperty(member.Name, out _)))
        {
            if (Ignored.Why($"{place}.{member.Name}") is null)
                yield return $"{place}.{member.Name} is not Prefect's: {Short(member.Value)}";
        }
    }

    private IEnumerable<string> Items(string place, JsonElement recorded, JsonElement ours)
    {
        JsonElement[] expected = [.. recorded.EnumerateArray()], found = [.. ours.EnumerateArray()];
        bool trimmed = expected is [.., { ValueKind: JsonValueKind.String } last] && last.GetString()!.EndsWith(" more items>", StringComparison.Ordinal);
        if (trimmed)
            expected = expected[..^1];
        if (Ignored.IsSet(place))
            (expected, found) = ([.. expected.OrderBy(Key)], [.. found.OrderBy(Key)]);
        for (int i = 0; i < Math.Min(expected.Length, found.Length); i++)
        {
            foreach (string difference in Differences($"{place}[]", expected[i], found[i]))
                yield return difference;
        }
        if (expected.Length != found.Length && !(trimmed && found.Length > expected.Length))
            yield return $"{place} has {found.Length} items and not {expected.Length}";
    }

    private string Key(JsonElement item) => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("id", out JsonElement id)
        ? Translate(id.GetString()!) : item.ToString();

    private IEnumerable<string> Texts(string place, string recorded, string ours)
    {
        if (IsTime(recorded) && IsTime(ours))
        {
            if (!Ignored.IsLooseTime(place) && (DateTimeOffset.Parse(recorded, null) - DateTimeOffset.Parse(ours, null)).Duration() > _near)
                yield return $"{place}: {ours} and not near {recorded}";
            yield break;
        }
        if (Ignored.IsName(place))
        {
            if (_ours.TryAdd(recorded, ours) || _ours[recorded] == ours)
                yield break;
            yield return $"{place}: \"{ours}\" and not \"{_ours[recorded]}\" (recorded: \"{recorded}\")";
            yield break;
        }
        MatchCollection ids = Id().Matches(recorded), own = Id().Matches(ours);
        if (ids.Count == own.Count)
        {
            for (int i = 0; i < ids.Count; i++)
                _ours.TryAdd(ids[i].Value, own[i].Value);
        }
        string expected = Translate(recorded);
        foreach (string words in Ignored.OwnWordsAfter)
        {
            if (expected.IndexOf(words, StringComparison.Ordinal) is >= 0 and var at && ours.StartsWith(expected[..(at + words.Length)], StringComparison.Ordinal))
                yield break;
        }
        foreach ((string name, string other) in _ours)
        {
            if (recorded == name)
                expected = other;
        }
        if (expected != ours)
            yield return $"{place}: \"{Cut(ours)}\" and not \"{Cut(expected)}\"";
    }

    private static IEnumerable<string> Numbers(string place, JsonElement recorded, JsonElement ours)
    {
        bool whole = recorded.TryGetInt64(out long expected) & ours.TryGetInt64(out long found);
        if (whole ? expected != found : Math.Abs(recorded.GetDouble() - ours.GetDouble()) > _near.TotalSeconds)
            yield return $"{place}: {ours} and not {recorded}";
    }

    private static bool IsTime(string text) => text.Length >= 19 && text[4] == '-' && text[10] is 'T' or ' ' && DateTimeOffset.TryParse(text, null, out _);

    private static string Short(JsonElement value) => Cut(value.GetRawText());

    private static string Cut(string text) => text.Length <= 160 ? text : text[..160] + "…";

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();
}
