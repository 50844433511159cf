using Sluice.Storage.Options;

namespace Sluice.Storage.Git.Systems;

/// <summary><c>gitlab://group/subgroup/project?path=…</c>: gitlab.com, and installations by their host. Groups nest, so the path is an option.</summary>
/// <remarks>Rule: GitLab's "Personal access tokens" and "OAuth 2.0": <c>oauth2</c> with a token as the password serves both, and deploy tokens with any name.</remarks>
internal sealed class GitLabSystem() : HostedSystem("gitlab://group/project", Home, "oauth2", Secret)
{
    private const string Home = "gitlab.com";
    private const string Secret = "GITLAB_ACCESS_TOKEN";

    public override IReadOnlyList<StoreOption> Known { get; } = KnownWith("GitLab installation", Home, Secret);

    protected override IEnumerable<string> RepositoryOf(string[] segments) => segments;
}
