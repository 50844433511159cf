using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Cli.Connection;

/// <summary>A server that <c>--also</c> names beside the one a verb talks to. It gets the credentials of that one only where both are the same.</summary>
internal static class OtherServer
{
    /// <summary>Names the bearer token for servers of <c>--also</c>.</summary>
    public const string KeyVariable = "SLUICE_ALSO_API_KEY";

    /// <summary>Names the <c>user:password</c> for servers of <c>--also</c>.</summary>
    public const string AuthStringVariable = "SLUICE_ALSO_API_AUTH_STRING";

    /// <exception cref="CliException">A URL is none, or holds a password, which others of this machine and error messages would show.</exception>
    public static void Check(IEnumerable<string> urls)
    {
        foreach (string url in urls)
        {
            if (Uri.TryCreate(url.Trim(), UriKind.Absolute, out Uri? parsed) && parsed.UserInfo.Length > 0)
                throw CliException.BadUsage($"--also takes no user and password in its URL: set {AuthStringVariable} to user:password");
        }
    }

    /// <summary>The endpoint at this URL, with credentials that are meant for it.</summary>
    /// <param name="url">As <c>--also</c> has it.</param>
    /// <param name="own">The server that the verb talks to; null for the embedded API.</param>
    public static ApiEndpoint Find(string url, ApiEndpoint? own)
    {
        var other = new ApiEndpoint(url);
        return own is not null && Uri.Compare(new(own.Url), new(other.Url), UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            ? new(url, own.ApiKey, own.AuthString)
            : new(url, Environment.GetEnvironmentVariable(KeyVariable), Environment.GetEnvironmentVariable(AuthStringVariable));
    }

    /// <summary>Reads from it; where it refuses the credentials, says which variables are for it.</summary>
    public static async Task<T> ReadAsync<T>(string url, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Unauthorized)
        {
            throw new CliException($"{url} of --also refused the credentials (401): set {KeyVariable}, or {AuthStringVariable} to user:password", ExitCodes.Failed, e);
        }
    }
}
