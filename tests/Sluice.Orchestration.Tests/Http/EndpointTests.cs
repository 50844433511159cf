using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

public sealed class EndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://127.0.0.1:4200/api", "http://127.0.0.1:4200/api")]
    [InlineData(" https://api.prefect.cloud/api/accounts/a/workspaces/w/ ", "https://api.prefect.cloud/api/accounts/a/workspaces/w")]
    [InlineData("http://host:1/api?x=1#y", "http://host:1/api")]
    public void A_URL_is_taken_without_its_last_slash(string given, string url) => new ApiEndpoint(given).Url.ShouldBe(url);

    [Theory]
    [InlineData(""), InlineData("127.0.0.1:4200/api"), InlineData("ftp://host/api"), InlineData("/api")]
    public void What_is_no_URL_is_refused(string given)
    {
        OrchestrationException error = Should.Throw<OrchestrationException>(() => new ApiEndpoint(given));
        error.Kind.ShouldBe(OrchestrationErrorKind.Invalid);
        error.Message.ShouldBe($"'{given}' is not an API URL; PREFECT_API_URL takes one like http://127.0.0.1:4200/api.");
    }

    [Theory]
    [InlineData("https://user:CANARY@host:8443/api/", null, "https://host:8443/api", "user:CANARY")]
    [InlineData("https://user:p%40ss@host/api", null, "https://host/api", "user:p@ss")]
    [InlineData("https://user:CANARY@host/api", "other:one", "https://host/api", "other:one")]
    [InlineData("https://user@host/api", null, "https://host/api", null)]
    public void A_password_in_the_URL_is_the_auth_string_and_in_no_URL(string given, string? authString, string url, string? taken)
    {
        ApiEndpoint endpoint = new(given, authString: authString);
        (endpoint.Url, endpoint.AuthString).ShouldBe((url, taken));
        endpoint.ToString().ShouldNotContain("CANARY");
        Should.Throw<OrchestrationException>(() => new ApiEndpoint("ftp://user:CANARY@host/api")).Message.ShouldBe("'ftp://…@host/api' is not an API URL; PREFECT_API_URL takes one like http://127.0.0.1:4200/api.");
    }

    [Fact]
    public void The_environment_names_it_and_secrets_are_never_printed()
    {
        Dictionary<string, string> variables = new() { ["PREFECT_API_URL"] = "http://host/api/", ["PREFECT_API_KEY"] = " secret-key\n", ["PREFECT_API_AUTH_STRING"] = "user:secret" };
        ApiEndpoint endpoint = ApiEndpoint.FromEnvironment(variables.GetValueOrDefault).ShouldNotBeNull();

        endpoint.ShouldBe(new ApiEndpoint("http://host/api", "secret-key", "user:secret"));
        endpoint.ToString().ShouldBe("http://host/api");
        new ServerRecord { Url = "http://host/api", Pid = 1, ApiKey = "secret", AuthString = "user:secret" }.ToString().ShouldBe("http://host/api (process 1)");
        ApiEndpoint.FromEnvironment(_ => " ").ShouldBeNull();
    }

    [Fact]
    public async Task A_running_server_is_found_by_its_record_and_a_dead_one_is_not()
    {
        using TempFolder folder = new();
        SluiceHome home = new(folder["home"]);
        (await ApiEndpoint.ResolveAsync(home, null, Cancel)).ShouldBeNull();
        ApiEndpoint.Resolve(home).Url.ShouldBe(ApiEndpoint.DefaultUrl);

        await using IOrchestrationApi store = await EmbeddedApi.OpenAsync(home, TimeProvider.System, Cancel);
        ServerRecord record;
        await using (ApiHost host = await ApiHost.StartAsync(store, new() { Token = "t" }, Cancel))
        {
            record = new() { Url = host.Url.ToString(), Pid = Environment.ProcessId, ApiKey = "t" };
            record.Write(home);
            ApiEndpoint found = (await ApiEndpoint.ResolveAsync(home, null, Cancel)).ShouldNotBeNull();
            found.ShouldBe(record.Endpoint);
            ApiEndpoint.Resolve(home).ShouldBe(found);
            await using HttpOrchestrationApi api = new(found);
            (await api.GetInfoAsync(Cancel)).Product.ShouldBe("sluice");
            ApiEndpoint configured = new("http://configured/api");
            (await ApiEndpoint.ResolveAsync(home, configured, Cancel)).ShouldBe(configured);
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(home.ServerRecord).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }

        (await ApiEndpoint.ResolveAsync(home, null, Cancel)).ShouldBeNull("the server is gone, its record is not");
        (record with { Pid = 1 }).Delete(home);
        ServerRecord.Read(home).ShouldBe(record, "another server's record stays");
        record.Delete(home);
        ServerRecord.Read(home).ShouldBeNull();
    }

    [Theory]
    [InlineData("{"), InlineData("[]"), InlineData("""{"url":"x"}""")]
    public async Task A_damaged_record_names_no_server(string text)
    {
        using TempFolder folder = new();
        await File.WriteAllTextAsync(folder["server.json"], text, Cancel);
        (await ServerRecord.FindLivingAsync(new(folder.Path), Cancel)).ShouldBeNull();
    }
}
