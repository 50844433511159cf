using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Git.Systems;

/// <summary>
/// <c>bitbucket://workspace/repository?path=…</c>: Bitbucket Cloud. With <c>host</c>, Bitbucket Server (Data Center), where the first part is the project's key, or
/// <c>project</c> gives it (a user's own, as <c>~jane</c>, can be in no host of a URI): <c>bitbucket://repository?project=~jane&amp;host=…</c>.
/// </summary>
/// <remarks>Rule: Prefect 1's Bitbucket storage for what excludes what; Atlassian's "HTTP access tokens" (Server) and "App passwords", "API tokens" (Cloud).</remarks>
/// <param name="cloud">Where Bitbucket Cloud is.</param>
internal sealed class BitbucketSystem(string cloud = "https://bitbucket.org") : GitSystem
{
    private const string Form = "bitbucket://workspace/repository, or for Bitbucket Server bitbucket://PROJECT/repository?host=…";

    public override IReadOnlyList<StoreOption> Known { get; } =
    [
        .. Common,
        new("cloud_username", "User of Bitbucket Cloud. Default: BITBUCKET_CLOUD_USERNAME (environment, then the server's secret)."),
        new("cloud_app_password", "App password or API token of that user. Default: BITBUCKET_CLOUD_APP_PASSWORD (likewise); without one, git's own configuration signs in.", IsSecret: true),
        new("host", "Host of a Bitbucket Server. Default: Bitbucket Cloud."),
        new("project", "Key of the project on a Bitbucket Server. Default: the URI's first part."),
        new("access_token", "Token of a Bitbucket Server. Default: BITBUCKET_ACCESS_TOKEN (environment, then the server's secret); without one, git's own configuration signs in.", IsSecret: true),
    ];

    public override void Check(Uri location, StoreOptions options)
    {
        CheckAuthority(location, Form);
        int parts = Segments(location).Length;
        bool isServer = options.Has("host") || options.Has("project");
        if (options.Has("project") && parts == 2)
            throw Invalid($"The storage {StoreOptions.Shown(location)} has a workspace and the option project: a workspace is Bitbucket Cloud's, and on a server the project stands in its place. Leave one out.");
        if (parts != (options.Has("project") ? 1 : 2))
            throw Malformed(location, Form);
        if (isServer && !options.Has("host"))
            throw Invalid($"The storage {StoreOptions.Shown(location)} has the option project, which is Bitbucket Server's: give its host=… as well.");
        if (isServer && (options.Has("cloud_username") || options.Has("cloud_app_password")))
            throw Invalid($"The storage {StoreOptions.Shown(location)} is on a Bitbucket Server: cloud_username and cloud_app_password are Bitbucket Cloud's, a server takes access_token=${{NAME}}.");
        if (!isServer && options.Has("access_token"))
            throw Invalid($"The storage {StoreOptions.Shown(location)} is on Bitbucket Cloud: access_token is Bitbucket Server's, Cloud takes cloud_username and cloud_app_password=${{NAME}} (for a repository's access token, the user x-token-auth).");
    }

    public override async ValueTask<GitRemote> ConnectAsync(Uri location, StoreOptions options, ISecretSource secrets, TimeProvider time, CancellationToken cancellationToken)
    {
        string[] segments = Segments(location);
        string shown = StoreOptions.Shown(location);
        string name = segments[^1].EndsWith(".git", StringComparison.Ordinal) ? segments[^1][..^4] : segments[^1];
        string owner = await options.GetAsync("project", cancellationToken).ConfigureAwait(false) ?? segments[0];
        string repository = $"{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(name)}";
        if (await options.GetAsync("host", cancellationToken).ConfigureAwait(false) is not { } host)
        {
            return new(shown, $"{cloud}/{repository}.git", repository, "set BITBUCKET_CLOUD_USERNAME and BITBUCKET_CLOUD_APP_PASSWORD",
                token => CloudAsync(options, shown, new Uri(cloud).GetLeftPart(UriPartial.Authority) + "/", secrets, token));
        }
        string at = Base(host, "", location);
        return new(shown, $"{at}/scm/{repository}.git", repository, "set BITBUCKET_ACCESS_TOKEN or give access_token=${NAME} in the URI",
            async token => await SecretAsync(options, "access_token", "BITBUCKET_ACCESS_TOKEN", secrets, token).ConfigureAwait(false) is { } secret
                ? GitSignIn.Bearer(secret, new Uri(at).GetLeftPart(UriPartial.Authority) + "/") : null);
    }

    private static async ValueTask<GitSignIn?> CloudAsync(StoreOptions options, string shown, string scope, ISecretSource secrets, CancellationToken cancellationToken)
    {
        string? user = await SecretAsync(options, "cloud_username", "BITBUCKET_CLOUD_USERNAME", secrets, cancellationToken).ConfigureAwait(false);
        string? password = await SecretAsync(options, "cloud_app_password", "BITBUCKET_CLOUD_APP_PASSWORD", secrets, cancellationToken).ConfigureAwait(false);
        if (password is null)
            return null;
        return user is not null
            ? GitSignIn.Basic(user, password, scope)
            : throw Invalid($"The storage {shown} has an app password without a user: set BITBUCKET_CLOUD_USERNAME, or give cloud_username=… in the URI.");
    }
}
