using System.Net.Http.Json;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Prefect;

/// <summary>Where a real Prefect 3.8.3 takes more than its OpenAPI document says, the fixture does too.</summary>
public sealed class Prefect3ServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/work_pools/p/queues/filter", """{"work_queues":null,"limit":null,"offset":0}""", 200)]
    [InlineData("/work_pools/p/queues/filter", """{"work_queues":{"operator":null}}""", 422)]
    [InlineData("/work_pools/p/queues/filter", """{"work_queues":{"name":{"any_":["default"]}},"limit":"many"}""", 422)]
    public async Task Null_is_taken_for_what_a_body_may_leave_out(string path, string body, int status)
    {
        await using Prefect3Server server = await Prefect3Server.StartAsync(cancellationToken: Cancel);
        await server.Store.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, Cancel);
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });

        using HttpResponseMessage response = await http.PostAsJsonAsync(server.Url + path, System.Text.Json.JsonElement.Parse(body), Cancel);

        ((int)response.StatusCode).ShouldBe(status, await response.Content.ReadAsStringAsync(Cancel));
        (server.TakeMisfits().Count > 0).ShouldBe(status != 200);
    }
}
