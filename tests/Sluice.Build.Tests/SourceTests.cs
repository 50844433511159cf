using System.Text;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Build.Tests;

/// <summary>Publishing a project from its git repository: nothing is stored, and the worker fetches and builds the commit.</summary>
[Collection(nameof(PackedFeed))]
public sealed class SourceTests(PackedFeed feed) : IDisposable
{
    private const string Token = "canary-c0ffee";

    private readonly UserFolder _user = new(feed);

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task A_pushed_commit_is_deployed_as_it_is_and_its_worker_builds_it_once()
    {
        Assert.SkipUnless(GitServer.IsInstalled, GitServer.Missing);
        string basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"git:{Token}"));
        await using GitServer server = await GitServer.StartAsync(request => request.Authorization == basic);
        _user.Variables["SOURCE_TOKEN"] = Token;
        _user.Write(".gitignore", "bin/\nobj/\nhome/\n");
        _user.Write("src/Words/Words.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup></Project>""");
        _user.Write("src/Words/Words.cs", "public static class Words { public static string Greeting => \"Hello from git\"; }");
        _user.WriteProject("src/App/App.csproj", items: """<ProjectReference Include="../Words/Words.csproj" />""");
        _user.Write("src/App/Flows.cs", UserFolder.GreetFlow.Replace("$\"Hello, {name}!\"", "$\"{Words.Greeting}, {name}!\"", StringComparison.Ordinal));
        GitRepository repository = await GitRepository.CreateAsync(_user.Path);
        string first = await repository.CommitAsync("one");
        string bare = await repository.PublishAsync(_user["home", "bare.git"]);
        server.Show(bare, "acme/flows.git");
        await repository.GitAsync("remote", "set-url", "origin", $"{server.Address}/acme/flows.git");
        await repository.GitAsync("remote", "set-url", "--push", "origin", bare);
        string source = $"git+http://127.0.0.1:{server.Port}/acme/flows.git", storage = $"-p:SluiceStorage={source}?access_token=${{SOURCE_TOKEN}}";
        string flows = File.ReadAllText(_user["src", "App", "Flows.cs"]);

        _user.Write("src/App/Flows.cs", flows + "// more\n");
        (await RefusedAsync(storage)).ShouldContain("commit and push first: src/App/Flows.cs.");
        string second = await repository.CommitAsync("two");
        (await RefusedAsync(storage, "--no-build")).ShouldMatch($"error SLC1037: Cannot publish .*: the commit {second[..12]} \\(main\\) .*[Pp]ush first: git push origin HEAD");
        (await RefusedAsync(storage.Replace("/acme/", "/other/", StringComparison.Ordinal), "--no-build")).ShouldContain("its working tree is a clone of another repository");
        (await RefusedAsync(storage + "&path=src/Other", "--no-build")).ShouldContain("the URI names 'src/Other', and this is 'src/App/App.csproj'");
        (await _user.DeploymentsAsync()).ShouldBeEmpty();

        await repository.GitAsync("push", "--quiet", "origin", "main");
        string output = await _user.PublishAsync("src/App", storage, "--no-build");
        output.ShouldContain($"Source {source}?access_token=$%7BSOURCE_TOKEN%7D&path=src/App/App.csproj: commit {second[..12]} of main, which workers build; nothing is uploaded");
        output.ShouldContain("1 created");
        (await _user.PublishAsync("src/App", storage, "--no-build")).ShouldContain("1 unchanged");
        Directory.GetFiles(_user["home", "storage"], "*", SearchOption.AllDirectories).ShouldHaveSingleItem("no package is stored, only the record of the publish").ShouldContain(Path.Combine("storage", "versions"));
        JsonElement deployment = (await _user.DeploymentsAsync()).ShouldHaveSingleItem();
        deployment.GetProperty("path").GetString()!.ShouldEndWith($"path=src/App/App.csproj#commit={second}");
        deployment.GetProperty("version").GetString()!.ShouldEndWith(second[..12]);

        (await _user.RunAsync("Greet/hourly", "--param", "name=worker")).ShouldSatisfyAllConditions(
            text => text.ShouldContain($"Building commit {second[..12]} of {source} (src/App/App.csproj) with the .NET SDK "),
            text => text.ShouldContain("Hello from git, worker!"));
        int asked = server.Requests.Count;
        (await _user.RunAsync("Greet/hourly")).ShouldSatisfyAllConditions(
            text => text.ShouldContain("Hello from git, world!"),
            text => text.ShouldNotContain("Building"));
        server.Requests.Count.ShouldBe(asked, "a built commit needs no repository");

        foreach (string file in Directory.EnumerateFiles(_user.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            (await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Token)).ShouldBe(-1, file);
    }

    private async Task<string> RefusedAsync(params string[] options)
    {
        (int exit, string output) = await _user.DotNetAsync(["publish", "src/App", "-nologo", "-tl:off", .. options]);
        exit.ShouldNotBe(0, output);
        return output;
    }
}
