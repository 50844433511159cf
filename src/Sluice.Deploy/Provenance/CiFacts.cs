using Sluice.Storage.Git;

namespace Sluice.Deploy.Provenance;

/// <summary>What a CI system says of its job in environment variables.</summary>
/// <remarks>
/// Rule: the variables that Prefect's client reads for <c>version_info</c> (GitHub, GitLab, Bitbucket, Azure DevOps), and each system's own list of predefined variables.
/// </remarks>
internal sealed record CiFacts(string System, string? Commit, string? Branch, string? Author, string? Repository, string? BuildUrl)
{
    /// <summary>The facts; null outside CI systems that are known.</summary>
    public static CiFacts? Of(Func<string, string?> variable)
    {
        if (Get("GITHUB_ACTIONS") is not null)
        {
            string? page = Get("GITHUB_REPOSITORY") is { } name ? $"{Get("GITHUB_SERVER_URL") ?? "https://github.com"}/{name}" : null;
            return new("GitHub Actions", Get("GITHUB_SHA"), Get("GITHUB_HEAD_REF") ?? Get("GITHUB_REF_NAME"), Get("GITHUB_ACTOR"), Plain(page), page is not null && Get("GITHUB_RUN_ID") is { } run ? Plain($"{page}/actions/runs/{run}") : null);
        }
        if (Get("GITLAB_CI") is not null)
            return new("GitLab CI", Get("CI_COMMIT_SHA"), Get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") ?? Get("CI_COMMIT_REF_NAME"), Get("CI_COMMIT_AUTHOR"), Plain(Get("CI_PROJECT_URL")), Plain(Get("CI_JOB_URL")));
        if (Get("TF_BUILD") is not null)
        {
            string? collection = Get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI")?.TrimEnd('/');
            string? url = collection is not null && Get("SYSTEM_TEAMPROJECT") is { } project && Get("BUILD_BUILDID") is { } id ? Plain($"{collection}/{Uri.EscapeDataString(project)}/_build/results") + $"?buildId={id}" : null;
            return new("Azure Pipelines", Get("BUILD_SOURCEVERSION"), Name(Get("SYSTEM_PULLREQUEST_SOURCEBRANCH") ?? Get("BUILD_SOURCEBRANCH")), Get("BUILD_SOURCEVERSIONAUTHOR") ?? Get("BUILD_REQUESTEDFOR"), Plain(Get("BUILD_REPOSITORY_URI")), url);
        }
        if (Get("BITBUCKET_BUILD_NUMBER") is { } number)
        {
            string? origin = Plain(Get("BITBUCKET_GIT_HTTP_ORIGIN"));
            return new("Bitbucket Pipelines", Get("BITBUCKET_COMMIT"), Get("BITBUCKET_BRANCH") ?? Get("BITBUCKET_TAG"), null, origin, origin is null ? null : $"{origin}/pipelines/results/{number}");
        }
        return Get("CI") is { } ci && !ci.Equals("false", StringComparison.OrdinalIgnoreCase) ? new("CI", null, null, null, null, null) : null;

        string? Get(string name) => variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
    }

    private static string? Plain(string? address) => address is null ? null : TreeFacts.WithoutCredentials(address);

    // Azure says the whole reference; its BUILD_SOURCEBRANCHNAME says the last segment alone.
    private static string? Name(string? reference) => reference?.StartsWith("refs/heads/", StringComparison.Ordinal) == true ? reference["refs/heads/".Length..] : reference;
}
