using Sluice.Deploy.Packaging;
using Sluice.Storage.Packages;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Packaging;

public sealed class PackageAssemblyTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("framework-dependent", "App.dll App App.deps.json", "App", "App.dll")]
    [InlineData("framework-dependent", "App.dll App.exe", "App.exe", "App.dll")]
    [InlineData("framework-dependent", "App.dll", null, "App.dll")]
    [InlineData("self-contained", "App.dll App coreclr.so", "App", "App.dll")]
    [InlineData("single-file", "App data/x.csv", "App", null)]
    [InlineData("single-file", "App App.dll", "App", null)]
    [InlineData("native-aot", "App.exe App.pdb", "App.exe", null)]
    [InlineData(null, "App.dll App", "App", "App.dll")]
    public void How_it_is_started_follows_from_mode_and_files(string? mode, string files, string? executable, string? assembly)
    {
        PackageAssembly.Of(Request(mode, files), "App").Launch.ShouldBe(new PackageLaunch(executable, assembly));
    }

    [Theory]
    [InlineData("framework-dependent", "Other.dll", "hold no App.dll")]
    [InlineData("native-aot", "App.dll", "hold no App,")]
    [InlineData("framework-dependent", "sub/App.dll", "hold no App.dll")]
    public void A_package_that_nothing_starts_is_refused(string mode, string files, string says)
    {
        DeployException e = Should.Throw<DeployException>(() => PackageAssembly.Of(Request(mode, files), "App"));
        e.Errors.ShouldHaveSingleItem().Code.ShouldBe(DeployCodes.ProgramMissing);
        e.Message.ShouldContain(says);
    }

    [Fact]
    public void An_ignore_file_that_leaves_out_the_program_is_told_with_the_line_that_mends_it()
    {
        _temp.Write("project/.sluiceignore", "*.dll");
        Should.Throw<DeployException>(() => PackageAssembly.Of(Request(null, "App.dll"), "App")).Message.ShouldContain("!/App.dll");
    }

    [Fact]
    public void A_script_is_its_file_with_what_it_includes_and_never_a_nuget_config()
    {
        string entry = _temp.Write("flow.cs", ""), helper = _temp.Write("lib/helper.cs", "");
        _temp.Write("global.json", "{}");
        _temp.Write("nuget.config", "<configuration />");
        _temp.Write("unrelated.cs", "");

        PackageAssembly files = PackageAssembly.Of(Script(entry) with { ScriptFiles = [helper, helper] }, "flow");

        files.Sources.Select(source => source.Path).Order().ShouldBe(["flow.cs", "global.json", "lib/helper.cs"]);
        files.Script.ShouldBe("flow.cs");
        files.Launch.ShouldBe(new PackageLaunch(null, null));
    }

    [Fact]
    public void What_a_package_of_a_script_would_not_hold_is_refused()
    {
        string entry = _temp.Write("scripts/flow.cs", ""), above = _temp.Write("Directory.Build.props", "<Project />");
        (DeployRequest Request, string Says)[] refused =
        [
            (Script(entry) with { EntryPointFile = null }, "App.csproj is a project"),
            (Script(entry) with { ScriptReferences = ["/src/Lib/Lib.csproj"] }, "flow.cs references Lib.csproj (#:project)"),
            (Script(entry) with { ScriptFiles = [above] }, $"flow.cs is built with {above}, outside of its folder"),
        ];
        foreach ((DeployRequest request, string says) in refused)
        {
            DeployException e = Should.Throw<DeployException>(() => PackageAssembly.Of(request, "flow"));
            e.Errors.ShouldHaveSingleItem().Code.ShouldBe(DeployCodes.ScriptRefused);
            e.Message.ShouldContain(says);
        }
    }

    [Fact]
    public void What_an_ignore_file_leaves_out_is_known()
    {
        _temp.Write("project/.sluiceignore", "*.pdb\ntmp/");
        PackageAssembly files = PackageAssembly.Of(Request(null, "App.dll App.pdb tmp/x tmp/y data/z"), "App");
        files.LeftOut.ShouldBe(["App.pdb", "tmp/x", "tmp/y"]);
        files.Sources.Select(s => s.Path).Order().ShouldBe(["App.dll", "data/z"]);
        files.IgnoredBy.ShouldBe([_temp["project/.sluiceignore"]]);
    }

    [Fact]
    public void Without_a_list_all_files_of_the_folder_are_the_package_and_with_one_only_those()
    {
        DeployRequest request = Request(null, "App.dll App data/x.csv old-leftover.dll");
        PackageAssembly.Of(request with { Files = null }, "App").Sources.Count.ShouldBe(4);
        PackageAssembly listed = PackageAssembly.Of(request with { Files = ["App.dll", "App", "data\\x.csv", "App", _temp["publish/data/x.csv"]] }, "App");
        listed.Sources.Select(s => s.Path).Order(StringComparer.Ordinal).ShouldBe(["App", "App.dll", "data/x.csv"]);
        listed.Sources.Single(s => s.Path == "App").Executable.ShouldBeTrue();
        listed.Sources.ShouldAllBe(s => File.Exists(s.FullPath));
    }

    [Theory]
    [InlineData(null, "linux-x64", true)]
    [InlineData("any", "linux-x64", true)]
    [InlineData("linux-x64", "linux-x64", true)]
    [InlineData("linux-arm64", "linux-x64", false)]
    [InlineData("linux-musl-x64", "linux-x64", false)]
    [InlineData("linux-x64", "linux-musl-x64", false)]
    [InlineData("linux-musl-arm64", "linux-musl-arm64", true)]
    [InlineData("win-x64", "linux-x64", false)]
    [InlineData("osx-arm64", "linux-x64", false)]
    [InlineData("unix", "linux-x64", true)]
    [InlineData("unix", "win-x64", false)]
    [InlineData("linux", "linux-x64", true)]
    [InlineData("win-x86", "win-x64", true)]
    [InlineData("win10-x64", "win-x64", true)]
    [InlineData("win-arm64", "win-x64", false)]
    [InlineData("win-x64", "win-arm64", true)]
    [InlineData("osx-x64", "osx-arm64", true)]
    [InlineData("osx.13-arm64", "osx-x64", false)]
    [InlineData("debian.12-x64", "linux-x64", true)]
    public void A_machine_runs_what_was_published_for_it(string? published, string machine, bool runs) =>
        RuntimeIdentifiers.CanRun(published, machine).ShouldBe(runs);

    private DeployRequest Script(string entry) => new() { Assembly = "flow.dll", Project = "App.csproj", PublishDir = _temp.Path, EntryPointFile = entry, StoreAsScript = true };

    private DeployRequest Request(string? mode, string files)
    {
        string[] paths = files.Split(' ');
        foreach (string path in paths)
            _temp.Write("publish/" + path, path);
        return new() { Assembly = "unused", Project = _temp["project/App.csproj"], PublishDir = _temp["publish"], Files = paths, DeploymentMode = mode };
    }
}
