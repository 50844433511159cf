namespace Sluice.Generators.Storage;

/// <summary>An option as a URI gives it; the place is its name's.</summary>
internal sealed record GivenOption(string Name, string Value, int Offset, int Length);

/// <summary>Options that belong together or exclude each other, by the rules of the stores.</summary>
internal static class Exclusions
{
    /// <param name="scheme">Of the URI.</param>
    /// <param name="host">Its host and port.</param>
    /// <param name="segments">How many its path has.</param>
    /// <param name="given">Its options.</param>
    /// <param name="report">Is told the option at fault, and why.</param>
    public static void Check(string scheme, string host, int segments, IReadOnlyList<GivenOption> given, Action<GivenOption, string> report)
    {
        if (given.Count == 0)
            return;
        GivenOption? Option(string name) => given.FirstOrDefault(option => option.Name == name);
        void Together(string name, string other, string why)
        {
            if (Option(name) is { } alone && Option(other) is null)
                report(alone, $"{name} is given without {other}: {why}");
        }

        switch (scheme)
        {
            case "docker":
                Together("username", "password", "give both, or neither and run docker login");
                Together("password", "username", "give both, or neither and run docker login");
                break;
            case "git+https" or "git+http":
                Together("username", "access_token", "give both, or neither for git's own configuration");
                if (scheme == "git+http" && Option("access_token") is { } token && host.Split(':')[0] is not ("localhost" or "127.0.0.1"))
                    report(token, "access_token would travel in plain text: write git+https://");
                break;
            case "rclone":
                foreach (GivenOption option in given)
                    if (option.Name is not ("config" or "type") && Option("type") is null)
                        report(option, $"{option.Name} describes a new remote, which needs type as well; a remote of rclone's configuration has its options there");
                break;
            case "codecommit":
                Together("aws_access_key_id", "aws_secret_access_key", "give both, or neither for the AWS credential chain");
                Together("aws_secret_access_key", "aws_access_key_id", "give both, or neither for the AWS credential chain");
                Together("aws_session_token", "aws_access_key_id", "a session token belongs to an access key");
                break;
            case "bitbucket":
                Together("project", "host", "projects are Bitbucket Server's");
                if (segments == 1 && Option("project") is { } project)
                    report(project, "The URI has a workspace, which is Bitbucket Cloud's, and project is Bitbucket Server's, where it stands in the workspace's place: leave one out");
                if (Option("host") is null && Option("project") is null && Option("access_token") is { } server)
                    report(server, "access_token is Bitbucket Server's: give its host as well, or for Bitbucket Cloud cloud_username and cloud_app_password");
                if (Option("host") is not null)
                    foreach (string name in new[] { "cloud_username", "cloud_app_password" })
                        if (Option(name) is { } cloud)
                            report(cloud, $"{name} is Bitbucket Cloud's, and host is given: a Bitbucket Server takes access_token=${{NAME}}");
                break;
        }
    }
}
