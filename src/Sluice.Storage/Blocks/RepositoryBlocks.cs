using System.Text.RegularExpressions;
using Sluice.Storage.Git;
using Sluice.Storage.Options;

namespace Sluice.Storage.Blocks;

/// <summary>Blocks that name a git repository by its address for cloning.</summary>
internal static partial class RepositoryBlocks
{
    public static void LocateGitHub(BlockTarget target, string? path) => Locate(target, path, "github", "github.com");

    public static void LocateGitLab(BlockTarget target, string? path) => Locate(target, path, "gitlab", "gitlab.com");

    private static void Locate(BlockTarget target, string? path, string scheme, string home)
    {
        string address = target.Need("repository");
        // prefect-gitlab keeps the token in a block of its own, which the server puts into this one.
        string? token = target.Text("access_token") ?? target.Text("credentials", "token");
        if (ShortSsh().Match(address) is { Success: true } ssh)
            address = $"ssh://{ssh.Groups["user"].Value}{ssh.Groups["host"].Value}/{ssh.Groups["path"].Value.TrimStart('/')}";
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("https" or "http" or "ssh") || uri.AbsolutePath.Trim('/').Length == 0)
            throw target.Wrong($"has a repository that is no address: write it as https://{home}/owner/repository");
        if (uri.Scheme == "ssh")
        {
            if (token is not null)
                throw target.Wrong("has an access_token, which goes with an https address and not with ssh: change repository, or remove the token");
            scheme = "git+ssh";
            target.Place(scheme, $"{(uri.UserInfo.Length > 0 ? uri.UserInfo + "@" : "")}{uri.Authority}{uri.AbsolutePath}", null);
        }
        else
        {
            if (uri.UserInfo.Length > 0)
                throw target.Wrong("has a user or token in its repository: move it to access_token");
            string repository = uri.AbsolutePath.TrimEnd('/');
            target.Place(scheme, repository.EndsWith(".git", StringComparison.Ordinal) ? repository[..^4] : repository, null);
            if (uri.Host != home)
                target.Option(Known(scheme, "host"), uri.GetLeftPart(UriPartial.Authority));
            target.Option(Known(scheme, "access_token"), token);
        }
        target.Option(Known(scheme, "ref"), target.Text("reference"));
        target.Option(Known(scheme, "include_git_objects"), target.Text("include_git_objects"));
        target.Option(Known(scheme, "path"), path);
    }

    private static StoreOption Known(string scheme, string name) => CodeSources.Options[scheme].Single(option => option.Name == name);

    [GeneratedRegex(@"^(?<user>[^@/:]+@)?(?<host>[^@/:]+):(?<path>[^/].*)$", RegexOptions.CultureInvariant)]
    private static partial Regex ShortSsh();
}
