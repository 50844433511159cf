using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Server.Tests.Http;

/// <summary>
/// The OpenAPI document that the server serves, beside the one of a Prefect 3.8.3 server: of every implemented path the same parameters, and bodies with the
/// same members, kinds and required ones. What differs is in tests/data/openapi/differences3.txt, each with its reason.
/// </summary>
public sealed class OpenApiDocumentTests
{
    private static readonly Lazy<JsonElement> _prefect = new(() => Read("prefect3.json"));

    [Fact]
    public async Task Bodies_and_parameters_are_those_of_Prefect()
    {
        JsonElement served = await ServedAsync();
        List<string> differences = [];
        int bodies = 0;
        foreach (JsonProperty path in served.GetProperty("paths").EnumerateObject())
        {
            if (!_prefect.Value.GetProperty("paths").TryGetProperty(path.Name, out JsonElement methods))
            {
                path.Name.ShouldStartWith("/ui/"); // for Prefect's own pages; not in the document here
                continue;
            }
            foreach (JsonProperty method in path.Value.EnumerateObject())
            {
                string place = $"{method.Name.ToUpperInvariant()} {path.Name}";
                JsonElement theirs = methods.GetProperty(method.Name);
                Parameters(method.Value).ShouldBe(Parameters(theirs), place);
                bool has = Body(method.Value) is not null, should = Body(theirs) is not null;
                if (has != should)
                    differences.Add($"{place} {(has ? "takes a body" : "declares no body")}");
                if (!has || !should)
                    continue;
                bodies++;
                Compare(place, Body(method.Value)!.Value, served, Body(theirs)!.Value, differences, []);
            }
        }
        bodies.ShouldBeGreaterThanOrEqualTo(75);
        string[] known = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "data", "openapi", "differences3.txt"));
        string[] unknown = [.. differences.Distinct().Where(difference => !known.Any(line => line.Split('|')[0].Trim() == difference))];
        Assert.True(unknown.Length == 0, string.Join("\n", unknown));
        known.Where(line => !differences.Contains(line.Split('|')[0].Trim())).ShouldBeEmpty("these are mended: the list may only shrink");
        known.ShouldAllBe(line => line.Split('|', StringSplitOptions.None).Length == 2 && line.Split('|', StringSplitOptions.None)[1].Trim().Length > 5);
    }

    private static async Task<JsonElement> ServedAsync()
    {
        await using Home home = await Home.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(home.Api, new() { Time = home.Clock }, default);
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        string document = await http.GetStringAsync(host.Url + "/openapi.json");
        (await http.GetStringAsync(new Uri(host.Url, "/openapi.json"))).ShouldBe(document);
        return JsonElement.Parse(document);
    }

    private static JsonElement Read(string name) => JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "data", "openapi", name)));

    private static string Parameters(JsonElement operation) => !operation.TryGetProperty("parameters", out JsonElement parameters) ? "" : string.Join(", ", parameters.EnumerateArray()
        .Where(parameter => parameter.GetProperty("in").ValueEquals("path"))
        .Select(parameter => $"{parameter.GetProperty("name")}{(parameter.GetProperty("schema").TryGetProperty("format", out JsonElement format) ? ":" + format : "")}").Order(StringComparer.Ordinal));

    private static JsonElement? Body(JsonElement operation) => operation.TryGetProperty("requestBody", out JsonElement body)
        ? body.GetProperty("content").GetProperty("application/json").GetProperty("schema") : null;

    private static void Compare(string place, JsonElement ours, JsonElement served, JsonElement theirs, List<string> differences, HashSet<string> seen)
    {
        JsonElement[] own = [.. Alternatives(ours, served)], other = [.. Alternatives(theirs, _prefect.Value)];
        string[] kinds = [.. Kinds(own)], wanted = [.. Kinds(other)];
        if (kinds.Length > 0 && wanted.Length > 0 && !kinds.Intersect(wanted).Any())
            differences.Add($"{place} is {string.Join(" or ", kinds)} and not {string.Join(" or ", wanted)}");
        if (own.FirstOrDefault(one => one.TryGetProperty("items", out _)) is { ValueKind: JsonValueKind.Object } list
            && other.FirstOrDefault(one => one.TryGetProperty("items", out _)) is { ValueKind: JsonValueKind.Object } otherList)
            Compare(place + "[]", list.GetProperty("items"), served, otherList.GetProperty("items"), differences, seen);
        JsonElement[] objects = [.. own.Where(one => one.TryGetProperty("properties", out _))], otherObjects = [.. other.Where(one => one.TryGetProperty("properties", out _))];
        if (objects.Length == 0 || otherObjects.Length == 0 || !seen.Add(objects[0].GetRawText() + otherObjects[0].GetRawText()))
            return;
        Dictionary<string, JsonElement> members = Members(objects), theirMembers = Members(otherObjects);
        foreach ((string name, JsonElement member) in theirMembers)
        {
            if (members.TryGetValue(name, out JsonElement mine))
                Compare($"{place}.{name}", mine, served, member, differences, seen);
            else
                differences.Add($"{place}.{name} is missing");
        }
        if (otherObjects.Length == 1 && !Required(objects[0]).SequenceEqual(Required(otherObjects[0])))
            differences.Add($"{place} requires {string.Join(", ", Required(objects[0]).DefaultIfEmpty("nothing"))} and not {string.Join(", ", Required(otherObjects[0]).DefaultIfEmpty("nothing"))}");
        // Our filters of one kind are one type, which knows more than each of Prefect's; what sends bodies must not.
        bool filter = theirMembers.Keys.Any(name => name.EndsWith('_')) || theirMembers.ContainsKey("operator") || place.Contains("bulk_delete", StringComparison.Ordinal);
        differences.AddRange(members.Keys.Where(name => !filter && !theirMembers.ContainsKey(name)).Select(name => $"{place}.{name} is Sluice's own"));
    }

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
