using System.Text.Json;

namespace Sluice.Cli.Tests;

/// <summary><c>config view|set|unset</c>.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task A_setting_is_stored_shown_with_its_origin_and_removed_again()
    {
        (await _sluice.RunAsync("config", "set", "PREFECT_API_URL=http://127.0.0.1:9/api")).Succeeded();
        (await ViewAsync("PREFECT_API_URL")).ShouldBe(("http://127.0.0.1:9/api", "config.json"));

        (await _sluice.RunAsync("config", "unset", "PREFECT_API_URL")).Succeeded();
        (await ViewAsync("PREFECT_API_URL")).ShouldBe((null, "unset"));
    }

    [Fact]
    public async Task The_environment_wins_over_the_file()
    {
        (await _sluice.RunAsync("config", "set", "PREFECT_API_URL=http://127.0.0.1:9/api")).Succeeded();
        _sluice.With("PREFECT_API_URL", "http://127.0.0.1:10/api");

        (await ViewAsync("PREFECT_API_URL")).ShouldBe(("http://127.0.0.1:10/api", "environment"));
        (await _sluice.RunAsync("version")).Output.ShouldContain("API: http://127.0.0.1:10/api");
    }

    [Fact]
    public async Task Keys_are_shown_only_when_asked_for_and_kept_from_other_users()
    {
        SluiceProgram.Outcome set = (await _sluice.RunAsync("config", "set", "PREFECT_API_KEY=canary-7f3")).Succeeded();
        set.ToString().ShouldNotContain("canary-7f3");

        (await ViewAsync("PREFECT_API_KEY")).ShouldBe(("********", "config.json"));
        (await _sluice.RunAsync("config", "view")).Output.ShouldNotContain("canary-7f3");
        (await _sluice.RunAsync("config", "view", "--show-secrets")).Output.ShouldContain("canary-7f3");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(_sluice.Home.Config).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_damaged_file_is_named()
    {
        Directory.CreateDirectory(_sluice.Home.Root);
        await File.WriteAllTextAsync(_sluice.Home.Config, "{\"PREFECT_API_URL\":");

        (await _sluice.RunAsync("config", "view")).FailedWith(1).ShouldContain($"'{_sluice.Home.Config}' is not a JSON object of texts");
    }

    private async Task<(string? Value, string? Source)> ViewAsync(string name)
    {
        JsonElement settings = (await _sluice.RunAsync("config", "view", "--output", "json")).Succeeded().Json;
        JsonElement setting = settings.EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);
        return (setting.GetProperty("value").GetString(), setting.GetProperty("source").GetString());
    }
}
