using System.Text.Json;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>Templated values of parameters: rendered where a run is made and where a deployment is changed, kept where one is created.</summary>
public sealed class HydrationTests
{
    private const string Templates = """{"a":{"__prefect_kind":"jinja","template":"{{ 1+1 }} {{ ['x','y']|join('-') }}"},"b":{"__prefect_kind":"workspace_variable","variable_name":"v"},"c":{"__prefect_kind":"json","value":"[1]"},"d":[{"__prefect_kind":"none","value":3}]}""";
    private const string Rendered = """{"a":"2 x-y","b":{"k":[1]},"c":[1],"d":[3]}""";

    [Fact]
    public async Task Templates_are_kept_by_POST_and_rendered_for_runs_and_by_PATCH()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        await server.Store.CreateVariableAsync(new() { Name = "v", Value = JsonElement.Parse("""{"k":[1]}""") }, FamilyServer.Cancel);
        Guid flow = server.Deployment.FlowId;
        JsonElement made = await server.OkAsync("POST", "/deployments/", $$"""{"name":"t","flow_id":"{{flow}}","parameters":{{Templates}} }""", 201);
        Same(made.GetProperty("parameters"), Templates);
        string path = $"/deployments/{made.GetProperty("id").GetGuid()}";
        Same((await server.OkAsync("POST", path + "/create_flow_run", "{}", 201)).GetProperty("parameters"), Rendered);
        Same((await server.OkAsync("POST", path + "/create_flow_run", """{"parameters":{"c":{"__prefect_kind":"jinja","template":"{% for i in range(3) %}{{ i }}{% endfor %}"} } }""", 201))
            .GetProperty("parameters").GetProperty("c"), "\"012\"");
        await server.OkAsync("PATCH", path, $$"""{"parameters":{{Templates}} }""", 204);
        Same((await server.OkAsync("GET", path)).GetProperty("parameters"), Rendered);
    }

    [Theory]
    [InlineData("""{"__prefect_kind":"workspace_variable","variable_name":"nov"}""", "Variable 'nov' not found in workspace.")]
    [InlineData("""{"__prefect_kind":"jinja","template":"{{ 1"}""", "Invalid jinja: '{{' is not closed by '}}' (line 1) at $.n")]
    [InlineData("""{"__prefect_kind":"jinja","template":"{{ range(101) }}"}""", "Invalid jinja: Range too big. The sandbox blocks ranges larger than 100. (line 1) at $.n")]
    [InlineData("""{"__prefect_kind":"jinja","template":"{{ ''.__class__.__mro__ }}"}""", "Invalid jinja: access to attribute '__class__' of 'str' object is unsafe. (line 1) at $.n")]
    public async Task What_cannot_be_told_is_answered_with_400(string value, string reason)
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        string body = $$"""{"parameters":{"n":{{value}} } }""", path = $"/deployments/{server.Deployment.Id}";
        (await server.OkAsync("POST", path + "/create_flow_run", body, 400)).GetProperty("detail").GetString().ShouldBe("Error hydrating flow run parameters: " + reason);
        (await server.OkAsync("PATCH", path, body, 400)).GetProperty("detail").GetString().ShouldBe("Error hydrating deployment parameters: " + reason);
    }

    private static void Same(JsonElement value, string expected) => JsonElement.DeepEquals(value, JsonElement.Parse(expected)).ShouldBeTrue($"{value} instead of {expected}");
}
