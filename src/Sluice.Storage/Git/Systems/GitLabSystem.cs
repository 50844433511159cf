using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Git.Systems;

/// <summary><c>gitlab://group/subgroup/project?path=…</c>: gitlab.com, and installations by their host. Groups nest, so the path is an option.</summary>
/// <remarks>Rule: GitLab's "Personal access tokens" and "OAuth 2.0": <c>oauth2</c> with a token as the password serves both, and deploy tokens with any name.</remarks>
internal sealed class GitLabSystem : GitSystem
{
    private const string Form = "gitlab://group/project";

    public override IReadOnlyList<StoreOption> Known { get; } =
    [
        .. Common,
        new("host", "Host of a GitLab installation. Default: gitlab.com."),
        new("access_token", "Token that may read the repository. Default: GITLAB_ACCESS_TOKEN (environment, then the server's secret); without one, git's own configuration signs in.", IsSecret: true),
    ];

    public override void Check(Uri location, StoreOptions options)
    {
        CheckAuthority(location, Form);
        if (Segments(location).Length < 2)
            throw Malformed(location, Form);
    }

    public override async ValueTask<GitRemote> ConnectAsync(Uri location, StoreOptions options, ISecretSource secrets, TimeProvider time, CancellationToken cancellationToken)
    {
        string at = Base(await options.GetAsync("host", cancellationToken).ConfigureAwait(false), "gitlab.com", location);
        string repository = Escape(Segments(location));
        repository = repository.EndsWith(".git", StringComparison.Ordinal) ? repository[..^4] : repository;
        return new(StoreOptions.Shown(location), $"{at}/{repository}.git", repository, "set GITLAB_ACCESS_TOKEN or give access_token=${NAME} in the URI",
            async token => await SecretAsync(options, "access_token", "GITLAB_ACCESS_TOKEN", secrets, token).ConfigureAwait(false) is { } secret
                ? GitSignIn.Basic("oauth2", secret, new Uri(at).GetLeftPart(UriPartial.Authority) + "/") : null);
    }
}
