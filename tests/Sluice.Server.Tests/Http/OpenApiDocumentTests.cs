using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Server.Tests.Http;

/// <summary>
/// The OpenAPI document that the server serves, beside the one of a Prefect 3.8.3 server: of every implemented path the same parameters, bodies with the same
/// members, kinds, choices, defaults and required ones, and answers with the same status and members. What differs is in
/// tests/data/openapi/differences3.txt, each with its reason.
/// </summary>
public sealed class OpenApiDocumentTests
{
    private const int MostDifferences = 88;

    private static readonly Lazy<JsonElement> _prefect = new(() => Read("prefect3.json"));

    [Fact]
    public async Task It_is_Prefects_but_for_the_listed_differences()
    {
        JsonElement served = await ServedAsync();
        Comparison comparison = new(served);
        foreach (JsonProperty path in served.GetProperty("paths").EnumerateObject())
        {
            JsonElement methods = _prefect.Value.GetProperty("paths").GetProperty(path.Name);
            foreach (JsonProperty method in path.Value.EnumerateObject())
                comparison.Operation($"{method.Name.ToUpperInvariant()} {path.Name}", method.Value, methods.GetProperty(method.Name));
        }
        comparison.Bodies.ShouldBeGreaterThanOrEqualTo(75);
        comparison.Answers.ShouldBeGreaterThanOrEqualTo(90);
        string[] known = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "data", "openapi", "differences3.txt"));
        HashSet<string> listed = [.. known.Select(line => line.Split('|')[0].Trim())];
        string[] unknown = [.. comparison.Differences.Where(difference => !listed.Contains(difference))];
        Assert.True(unknown.Length == 0, string.Join("\n", unknown));
        listed.Except(comparison.Differences).ShouldBeEmpty("these are mended: the list may only shrink");
        known.ShouldAllBe(line => line.Split('|', StringSplitOptions.None).Length == 2 && line.Split('|', StringSplitOptions.None)[1].Trim().Length > 5);
        known.Length.ShouldBeLessThanOrEqualTo(MostDifferences, "the list may only shrink");
    }

    [Fact]
    public async Task It_tells_every_implemented_path()
    {
        await using Home home = await Home.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(home.Api, new() { Time = home.Clock }, default);
        JsonElement paths = (await ServedAsync()).GetProperty("paths");
        paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"))
            .ShouldBe(host.Paths.Where(path => path.Implemented).Select(path => $"{path.Method} {path.Path}"), ignoreOrder: true);
    }

    private static async Task<JsonElement> ServedAsync()
    {
        await using Home home = await Home.OpenAsync();
        ConcurrentQueue<string> reports = new();
        await using ApiHost host = await ApiHost.StartAsync(home.Api, new() { Time = home.Clock, Report = reports.Enqueue }, default);
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage response = await http.GetAsync(host.Url + "/openapi.json");
        string document = await response.Content.ReadAsStringAsync();
        reports.ShouldBeEmpty();
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await http.GetStringAsync(new Uri(host.Url, "/openapi.json"))).ShouldBe(document);
        return JsonElement.Parse(document);
    }

    private static JsonElement Read(string name) => JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "data", "openapi", name)));

    private sealed class Comparison(JsonElement served)
    {
        private readonly HashSet<string> _seen = [];
        private readonly HashSet<string> _differences = [];

        public IReadOnlySet<string> Differences => _differences;

        public int Bodies { get; private set; }

        public int Answers { get; private set; }

        public void Operation(string place, JsonElement ours, JsonElement theirs)
        {
            if (Parameters(ours) != Parameters(theirs))
                Add(place, $"takes ({Parameters(ours)}) and not ({Parameters(theirs)})");
            JsonElement? body = Body(ours), wanted = Body(theirs);
            if (body is null != wanted is null)
                Add(place, body is null ? "declares no body" : "takes a body");
            if (body is { } sent && wanted is { } expected)
            {
                Bodies++;
                Compare(place, sent, expected, sends: true);
            }
            (string status, JsonElement? answer) = Answer(ours);
            (string theirStatus, JsonElement? theirAnswer) = Answer(theirs);
            if (status != theirStatus)
                Add(place, $"answers {status} and not {theirStatus}");
            if (answer is { } answered && theirAnswer is { } due)
            {
                Answers++;
                Compare(place + " ->", answered, due, sends: false);
            }
        }

        private void Compare(string place, JsonElement ours, JsonElement theirs, bool sends)
        {
            place = Named(theirs) ?? place;
            JsonElement[] own = [.. Alternatives(ours, served)], other = [.. Alternatives(theirs, _prefect.Value)];
            string[] kinds = [.. Kinds(own)], wanted = [.. Kinds(other)];
            if (kinds.Length > 0 && wanted.Length > 0 && !kinds.Intersect(wanted).Any())
                Add(place, $"is {string.Join(" or ", kinds)} and not {string.Join(" or ", wanted)}");
            if (Choices(own) is { Length: > 0 } choices && Choices(other) is { Length: > 0 } theirChoices && !choices.SequenceEqual(theirChoices))
                Add(place, $"is one of {string.Join(", ", choices)} and not of {string.Join(", ", theirChoices)}");
            if (own.FirstOrDefault(one => one.TryGetProperty("items", out _)) is { ValueKind: JsonValueKind.Object } list
                && other.FirstOrDefault(one => one.TryGetProperty("items", out _)) is { ValueKind: JsonValueKind.Object } otherList)
                Compare(place + "[]", list.GetProperty("items"), otherList.GetProperty("items"), sends);
            JsonElement[] objects = [.. own.Where(one => one.TryGetProperty("properties", out _))], otherObjects = [.. other.Where(one => one.TryGetProperty("properties", out _))];
            if (otherObjects.Length > 0 && objects.Length == 0)
                Add(place, "is not described");
            if (objects.Length == 0 || otherObjects.Length == 0 || !_seen.Add(sends + objects[0].GetRawText() + otherObjects[0].GetRawText()))
                return;
            CompareMembers(place, objects, otherObjects, sends);
        }

        private void CompareMembers(string place, JsonElement[] objects, JsonElement[] otherObjects, bool sends)
        {
            Dictionary<string, JsonElement> members = Members(objects), theirMembers = Members(otherObjects);
            foreach ((string name, JsonElement member) in theirMembers)
            {
                if (!members.TryGetValue(name, out JsonElement mine))
                {
                    Add($"{place}.{name}", "is missing");
                    continue;
                }
                Compare($"{place}.{name}", mine, member, sends);
                if (sends && Default(mine) != Default(member))
                    Add($"{place}.{name}", $"is {Default(mine) ?? "nothing"} by default and not {Default(member) ?? "nothing"}");
            }
            if (sends && otherObjects.Length == 1 && !Required(objects[0]).SequenceEqual(Required(otherObjects[0])))
                Add(place, $"requires {string.Join(", ", Required(objects[0]).DefaultIfEmpty("nothing"))} and not {string.Join(", ", Required(otherObjects[0]).DefaultIfEmpty("nothing"))}");
            // Our filters of one kind are one type, which knows more than each of Prefect's; what sends bodies must not.
            bool filter = sends && (theirMembers.Keys.Any(name => name.EndsWith('_')) || theirMembers.ContainsKey("operator") || place.Contains("bulk_delete", StringComparison.Ordinal));
            foreach (string name in members.Keys.Where(name => !filter && !theirMembers.ContainsKey(name)))
                Add($"{place}.{name}", "is Sluice's own");
        }

        private void Add(string place, string difference) => _differences.Add($"{place} {difference}");

        /// <summary>The name that Prefect's document has for it, which tells one place from another better than the way there.</summary>
        private static string? Named(JsonElement schema)
        {
            string? name = schema.TryGetProperty("$ref", out JsonElement reference) ? reference.GetString()!.Split('/')[^1]
                : schema.TryGetProperty("anyOf", out JsonElement parts) && parts.EnumerateArray().Where(part => part.TryGetProperty("$ref", out _)).ToArray() is [JsonElement only] ? Named(only) : null;
            return name?.StartsWith("Body_", StringComparison.Ordinal) == true ? null : name;
        }
    }

    private static string Parameters(JsonElement operation) => !operation.TryGetProperty("parameters", out JsonElement parameters) ? "" : string.Join(", ", parameters.EnumerateArray()
        .Select(parameter => string.Join(' ', parameter.GetProperty("in"), parameter.GetProperty("name"), string.Join('|', Kinds([.. Alternatives(parameter.GetProperty("schema"), _prefect.Value)])),
            Alternatives(parameter.GetProperty("schema"), _prefect.Value).Select(schema => schema.TryGetProperty("format", out JsonElement format) ? format.GetString() : null).FirstOrDefault(format => format is not null),
            parameter.TryGetProperty("required", out JsonElement required) && required.GetBoolean(), Default(parameter.GetProperty("schema")))).Order(StringComparer.Ordinal));

    private static JsonElement? Body(JsonElement operation) => operation.TryGetProperty("requestBody", out JsonElement body)
        ? body.GetProperty("content").GetProperty("application/json").GetProperty("schema") : null;

    /// <summary>What is answered where all is well.</summary>
    private static (string Status, JsonElement? Schema) Answer(JsonElement operation)
    {
        JsonProperty answer = operation.GetProperty("responses").EnumerateObject().Single(response => response.Name[0] == '2');
        return (answer.Name, answer.Value.TryGetProperty("content", out JsonElement content) ? content.GetProperty("application/json").GetProperty("schema") : null);
    }

    /// <summary>Lists and objects without anything are what is there where nothing was sent.</summary>
    private static string? Default(JsonElement schema) => schema.TryGetProperty("default", out JsonElement value) && value.GetRawText() is not ("null" or "[]" or "{}") ? Plain(value) : null;

    private static string Plain(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble().ToString(CultureInfo.InvariantCulture) : value.GetRawText();

    private static string[] Choices(JsonElement[] schemas) =>
        [.. schemas.Where(schema => schema.TryGetProperty("enum", out _)).SelectMany(schema => schema.GetProperty("enum").EnumerateArray().Select(name => name.ToString())).Order(StringComparer.Ordinal)];

    private static Dictionary<string, JsonElement> Members(JsonElement[] objects)
    {
        Dictionary<string, JsonElement> members = [];
        foreach (JsonProperty member in objects.SelectMany(one => one.GetProperty("properties").EnumerateObject()))
            members.TryAdd(member.Name, member.Value);
        return members;
    }

    private static IEnumerable<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out JsonElement required) ? required.EnumerateArray().Select(name => name.GetString()!).Order(StringComparer.Ordinal) : [];

    private static IEnumerable<string> Kinds(JsonElement[] schemas) => schemas.Any(schema => !schema.TryGetProperty("type", out _) && !schema.TryGetProperty("properties", out _))
        ? [] : schemas.Select(schema => schema.TryGetProperty("type", out JsonElement type) ? type.ToString() : "object").Distinct();

    private static IEnumerable<JsonElement> Alternatives(JsonElement schema, JsonElement document)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            JsonElement target = document;
            foreach (string step in reference.GetString()!.Split('/')[1..])
                target = target.GetProperty(step);
            return Alternatives(target, document);
        }
        foreach (string union in (string[])["anyOf", "oneOf", "allOf"])
        {
            if (schema.TryGetProperty(union, out JsonElement parts))
                return parts.EnumerateArray().Where(part => !(part.TryGetProperty("type", out JsonElement type) && type.ToString() == "null")).SelectMany(part => Alternatives(part, document));
        }
        return [schema];
    }
}
