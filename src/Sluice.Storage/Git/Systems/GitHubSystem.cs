using Sluice.Storage.Options;

namespace Sluice.Storage.Git.Systems;

/// <summary><c>github://owner/repository/path</c>: GitHub, and GitHub Enterprise Server by its host.</summary>
/// <remarks>Rule: GitHub's "Authenticating as a GitHub App installation": any user name with a token as the password; theirs is <c>x-access-token</c>.</remarks>
internal sealed class GitHubSystem() : HostedSystem("github://owner/repository", Home, "x-access-token", Secret)
{
    private const string Home = "github.com";
    private const string Secret = "GITHUB_ACCESS_TOKEN";

    public override IReadOnlyList<StoreOption> Known { get; } = KnownWith("GitHub Enterprise Server", Home, Secret);

    public override string? PathBehindRepository(Uri location) => Segments(location) is [_, _, _, ..] segments ? string.Join('/', segments.Skip(2)) : null;

    protected override IEnumerable<string> RepositoryOf(string[] segments) => segments.Take(2);
}
