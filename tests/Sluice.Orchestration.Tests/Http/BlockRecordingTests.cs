using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>What Prefect's own clients do with blocks, as recorded from a 2.10.21 server, sent to ours.</summary>
public sealed class BlockRecordingTests : IAsyncLifetime
{
    private static readonly JsonElement Recorded = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "prefect2", "blocks.json")));
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private IOrchestrationApi _store = null!;
    private ApiHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await EmbeddedApi.OpenAsync(new(_folder["home"]), TimeProvider.System, Cancel);
        _host = await ApiHost.StartAsync(_store, new(), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Prefects_client_registers_a_type_and_a_schema_and_saves_a_block()
    {
        JsonElement type = Recorded.GetProperty("block_type"), schema = Recorded.GetProperty("block_schema");
        (int missing, _) = await SendAsync("GET", "/block_types/slug/process", null);
        missing.ShouldBe(404);
        (int made, JsonElement ownType) = await SendAsync("POST", "/block_types/", Only(type, "name", "slug", "logo_url", "documentation_url", "description", "code_example"));
        made.ShouldBe(201);
        KeysOf(ownType).ShouldBe(KeysOf(type), ignoreOrder: true);

        string id = ownType.GetProperty("id").GetString()!;
        string body = $$"""{"fields":{{schema.GetProperty("fields").GetRawText()}},"block_type_id":"{{id}}","capabilities":["run-infrastructure"],"version":"2.10.21"}""";
        (made, JsonElement ownSchema) = await SendAsync("POST", "/block_schemas/", body);
        made.ShouldBe(201);
        KeysOf(ownSchema).ShouldBe(KeysOf(schema), ignoreOrder: true);
        (await SendAsync("POST", "/block_schemas/", body)).Status.ShouldBe(200, "the same fields are the same schema");
        (int found, JsonElement bySum) = await SendAsync("GET", $"/block_schemas/checksum/{schema.GetProperty("checksum").GetString()}?version=2.10.21", null);
        found.ShouldBe(200, "the checksum is the one that Prefect's clients ask by");
        bySum.GetProperty("id").GetString().ShouldBe(ownSchema.GetProperty("id").GetString());

        JsonElement document = Recorded.GetProperty("block_document"), request = document.GetProperty("request");
        string sent = request.GetRawText()
            .Replace(request.GetProperty("block_schema_id").GetString()!, ownSchema.GetProperty("id").GetString(), StringComparison.Ordinal)
            .Replace(request.GetProperty("block_type_id").GetString()!, id, StringComparison.Ordinal);
        (made, JsonElement own) = await SendAsync("POST", "/block_documents/", sent);
        made.ShouldBe(201, own.ToString());
        KeysOf(document.GetProperty("answer")).Except(KeysOf(own)).ShouldBeEmpty();
        JsonElement.DeepEquals(own.GetProperty("data"), document.GetProperty("answer").GetProperty("data")).ShouldBeTrue();
        own.GetProperty("name").GetString()!.ShouldStartWith("anonymous-");
        (await SendAsync("GET", $"/block_documents/{own.GetProperty("id").GetString()}?include_secrets=true", null)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("block_schema")]
    [InlineData("local_file_system_schema")]
    public async Task Checksums_are_Prefects(string name)
    {
        JsonElement schema = Recorded.GetProperty(name);
        BlockType type = await _store.CreateBlockTypeAsync(new() { Name = "t", Slug = "t" }, Cancel);
        (await _store.EnsureBlockSchemaAsync(new() { BlockTypeId = type.Id, Fields = schema.GetProperty("fields") }, Cancel)).Checksum.ShouldBe(schema.GetProperty("checksum").GetString());
    }

    [Fact]
    public async Task A_variable_is_found_changed_and_deleted_by_its_name()
    {
        (await SendAsync("POST", "/variables/", """{"name":"v1","value":"x"}""")).Status.ShouldBe(201);
        (await SendAsync("PATCH", "/variables/name/v1", """{"value":[1]}""")).Status.ShouldBe(204);
        (int status, JsonElement variable) = await SendAsync("GET", "/variables/name/v1", null);
        status.ShouldBe(200);
        variable.GetProperty("value").GetRawText().ShouldBe("[1]");
        (await SendAsync("POST", "/variables/count", "{}")).Answer.GetInt32().ShouldBe(1);
        (await SendAsync("DELETE", "/variables/name/v1", null)).Status.ShouldBe(204);
        (await SendAsync("DELETE", "/variables/name/v1", null)).Status.ShouldBe(404);
        (await SendAsync("PATCH", "/variables/name/v1", "{}")).Status.ShouldBe(404);
    }

    private static string[] KeysOf(JsonElement value) => [.. value.EnumerateObject().Select(member => member.Name)];

    private static string Only(JsonElement value, params string[] names) =>
        "{" + string.Join(',', names.Select(name => $"\"{name}\":{value.GetProperty(name).GetRawText()}")) + "}";

    private async Task<(int Status, JsonElement Answer)> SendAsync(string method, string path, string? body)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), _host.Url + path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _http.SendAsync(request, Cancel);
        return ((int)response.StatusCode, response.Content.Headers.ContentLength > 0 ? await response.Content.ReadFromJsonAsync<JsonElement>(Cancel) : default);
    }
}
