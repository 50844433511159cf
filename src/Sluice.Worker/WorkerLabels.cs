using System.Diagnostics;
using Sluice.Storage.Labels;
using Sluice.Worker.Launch;
using Sluice.Worker.Programs;

namespace Sluice.Worker;

/// <summary>What a worker states that it can reach: its host, the storage systems that it reads, labels that its operator gave it.</summary>
public static class WorkerLabels
{
    // Compiled into the worker.
    private static readonly string[] s_always = [StorageLabels.S3, StorageLabels.Gcs, StorageLabels.Azure, StorageLabels.Webhook];
    private static readonly string[] s_rclone = [StorageLabels.Rclone, StorageLabels.Smb];
    private static readonly string[] s_git = [StorageLabels.GitHub, StorageLabels.GitLab, StorageLabels.Bitbucket, StorageLabels.CodeCommit, StorageLabels.Git];

    /// <summary>The labels of a worker in this process's environment. What lies behind rclone needs it on PATH; sources need git there and a .NET SDK.</summary>
    /// <param name="host">What this machine is called, as <see cref="HostName.Current"/> says.</param>
    /// <param name="further">Labels of the operator's own.</param>
    public static IReadOnlyList<string> Detect(string host, IEnumerable<string> further) => Detect(host, further, new ProcessStartInfo().Environment, null);

    /// <summary>Why a worker lacks a storage system, for people.</summary>
    internal static string Remedy(string label) =>
        s_rclone.Contains(label) ? "it needs the program rclone on its PATH"
        : s_git.Contains(label) ? "it needs the program git on its PATH and a .NET SDK"
        : label == StorageLabels.Docker ? "serve its queue by a Docker or Kubernetes worker of Prefect, or publish it with a storage of packages"
        : $"start it with --label {label} if it can";

    internal static IReadOnlyList<string> Detect(string host, IEnumerable<string> further, IDictionary<string, string?> environment, IEnumerable<string>? dotnets)
    {
        environment.TryGetValue("PATH", out string? path);
        bool rclone = ProgramFinder.FindOnPath("rclone", path, environment) is not null;
        bool git = ProgramFinder.FindOnPath("git", path, environment) is not null && DotnetSdk.Find(dotnets ?? DotnetHost.Candidates(environment)) is not null;
        return [.. new[] { host }.Concat(s_always).Concat(rclone ? s_rclone : []).Concat(git ? s_git : []).Concat(further).Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
