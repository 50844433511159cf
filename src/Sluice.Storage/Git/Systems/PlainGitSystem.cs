using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Git.Systems;

/// <summary><c>git+https://host/path.git?path=…</c>: any other server that speaks git's HTTP protocol; <c>git+http://</c> where it has no TLS.</summary>
internal sealed class PlainGitSystem : GitSystem
{
    private const string Form = "git+https://host/repository.git";

    public override IReadOnlyList<StoreOption> Known { get; } =
    [
        .. Common,
        new("username", "User of access_token. Default: git, which servers that take tokens do not look at."),
        new("access_token", "Token or password that may read the repository. Default: none; git's own configuration signs in.", IsSecret: true),
    ];

    public override void Check(Uri location, StoreOptions options)
    {
        if (location.UserInfo.Length > 0)
            CheckAuthority(location, Form);
        if (location.Host.Length == 0 || location.AbsolutePath.Trim('/').Length == 0)
            throw Malformed(location, Form);
        if (location.Scheme == "git+http" && options.Has("access_token") && !IsLoopback(location))
            throw Invalid($"The storage {StoreOptions.Shown(location)} would send access_token in plain text: use git+https.");
        if (options.Has("username") && !options.Has("access_token"))
            throw Invalid($"The storage {StoreOptions.Shown(location)} has a username without access_token=${{NAME}}: give both, or neither for git's own configuration.");
    }

    public override ValueTask<GitRemote> ConnectAsync(Uri location, StoreOptions options, ISecretSource secrets, TimeProvider time, CancellationToken cancellationToken)
    {
        string url = $"{location.Scheme["git+".Length..]}://{location.Authority}{location.AbsolutePath.TrimEnd('/')}";
        string scope = new Uri(url).GetLeftPart(UriPartial.Authority) + "/";
        return new(new GitRemote(StoreOptions.Shown(location), url, location.AbsolutePath.Trim('/'), "give access_token=${NAME} in the URI, or configure git", async token =>
            await options.GetAsync("access_token", token).ConfigureAwait(false) is { } secret
                ? GitSignIn.Basic(await options.GetAsync("username", token).ConfigureAwait(false) ?? "git", secret, scope) : null));
    }
}

/// <summary><c>git+ssh://git@host/path.git?path=…</c>: any server by ssh, with the keys and known hosts of the user who runs it.</summary>
internal sealed class SshGitSystem : GitSystem
{
    private const string Form = "git+ssh://git@host/repository.git";

    public override IReadOnlyList<StoreOption> Known => Common;

    public override void Check(Uri location, StoreOptions options)
    {
        if (location.UserInfo.Contains(':', StringComparison.Ordinal))
            CheckAuthority(location, Form);
        if (location.Host.Length == 0 || location.Host[0] == '-' || location.UserInfo.StartsWith('-') || location.AbsolutePath.Trim('/').Length == 0)
            throw Malformed(location, Form);
    }

    public override ValueTask<GitRemote> ConnectAsync(Uri location, StoreOptions options, ISecretSource secrets, TimeProvider time, CancellationToken cancellationToken) =>
        new(new GitRemote(StoreOptions.Shown(location), $"ssh://{(location.UserInfo.Length > 0 ? location.UserInfo + "@" : "")}{location.Authority}{location.AbsolutePath.TrimEnd('/')}",
            location.AbsolutePath.Trim('/'), "add your ssh key there", _ => new((GitSignIn?)null)));
}
