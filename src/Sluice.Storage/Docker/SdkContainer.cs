using System.Text.RegularExpressions;
using Sluice.Storage.Packages;
using Sluice.Storage.Programs;

namespace Sluice.Storage.Docker;

/// <summary>Runs the .NET SDK's container publish on files that are published already.</summary>
/// <remarks>Needs no container engine for a registry. Credentials reach it by its own variables, never by arguments or files.</remarks>
internal static partial class SdkContainer
{
    // What a build around us set for its own SDK's sake, and what would send every output of this one elsewhere.
    private static readonly string[] s_ofBuilds = ["MSBuildSDKsPath", "MSBUILD_EXE_PATH", "MSBuildExtensionsPath", "MSBuildLoadMicrosoftTargetsReadOnly", "MSBUILDDEBUGENGINE"];

    /// <summary>Makes the image and puts it into the registry or the engine.</summary>
    /// <returns>The digest of the image's manifest; null where the image is one for several processors.</returns>
    /// <exception cref="StorageException">What the SDK says went wrong.</exception>
    public static async Task<string?> PublishAsync(ImagePlan plan, string? registry, string? engine, RegistryCredentials? credentials, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("sluice-image-").FullName;
        try
        {
            string files = Path.Combine(folder, "files");
            await StageAsync(plan, files, cancellationToken).ConfigureAwait(false);
            string project = Path.Combine(folder, "image.proj");
            await File.WriteAllTextAsync(project, ContainerProject.Write(plan, files, registry, engine), cancellationToken).ConfigureAwait(false);
            string[] arguments = ["msbuild", project, "-t:PublishContainer", "-noAutoResponse", "-nologo", "-v:q", "-tl:off", "-nr:false", "-m:1"];
            ChildProgram.Result ended = await ChildProgram.RunAsync(DotNet(), arguments, Environment(plan, registry, credentials), folder, cancellationToken: cancellationToken).ConfigureAwait(false)
                ?? throw new StorageException(StorageErrorKind.Invalid, "Images are made by the .NET SDK, and there is no dotnet on PATH: install the .NET SDK 10 or newer.");
            string digest = Path.Combine(folder, ContainerProject.DigestFile);
            if (ended.ExitCode != 0 || !File.Exists(digest))
                throw ContainerErrors.Translate(ended.Output + ended.Error, plan, registry ?? engine ?? "this machine");
            string text = (await File.ReadAllTextAsync(digest, cancellationToken).ConfigureAwait(false)).Trim();
            return Digest().IsMatch(text) ? text : null;
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            throw IoErrors.Translate(e, $"Cannot gather the image's files in {folder}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task StageAsync(ImagePlan plan, string files, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(files);
        IEnumerable<(PackageFile File, string Path)> staged = plan.Content.Files.Select(file => (file, file.Path));
        if (plan.Prefect is { } program && PrefectExecutable.NameBeside(program.Path, plan.RuntimeIdentifiers[0]) is var prefect && prefect != program.Path)
            staged = staged.Append((program, prefect));
        await Parallel.ForEachAsync(staged, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (one, token) =>
        {
            (PackageFile file, string name) = one;
            string path = Path.Combine(files, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using (FileStream target = File.Create(path))
            await using (Stream source = plan.Content.Open(file))
                await source.CopyToAsync(target, token).ConfigureAwait(false);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(file.Mode, 8));
            // The same files then make the same layer, which a registry has already.
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddYears(30));
        }).ConfigureAwait(false);
    }

    private static Dictionary<string, string?> Environment(ImagePlan plan, string? registry, RegistryCredentials? credentials)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
        };
        foreach (string name in s_ofBuilds)
            environment[name] = null;
        if (credentials is null)
            return environment;
        environment["DOTNET_CONTAINER_PUSH_REGISTRY_UNAME"] = credentials.User;
        environment["DOTNET_CONTAINER_PUSH_REGISTRY_PWORD"] = credentials.Password;
        // Another registry is none of this user's.
        if (plan.BaseImage?.StartsWith(registry + "/", StringComparison.OrdinalIgnoreCase) == true)
        {
            environment["DOTNET_CONTAINER_PULL_REGISTRY_UNAME"] = credentials.User;
            environment["DOTNET_CONTAINER_PULL_REGISTRY_PWORD"] = credentials.Password;
        }
        return environment;
    }

    private static string DotNet() =>
        System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host) ? host
        : Path.GetFileNameWithoutExtension(System.Environment.ProcessPath) == "dotnet" ? System.Environment.ProcessPath!
        : "dotnet";

    [GeneratedRegex("^sha256:[0-9a-f]{64}\\z")]
    private static partial Regex Digest();
}
