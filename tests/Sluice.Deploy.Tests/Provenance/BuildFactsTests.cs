using Sluice.Deploy.Provenance;
using Sluice.Storage.Git;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Provenance;

/// <summary>Where a publish comes from: from a real repository, and from the variables of CI systems.</summary>
public sealed class BuildFactsTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_repository_tells_commit_branch_author_and_address_without_its_credentials()
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        (await FactsAsync(repository.Folder)).Commit.ShouldBeNull();
        string commit = await repository.CommitAsync("first", ("src/App.cs", "one"));
        await repository.GitAsync("remote", "add", "backup", "https://git.example/other/place.git");
        await repository.GitAsync("remote", "add", "origin", "https://user:canary-77@git.example/team/flows.git?token=canary-78");

        BuildFacts facts = await FactsAsync(Path.Combine(repository.Folder, "src"));

        (facts.Commit, facts.Branch, facts.Author, facts.Dirty, facts.Repository, facts.Sdk, facts.Builder).ShouldBe(
            (commit, "main", "Ada <ada@example.com>", false, "https://git.example/team/flows.git", "10.0.100", "this-machine"));
        facts.Time.ShouldBe(new(2026, 11, 22, 8, 30, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("changed", true)]
    [InlineData("staged", true)]
    [InlineData("renamed", true)]
    [InlineData("new", true)]
    [InlineData("ignored", false)]
    [InlineData("built", false)]
    [InlineData("source in bin", true)]
    [InlineData("nothing", false)]
    public async Task A_tree_is_dirty_where_files_differ_from_the_commit(string what, bool dirty)
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        await repository.CommitAsync("first", ("App.cs", "one\ntwo\nthree\nfour\n"), (".gitignore", "*.user\n"), ("App.csproj", "<Project/>"));
        switch (what)
        {
            case "renamed":
                await repository.GitAsync("mv", "App.cs", "Program.cs");
                break;
            case "nothing":
                break;
            default:
                string file = Path.Combine(repository.Folder, what switch { "new" => "New.cs", "ignored" => "App.user", "built" => "obj/App.dll", "source in bin" => "Steps/bin/Extra.cs", _ => "App.cs" });
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllTextAsync(file, "other", Cancel);
                if (what == "staged")
                    await repository.GitAsync("add", "App.cs");
                break;
        }
        (await FactsAsync(repository.Folder)).Dirty.ShouldBe(dirty);
    }

    [Fact]
    public async Task A_checkout_of_CI_on_no_branch_gets_its_branch_from_the_variables()
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        string commit = await repository.CommitAsync("first", ("App.cs", "one"));
        await repository.GitAsync("checkout", "--quiet", "--detach");
        BuildFacts facts = await FactsAsync(repository.Folder, ("GITHUB_ACTIONS", "true"), ("GITHUB_REF_NAME", "7/merge"), ("GITHUB_HEAD_REF", "feature/rain"), ("GITHUB_SHA", "other"));
        (facts.Commit, facts.Branch, facts.Author, facts.Dirty).ShouldBe((commit, "feature/rain", "Ada <ada@example.com>", false));
    }

    [Fact]
    public async Task The_commit_that_the_build_knows_wins_and_outside_any_repository_nothing_is_made_up()
    {
        BuildFacts facts = await BuildFacts.ReadAsync(_temp.Path, "abc", "", _ => null, TimeProvider.System, Cancel);
        (facts.Commit, facts.Branch, facts.Author, facts.Dirty, facts.Repository, facts.Sdk, facts.BuildUrl).ShouldBe(("abc", null, null, null, null, null, null));
        facts.Builder.ShouldNotBeEmpty();
        (await TreeFacts.ReadAsync(_temp["no-such-folder"], Cancel)).ShouldBeNull();
    }

    // From each system's list of predefined variables.
    public static TheoryData<string, string> Systems => new()
    {
        {
            "GITHUB_ACTIONS=true GITHUB_SHA=c0ffee GITHUB_REF_NAME=main GITHUB_ACTOR=ada GITHUB_SERVER_URL=https://github.example GITHUB_REPOSITORY=team/flows GITHUB_RUN_ID=42",
            "GitHub Actions c0ffee main ada https://github.example/team/flows https://github.example/team/flows/actions/runs/42"
        },
        {
            "GITLAB_CI=true CI_COMMIT_SHA=c0ffee CI_COMMIT_REF_NAME=main CI_COMMIT_AUTHOR=ada CI_PROJECT_URL=https://gitlab.example/team/flows CI_JOB_URL=https://gitlab.example/team/flows/-/jobs/7",
            "GitLab CI c0ffee main ada https://gitlab.example/team/flows https://gitlab.example/team/flows/-/jobs/7"
        },
        {
            "GITLAB_CI=true CI_COMMIT_SHA=c0ffee CI_COMMIT_REF_NAME=refs/merge-requests/1/head CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=rain CI_COMMIT_AUTHOR=ada",
            "GitLab CI c0ffee rain ada - -"
        },
        {
            "TF_BUILD=True BUILD_SOURCEVERSION=c0ffee BUILD_SOURCEBRANCH=refs/heads/team/rain BUILD_SOURCEBRANCHNAME=rain BUILD_SOURCEVERSIONAUTHOR=ada BUILD_REPOSITORY_URI=https://me@dev.example/org/p/_git/flows SYSTEM_TEAMFOUNDATIONCOLLECTIONURI=https://dev.example/org/ SYSTEM_TEAMPROJECT=p BUILD_BUILDID=9",
            "Azure Pipelines c0ffee team/rain ada https://dev.example/org/p/_git/flows https://dev.example/org/p/_build/results?buildId=9"
        },
        {
            "BITBUCKET_BUILD_NUMBER=5 BITBUCKET_COMMIT=c0ffee BITBUCKET_BRANCH=main BITBUCKET_GIT_HTTP_ORIGIN=http://bitbucket.example/team/flows",
            "Bitbucket Pipelines c0ffee main - http://bitbucket.example/team/flows http://bitbucket.example/team/flows/pipelines/results/5"
        },
        { "CI=true", "CI - - - - -" },
    };

    [Theory, MemberData(nameof(Systems))]
    public async Task A_CI_system_says_where_its_job_comes_from(string variables, string expected)
    {
        BuildFacts facts = await FactsAsync(_temp.Path, [.. variables.Split(' ').Select(one => (one.Split('=', 2)[0], one.Split('=', 2)[1]))]);
        string.Join(' ', new[] { facts.Builder, facts.Commit, facts.Branch, facts.Author, facts.Repository, facts.BuildUrl }.Select(fact => fact ?? "-")).ShouldBe(expected);
    }

    private static Task<BuildFacts> FactsAsync(string folder, params (string Name, string Value)[] variables)
    {
        Dictionary<string, string> all = variables.Append(("SLUICE_HOST", "this-machine")).ToDictionary(one => one.Item1, one => one.Item2);
        return BuildFacts.ReadAsync(folder, null, "10.0.100", all.GetValueOrDefault, new FakeTimeProvider(new(2026, 11, 22, 8, 30, 0, TimeSpan.Zero)), Cancel);
    }
}
