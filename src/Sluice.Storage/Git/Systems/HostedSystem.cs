using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Git.Systems;

/// <summary>A system that takes a token as the password of a fixed user, in the cloud or by its host: GitHub and GitLab.</summary>
/// <param name="form">How its URIs are written.</param>
/// <param name="home">Its host in the cloud.</param>
/// <param name="user">The user that goes with a token.</param>
/// <param name="secret">The token's name where the URI gives none.</param>
internal abstract class HostedSystem(string form, string home, string user, string secret) : GitSystem
{
    public override void Check(Uri location, StoreOptions options)
    {
        CheckAuthority(location, form);
        if (Segments(location).Length < 2)
            throw Malformed(location, form);
    }

    public override async ValueTask<GitRemote> ConnectAsync(Uri location, StoreOptions options, ISecretSource secrets, TimeProvider time, CancellationToken cancellationToken)
    {
        string at = Base(await options.GetAsync("host", cancellationToken).ConfigureAwait(false), home, location);
        string repository = Escape(RepositoryOf(Segments(location)));
        repository = repository.EndsWith(".git", StringComparison.Ordinal) ? repository[..^4] : repository;
        return new(StoreOptions.Shown(location), $"{at}/{repository}.git", repository, $"set {secret} or give access_token=${{NAME}} in the URI",
            async cancel => await SecretAsync(options, "access_token", secret, secrets, cancel).ConfigureAwait(false) is { } token
                ? GitSignIn.Basic(user, token, new Uri(at).GetLeftPart(UriPartial.Authority) + "/") : null);
    }

    /// <summary>The parts of a URI that name the repository.</summary>
    protected abstract IEnumerable<string> RepositoryOf(string[] segments);

    /// <summary>The options of such a system.</summary>
    /// <param name="host">What <c>host</c> is.</param>
    /// <param name="home">Its default.</param>
    /// <param name="secret">The token's default.</param>
    protected static IReadOnlyList<StoreOption> KnownWith(string host, string home, string secret) =>
    [
        .. Common,
        new("host", $"Host of a {host}. Default: {home}."),
        new("access_token", $"Token that may read the repository. Default: {secret} (environment, then the server's secret); without one, git's own configuration signs in.", IsSecret: true),
    ];
}
