using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration.Http;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>Every request that the client can send, with every member set, against the OpenAPI documents of a Prefect 3.8.3 and a 2.10.21 server.</summary>
public sealed partial class OpenApiTests
{
    [Fact]
    public async Task Every_request_is_one_that_Prefect_3_knows()
    {
        (OpenApi prefect, ScriptedServer.Request[] requests) = await RequestsAsync("openapi3.json", "3.8.3", _ => true);
        requests.SelectMany(prefect.Misfits).Distinct().ShouldBeEmpty();
        requests.Select(request => $"{request.Method} {prefect.Template(request)}").Distinct().Count().ShouldBeGreaterThan(50);
    }

    [Fact]
    public async Task Every_request_about_blocks_and_variables_is_one_that_Prefect_2_knows()
    {
        (OpenApi prefect, ScriptedServer.Request[] requests) = await RequestsAsync("openapi2.json", "2.10.21", method => method.Name.Contains("Block", StringComparison.Ordinal) || method.Name.Contains("Variable", StringComparison.Ordinal));
        requests.SelectMany(prefect.Misfits).Distinct().ShouldBeEmpty();
        requests.Select(request => $"{request.Method} {prefect.Template(request)}").Distinct().Count().ShouldBeGreaterThan(15);
    }

    [Fact]
    public async Task A_variable_of_Prefect_2_is_a_text()
    {
        (_, ScriptedServer.Request[] requests) = await RequestsAsync("openapi2.json", "2.10.21", method => method.Name is nameof(IOrchestrationApi.CreateVariableAsync) or nameof(IOrchestrationApi.UpdateVariableAsync));
        requests.Where(request => request.Body.Length > 0).Select(request => JsonElement.Parse(request.Body).GetProperty("value").GetString()).ShouldBe(["""{"own":{"a":[1]}}""", """{"own":{"a":[1]}}"""]);
    }

    private static async Task<(OpenApi Prefect, ScriptedServer.Request[] Requests)> RequestsAsync(string name, string version, Func<MethodInfo, bool> wanted)
    {
        string? document = FindDocument(name);
        Assert.SkipWhen(document is null, $"Prefect's OpenAPI document is not beside the repository (../shared/contract/{name}).");
        OpenApi prefect = new(JsonElement.Parse(await File.ReadAllTextAsync(document!, TestContext.Current.CancellationToken)));
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) => http.Request.Path.Value switch
        {
            "/api/sluice/info" => ScriptedServer.JsonAsync(http, 404, """{"detail":"Not Found"}"""),
            "/api/admin/version" => ScriptedServer.JsonAsync(http, 200, $"\"{version}\""),
            _ when HttpMethods.IsGet(http.Request.Method) && http.Request.Path.Value!.EndsWith("/schedules", StringComparison.Ordinal) => ScriptedServer.JsonAsync(http, 200, "[]"),
            _ => ScriptedServer.JsonAsync(http, 422, """{"detail":"not now"}"""),
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);

        foreach (MethodInfo method in typeof(IOrchestrationApi).GetMethods().Where(wanted))
        {
            object?[] arguments = [.. method.GetParameters().Select(parameter => Filled.Value(parameter.ParameterType))];
            try
            {
                await (Task)method.Invoke(api, arguments)!;
            }
            catch (OrchestrationException refused) when (refused.Kind == OrchestrationErrorKind.Invalid)
            {
                // The request is what counts; the server refuses every one.
            }
        }

        return (prefect, [.. server.Requests.Where(request => request.Path != "/api/sluice/info")]);
    }

    /// <summary>The document lies beside the repository, or beside the folder that holds its work trees.</summary>
    private static string? FindDocument(string name)
    {
        for (DirectoryInfo? folder = new DirectoryInfo(Repository.Root).Parent; folder is not null; folder = folder.Parent)
        {
            string document = Path.Combine(folder.FullName, "shared", "contract", name);
            if (File.Exists(document))
            {
                return document;
            }
        }

        return null;
    }

    /// <summary>The parts of an OpenAPI document that tell which requests there are.</summary>
    private sealed class OpenApi(JsonElement document)
    {
        private readonly List<(Regex Path, string Template, JsonElement Methods)> _paths =
        [
            .. document.GetProperty("paths").EnumerateObject().Select(path => (new Regex("^/api" + Parameter().Replace(Regex.Escape(path.Name).Replace("\\{", "{", StringComparison.Ordinal), "[^/]+") + "$"), path.Name, path.Value)),
        ];

        public string? Template(ScriptedServer.Request request) => Find(request)?.Template;

        public IEnumerable<string> Misfits(ScriptedServer.Request request)
        {
            if (Find(request) is not { } found)
            {
                return [$"{request.Method} {request.Path} does not exist"];
            }

            JsonElement operation = found.Methods.GetProperty(request.Method.ToLowerInvariant());
            if (request.Body.Length == 0)
            {
                return [];
            }

            return operation.TryGetProperty("requestBody", out JsonElement body)
                ? Misfits($"{request.Method} {found.Template} body", JsonElement.Parse(request.Body), body.GetProperty("content").GetProperty("application/json").GetProperty("schema"))
                : [$"{request.Method} {found.Template} takes no body"];
        }

        private (string Template, JsonElement Methods)? Find(ScriptedServer.Request request)
        {
            string path = request.Path.Split('?')[0];
            foreach (var (pattern, template, methods) in _paths.OrderBy(path => path.Template.Count(c => c == '{')))
            {
                if (pattern.IsMatch(path) && methods.TryGetProperty(request.Method.ToLowerInvariant(), out _))
                {
                    return (template, methods);
                }
            }

            return null;
        }

        private IEnumerable<string> Misfits(string place, JsonElement value, JsonElement schema)
        {
            JsonElement[] alternatives = [.. Alternatives(schema)];
            switch (value.ValueKind)
            {
                case JsonValueKind.Null:
                    yield return $"{place} is null";
                    break;
                case JsonValueKind.Object:
                    if (!alternatives.Any(alternative => alternative.TryGetProperty("properties", out _)))
                    {
                        if (!alternatives.Any(alternative => !alternative.TryGetProperty("type", out JsonElement type) || type.ValueEquals("object")))
                        {
                            yield return $"{place} is an object";
                        }

                        break;
                    }

                    foreach (JsonProperty member in value.EnumerateObject())
                    {
                        JsonElement[] known = [.. alternatives.Where(alternative => alternative.TryGetProperty("properties", out JsonElement properties) && properties.TryGetProperty(member.Name, out _))];
                        if (known.Length == 0)
                        {
                            yield return $"{place}.{member.Name} is not known";
                        }

                        foreach (string misfit in known.SelectMany(alternative => Misfits($"{place}.{member.Name}", member.Value, alternative.GetProperty("properties").GetProperty(member.Name))))
                        {
                            yield return misfit;
                        }
                    }

                    break;
                case JsonValueKind.Array:
                    JsonElement? items = alternatives.Select(alternative => alternative.TryGetProperty("items", out JsonElement item) ? item : (JsonElement?)null).FirstOrDefault(item => item is not null);
                    foreach (string misfit in items is { } itemSchema ? value.EnumerateArray().SelectMany(item => Misfits(place + "[]", item, itemSchema)) : [$"{place} is a list"])
                    {
                        yield return misfit;
                    }

                    break;
            }
        }

        private IEnumerable<JsonElement> Alternatives(JsonElement schema)
        {
            if (schema.TryGetProperty("$ref", out JsonElement reference))
            {
                JsonElement target = document;
                foreach (string step in reference.GetString()!.Split('/')[1..])
                {
                    target = target.GetProperty(step);
                }

                return Alternatives(target);
            }

            string? union = schema.TryGetProperty("anyOf", out _) ? "anyOf" : schema.TryGetProperty("oneOf", out _) ? "oneOf" : schema.TryGetProperty("allOf", out _) ? "allOf" : null;
            return union is null ? [schema] : schema.GetProperty(union).EnumerateArray().SelectMany(Alternatives);
        }
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();

    /// <summary>Values with every member set.</summary>
    private static class Filled
    {
        /// <summary>Filters serve many fields, and Prefect gives each its own keys; these are what every one of them has.</summary>
        private static readonly Dictionary<Type, string[]> Common = new()
        {
            [typeof(IdFilter)] = [nameof(IdFilter.Any)],
            [typeof(NameFilter)] = [nameof(NameFilter.Any)],
            [typeof(TagsFilter)] = [nameof(TagsFilter.All)],
            [typeof(TimeFilter)] = [nameof(TimeFilter.Before), nameof(TimeFilter.After)],
        };

        public static object? Value(Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            return type switch
            {
                _ when type == typeof(string) => "a name",
                _ when type == typeof(bool) => true,
                _ when type == typeof(int) => 1,
                _ when type == typeof(long) => 0L,
                _ when type == typeof(double) => 1.5,
                _ when type == typeof(Guid) => Guid.NewGuid(),
                _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch,
                _ when type == typeof(TimeSpan) => TimeSpan.FromMilliseconds(1),
                _ when type == typeof(JsonElement) => JsonElement.Parse("""{"own":{"a":[1]}}"""),
                _ when type == typeof(CancellationToken) => TestContext.Current.CancellationToken,
                _ when type == typeof(IReadOnlyDictionary<string, JsonElement>) => new Dictionary<string, JsonElement> { ["own"] = JsonElement.Parse("1") },
                _ when type == typeof(IReadOnlyDictionary<string, string>) => new Dictionary<string, string> { ["own"] = "1" },
                _ when type.IsEnum => Enum.GetValues(type).GetValue(0),
                _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => List(type.GetGenericArguments()[0]),
                _ => Record(type),
            };
        }

        private static Array List(Type item)
        {
            Array list = Array.CreateInstance(item, 1);
            ((IList)list)[0] = Value(item);
            return list;
        }

        private static object Record(Type type)
        {
            object record = Activator.CreateInstance(type)!;
            foreach (PropertyInfo property in type.GetProperties().Where(property => property.CanWrite && (!Common.TryGetValue(type, out string[]? common) || common.Contains(property.Name))))
            {
                property.SetValue(record, property.Name switch
                {
                    nameof(DeploymentFilter.FlowOrDeploymentName) => new NameFilter { Like = "a name" },
                    nameof(DeploymentCreate.PullSteps) => JsonElement.Parse("""[{"a.step":{}}]"""),
                    _ => Value(property.PropertyType),
                });
            }

            return record;
        }
    }
}
