using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Git.Systems;

/// <summary><c>github://owner/repository/path</c>: GitHub, and GitHub Enterprise Server by its host.</summary>
/// <remarks>Rule: GitHub's "Authenticating as a GitHub App installation": any user name with a token as the password; theirs is <c>x-access-token</c>.</remarks>
internal sealed class GitHubSystem : GitSystem
{
    private const string Form = "github://owner/repository";

    public override IReadOnlyList<StoreOption> Known { get; } =
    [
        .. Common,
        new("host", "Host of a GitHub Enterprise Server. Default: github.com."),
        new("access_token", "Token that may read the repository. Default: GITHUB_ACCESS_TOKEN (environment, then the server's secret); without one, git's own configuration signs in.", IsSecret: true),
    ];

    public override void Check(Uri location, StoreOptions options)
    {
        CheckAuthority(location, Form);
        if (Segments(location).Length < 2)
            throw Malformed(location, Form);
    }

    public override string? PathBehindRepository(Uri location) => Segments(location) is [_, _, _, ..] segments ? string.Join('/', segments.Skip(2)) : null;

    public override async ValueTask<GitRemote> ConnectAsync(Uri location, StoreOptions options, ISecretSource secrets, TimeProvider time, CancellationToken cancellationToken)
    {
        string at = Base(await options.GetAsync("host", cancellationToken).ConfigureAwait(false), "github.com", location);
        string repository = Escape(Segments(location).Take(2));
        repository = repository.EndsWith(".git", StringComparison.Ordinal) ? repository[..^4] : repository;
        return new(StoreOptions.Shown(location), $"{at}/{repository}.git", repository, "set GITHUB_ACCESS_TOKEN or give access_token=${NAME} in the URI",
            async token => await SecretAsync(options, "access_token", "GITHUB_ACCESS_TOKEN", secrets, token).ConfigureAwait(false) is { } secret
                ? GitSignIn.Basic("x-access-token", secret, new Uri(at).GetLeftPart(UriPartial.Authority) + "/") : null);
    }
}
