using System.Globalization;
using Sluice.Testing;

namespace Sluice.Build.Tests;

/// <summary>
/// The packages as users get them, packed once for all tests into a feed of their own, under a version that no other feed or cache has.
/// </summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    /// <summary>The packages' version.</summary>
    public string Version { get; } = $"1.0.0-test.{DateTime.UtcNow.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}.{Environment.ProcessId}";

    /// <summary>The feed's folder.</summary>
    public string Path => _folder.Path;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        foreach (string project in new[] { "Sluice", "Sluice.Cli" })
        {
            await using ProgramRun pack = await ProgramRun.CompleteAsync(
                "dotnet", ["pack", System.IO.Path.Combine(Repository.Root, "src", project), "-c", "Release", "-nologo", $"-p:PackageVersion={Version}", "-o", Path], BuildEnvironment.Variables);
            pack.Process.ExitCode.ShouldBe(0, pack.Output + pack.Error);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (string package in new[] { "sluice", "sluice.cli" })
        {
            string unpacked = System.IO.Path.Combine(packages, package, Version);
            if (Directory.Exists(unpacked))
                Directory.Delete(unpacked, recursive: true);
        }
        return ValueTask.CompletedTask;
    }
}
