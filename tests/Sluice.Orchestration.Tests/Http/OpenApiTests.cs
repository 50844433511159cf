using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration.Http;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>Every request that the client can send, with every member set, against the OpenAPI documents of a Prefect 3.8.3 and a 2.10.21 server.</summary>
public sealed class OpenApiTests
{
    [Theory]
    [InlineData("3.8.3", 50)]
    [InlineData("2.10.21", 45)]
    public async Task Every_request_is_one_that_Prefect_knows(string version, int atLeast)
    {
        OpenApiRequests prefect = version[0] == '2' ? OpenApiRequests.Prefect2 : OpenApiRequests.Prefect3;
        SentRequest[] requests = await RequestsAsync(version, _ => true);
        requests.SelectMany(request => prefect.Check(request.Method, request.Path, Encoding.UTF8.GetBytes(request.Body)).Where(misfit => misfit.IsShape).Select(misfit => $"{request} {misfit}")).Distinct().ShouldBeEmpty();
        requests.Select(request => $"{request.Method} {prefect.Template(request.Method, request.Path)}").Distinct().Count().ShouldBeGreaterThan(atLeast);
    }

    [Fact]
    public async Task A_variable_of_Prefect_2_is_a_text()
    {
        SentRequest[] requests = await RequestsAsync("2.10.21", method => method.Name is nameof(IOrchestrationApi.CreateVariableAsync) or nameof(IOrchestrationApi.UpdateVariableAsync));
        requests.Where(request => request.Body.Length > 0).Select(request => JsonElement.Parse(request.Body).GetProperty("value").GetString()).Distinct().ShouldBe(["""{"own":{"a":[1]}}"""]);
    }

    /// <summary>What the client sends for each member of the interface, with every member of its models set; for 2.10 without what it lacks.</summary>
    private static async Task<SentRequest[]> RequestsAsync(string version, Func<MethodInfo, bool> wanted)
    {
        bool isPrefect2 = version[0] == '2';
        const string Deployment2 = """{"id":"545179b7-57bb-491c-bf8c-e36b6073ae23","flow_id":"545179b7-57bb-491c-bf8c-e36b6073ae24","name":"d","schedule":{"cron":"0 6 * * *"}}""";
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) => http.Request.Path.Value switch
        {
            { } path when HttpMethods.IsGet(http.Request.Method) && path.EndsWith("/schedules", StringComparison.Ordinal) => ScriptedServer.JsonAsync(http, 200, "[]"),
            { } path when HttpMethods.IsGet(http.Request.Method) && isPrefect2 && path.StartsWith("/api/deployments/", StringComparison.Ordinal) => ScriptedServer.JsonAsync(http, 200, Deployment2),
            _ => ScriptedServer.JsonAsync(http, 422, """{"detail":"not now"}"""),
        }, version: version);
        await using HttpOrchestrationApi api = new(server.Endpoint);

        foreach (MethodInfo method in typeof(IOrchestrationApi).GetMethods().Where(wanted))
        {
            foreach (bool full in (bool[])(isPrefect2 ? [true, false] : [true]))
            {
                object?[] arguments = [.. method.GetParameters().Select(parameter => Filled.Value(parameter.ParameterType, full))];
                try
                {
                    await (Task)method.Invoke(api, arguments)!;
                }
                catch (OrchestrationException refused) when (refused.Kind is OrchestrationErrorKind.Invalid or OrchestrationErrorKind.NotFound)
                {
                    // The request is what counts; the server refuses every one.
                }
                catch (OrchestrationException refused) when (isPrefect2 && refused.Kind == OrchestrationErrorKind.Unsupported)
                {
                    refused.Message.ShouldContain("Prefect 2 ", customMessage: method.Name);
                }
            }
        }

        return [.. server.Requests.Select(request => new SentRequest(request.Method, request.Path.Split('?')[0]["/api".Length..], "", request.Body, request.Headers))];
    }

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

        /// <summary>What 2.10 has no place for and refuses to be without, so that the rest of a body is sent.</summary>
        private static readonly HashSet<string> Later =
        [
            nameof(DeploymentCreate.ConcurrencyLimit), nameof(DeploymentRunCreate.JobVariables), nameof(DeploymentRunCreate.WorkQueueName), nameof(FlowRunCreate.WorkPoolName),
            nameof(DeploymentFilter.FlowOrDeploymentName), nameof(FlowRunFilter.EndTime), nameof(FlowRunFilter.ParentFlowRunId), nameof(FlowRunFilter.CreatedBy), nameof(LogFilter.Text),
        ];

        public static object? Value(Type type, bool full = true)
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
                _ when type == typeof(Schedule) => new Schedule { Interval = 1.5, AnchorDate = DateTimeOffset.UnixEpoch, Timezone = "UTC" },
                _ when type == typeof(CancellationToken) => TestContext.Current.CancellationToken,
                _ when type == typeof(IReadOnlyDictionary<string, JsonElement>) => new Dictionary<string, JsonElement> { ["own"] = JsonElement.Parse("1") },
                _ when type == typeof(IApplyJournal) => null,
                // Sluice's own, and refused before any request.
                _ when type == typeof(LabelsFilter) => null,
                _ when type == typeof(IReadOnlyDictionary<Guid, DateTimeOffset>) => new Dictionary<Guid, DateTimeOffset>(),
                _ when type == typeof(IReadOnlyDictionary<string, string>) => new Dictionary<string, string> { ["own"] = "1" },
                _ when type.IsEnum => Enum.GetValues(type).GetValue(0),
                _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => List(type.GetGenericArguments()[0], full),
                _ => Record(type, full),
            };
        }

        private static Array List(Type item, bool full)
        {
            Array list = Array.CreateInstance(item, 1);
            ((IList)list)[0] = Value(item, full);
            return list;
        }

        private static object Record(Type type, bool full)
        {
            object record = Activator.CreateInstance(type)!;
            foreach (PropertyInfo property in type.GetProperties().Where(property => property.CanWrite && (!Common.TryGetValue(type, out string[]? common) || common.Contains(property.Name)) && (full || !(Later.Contains(property.Name) || property.PropertyType == typeof(PresenceFilter) || (property.Name == nameof(DeploymentSchedule.Parameters) && type.Name.StartsWith(nameof(DeploymentSchedule), StringComparison.Ordinal))))))
            {
                property.SetValue(record, property.Name switch
                {
                    nameof(DeploymentFilter.FlowOrDeploymentName) => new NameFilter { Like = "a name" },
                    nameof(ArtifactCreate.Metadata) => new Dictionary<string, JsonElement> { ["own"] = JsonElement.Parse("\"1\"") }, // texts only
                    nameof(StateDetails.Deferred) => JsonElement.Parse("true"),
                    nameof(StateDetails.RunInputKeyset) => JsonElement.Parse("""{"own":"1"}"""),
                    nameof(DeploymentCreate.PullSteps) => JsonElement.Parse("""[{"a.step":{}}]"""),
                    _ => Value(property.PropertyType, full),
                });
            }

            return record;
        }
    }
}
