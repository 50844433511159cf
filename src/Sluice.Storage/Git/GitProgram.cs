using System.Globalization;
using System.Text.RegularExpressions;
using Sluice.Storage.Programs;

namespace Sluice.Storage.Git;

/// <summary>
/// The program <c>git</c>. Settings and credentials reach it by <c>GIT_CONFIG_COUNT</c> and its companions alone, so they are in no argument and no file; it asks no
/// questions, and speaks English, since its words are what there is to tell failures apart.
/// </summary>
/// <remarks>Rule: git-config(1), ENVIRONMENT; git(1), "Environment Variables".</remarks>
internal sealed partial class GitProgram
{
    // GIT_CONFIG_COUNT came with it.
    private static readonly Version s_oldest = new(2, 31);

    // Where a hook of git runs us, they name another repository; and a trace of the user's would hide or show what it must not.
    private static readonly string[] s_removed =
    [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_NAMESPACE",
        "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_QUARANTINE_PATH", "GIT_CONFIG", "GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_TRACE_SETUP", "GIT_TRACE_REDACT",
        "GIT_CURL_VERBOSE", "GIT_ALLOW_PROTOCOL", "GIT_PROTOCOL_FROM_USER", "GIT_DEFAULT_HASH", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
    ];

    private GitProgram()
    {
    }

    /// <summary>Looks whether git is there and new enough.</summary>
    /// <exception cref="StorageException">Of kind Invalid: it is not.</exception>
    public static async Task<GitProgram> FindAsync(CancellationToken cancellationToken)
    {
        var git = new GitProgram();
        GitRun run = await git.RunAsync(["--version"], Path.GetTempPath(), [], cancellationToken).ConfigureAwait(false);
        return VersionText().Match(run.Output) is { Success: true } found && Version.Parse(found.Value) is { } version && version < s_oldest
            ? throw new StorageException(StorageErrorKind.Invalid, $"This source needs git {s_oldest} or later, and PATH has {version}: install a newer one (git-scm.com), on the worker's machine as well.")
            : git;
    }

    /// <summary>Runs one command to its end.</summary>
    /// <param name="arguments">Without any secret.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="configuration">Settings for this command, which win over every file's.</param>
    /// <param name="cancellationToken">Ends git and what it started.</param>
    /// <param name="secrets">What its words must not contain.</param>
    /// <param name="input">Its standard input.</param>
    public async Task<GitRun> RunAsync(
        IEnumerable<string> arguments,
        string folder,
        IReadOnlyList<(string Key, string Value)> configuration,
        CancellationToken cancellationToken,
        IReadOnlyList<string>? secrets = null,
        string input = "")
    {
        ChildProgram.Result? run = await ChildProgram.RunAsync("git", arguments, Variables(configuration), folder, input, cancellationToken).ConfigureAwait(false);
        if (run is not null)
            return GitRun.Read(run.ExitCode, run.Output, run.Error, secrets ?? []);
        throw Directory.Exists(folder)
            ? new StorageException(StorageErrorKind.Invalid, "This source needs the program git, which is not on PATH: install it (git-scm.com), on the worker's machine as well.")
            : new StorageException(StorageErrorKind.NotFound, $"The folder {folder} does not exist.");
    }

    private static Dictionary<string, string?> Variables(IReadOnlyList<(string Key, string Value)> configuration)
    {
        Dictionary<string, string?> variables = s_removed.ToDictionary(name => name, _ => (string?)null);
        variables["LC_ALL"] = "C";
        variables["LANGUAGE"] = "";
        variables["GIT_TERMINAL_PROMPT"] = "0";
        // Set and empty, it also keeps SSH_ASKPASS and core.askPass away.
        variables["GIT_ASKPASS"] = "";
        variables["SSH_ASKPASS_REQUIRE"] = "never";
        variables["GCM_INTERACTIVE"] = "never";
        variables["GIT_OPTIONAL_LOCKS"] = "0";
        // Headers, on standard error: Retry-After and Date are in no other word of git's. Authorization is redacted there.
        variables["GIT_TRACE_CURL"] = "1";
        variables["GIT_TRACE_CURL_NO_DATA"] = "1";
        int count = int.TryParse(Environment.GetEnvironmentVariable("GIT_CONFIG_COUNT"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : 0;
        foreach ((string key, string value) in configuration)
        {
            string at = count++.ToString(CultureInfo.InvariantCulture);
            variables["GIT_CONFIG_KEY_" + at] = key;
            variables["GIT_CONFIG_VALUE_" + at] = value;
        }
        variables["GIT_CONFIG_COUNT"] = count.ToString(CultureInfo.InvariantCulture);
        return variables;
    }

    [GeneratedRegex(@"\d+\.\d+(?:\.\d+)?")]
    private static partial Regex VersionText();
}
