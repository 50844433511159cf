using System.ComponentModel;
using System.Text;
using System.Text.Json;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Programs;

/// <summary>Publishes a fetched source with <c>dotnet publish</c>: framework-dependent, for the machine that runs it, and deploying nothing.</summary>
/// <param name="sdk">What builds.</param>
/// <param name="source">What is built.</param>
/// <param name="environment">All of the build's environment.</param>
/// <param name="limit">How long it may take: one that hangs would hold its run, and all that wait for the same build, for ever.</param>
/// <param name="time">The clock.</param>
internal sealed class DotnetBuild(DotnetSdk sdk, ProgramSource source, IDictionary<string, string?> environment, TimeSpan limit, TimeProvider time)
{
    /// <summary>A process that the build left behind may hold its output open; it is waited for so long.</summary>
    private static readonly TimeSpan s_outputGrace = TimeSpan.FromSeconds(3);

    // A commit is built again on other machines and with newer SDKs: new warnings and newly found vulnerabilities must not stop what was deployed. The rest would
    // need what a worker may not have (a C compiler, runtime packs), and gains nothing where the program runs beside its SDK.
    private static readonly string[] s_properties =
    [
        "SluiceDeploy=false", "TreatWarningsAsErrors=false", "MSBuildTreatWarningsAsErrors=false", "NuGetAudit=false",
        "PublishAot=false", "PublishSingleFile=false", "PublishTrimmed=false", "PublishReadyToRun=false", "SelfContained=false",
    ];

    // MSBuild, dotnet and the compilers look for these in all folders above: the search ends here, at the border of the source.
    private static readonly (string Name, string Text)[] s_border =
    [
        ("Directory.Build.props", "<Project />"), ("Directory.Build.targets", "<Project />"), ("Directory.Packages.props", "<Project />"),
        ("Directory.Build.rsp", ""), ("global.json", "{}"), (".editorconfig", "root = true\n"),
    ];

    /// <summary>Builds.</summary>
    /// <param name="work">An empty folder of its own, on the same disk as the result; holds the source in <c>source</c> when it has been fetched.</param>
    /// <param name="files">Where the program goes.</param>
    /// <param name="log">The file that takes all that the build writes.</param>
    /// <param name="cancellationToken">Ends the build with all its processes.</param>
    /// <exception cref="LaunchException">It does not build, or not in time; the message says why.</exception>
    public async Task<BuildRecord> RunAsync(string work, string files, string log, CancellationToken cancellationToken)
    {
        foreach ((string name, string text) in s_border)
            await File.WriteAllTextAsync(Path.Combine(work, name), text, cancellationToken);
        string folder = Path.Combine(work, "source");
        string project = FindProject(folder);
        string answer = Path.Combine(work, "properties.json");
        List<string> arguments =
        [
            "publish", Path.GetFileName(project), "-c", "Release", "-o", files, "--disable-build-servers", "-nologo", "-tl:off", "-v:minimal",
            .. s_properties.Select(property => "-p:" + property),
            "-getProperty:TargetName", "-getProperty:TargetFramework", "-getProperty:OutputType", "-getResultOutputFile:" + answer,
        ];
        if (source.Commit is { } commit)
            arguments.Add("-p:SourceRevisionId=" + commit);
        if (IsScript(project))
            arguments.AddRange(["--artifacts-path", Path.Combine(work, "artifacts")]);

        (int exit, IReadOnlyList<string> output) = await PublishAsync(arguments, Path.GetDirectoryName(project)!, log, cancellationToken);
        if (exit != 0)
            throw new LaunchException($"{source.Name} does not build: {BuildErrors.Describe(output, folder, sdk.Versions)}. The whole output is in {log} on the worker's machine");
        try
        {
            return Read(await File.ReadAllBytesAsync(answer, cancellationToken), files);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FileNotFoundException)
        {
            throw new LaunchException($"{source.Name} was built by the .NET SDK {sdk.Versions}, which does not say what it built: {e.Message.TrimEnd('.')}. The whole output is in {log} on the worker's machine", e);
        }
    }

    private string FindProject(string folder)
    {
        string path = Path.GetFullPath(source.Project.Replace('/', Path.DirectorySeparatorChar), folder);
        if (path != folder && !path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new LaunchException($"the path '{source.Project}' leads out of {source.Name}: publish the deployment again");
        if (File.Exists(path))
            return path;
        if (!Directory.Exists(path))
            throw new LaunchException($"{source.Name} has no '{source.Project}': commit and push it, or correct the path of the storage and publish again");
        string[] projects = [.. Directory.EnumerateFiles(path, "*.*proj").Order(StringComparer.Ordinal)];
        return projects is [var only]
            ? only
            : throw new LaunchException($"'{source.Project}' of {source.Name} holds {(projects.Length == 0 ? "no project" : "several projects")}: name the project in the path of the storage and publish again");
    }

    private async Task<(int Exit, IReadOnlyList<string> Output)> PublishAsync(IReadOnlyList<string> arguments, string folder, string log, CancellationToken cancellationToken)
    {
        var lines = new BuildOutput();
        var writing = new Lock();
        await using var writer = new StreamWriter(log, append: false) { AutoFlush = true };
        await writer.WriteLineAsync($"{source.Name}: dotnet {string.Join(' ', arguments)}");
        await using RunningProcess process = Start(arguments, folder);
        using var late = new CancellationTokenSource(limit, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        await using CancellationTokenRegistration killing = ending.Token.Register(process.Kill);
        Task reading = Task.WhenAll(process.Outputs.Select(output => ReadAsync(output.Stream)));
        int exit = await process.Exited;
        // Also after it ended well: nothing that a build started stays behind.
        process.Kill();
        await Task.WhenAny(reading, Task.Delay(s_outputGrace, CancellationToken.None));
        cancellationToken.ThrowIfCancellationRequested();
        if (exit != 0 && late.IsCancellationRequested)
        {
            throw new LaunchException(FormattableString.Invariant($"{source.Name} was not built within {limit.TotalSeconds} s ({BuildVariables.Limit}), and its build was ended; ")
                + $"its last lines: {BuildErrors.Last(lines.Lines, folder)}. The whole output is in {log} on the worker's machine");
        }
        return (exit, lines.Lines);

        async Task ReadAsync(Stream stream)
        {
            using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
            try
            {
                while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
                {
                    lines.Add(line);
                    lock (writing)
                        writer.WriteLine(line);
                }
            }
            catch (Exception e) when (e is ObjectDisposedException or IOException)
            {
                // Closed after the grace: what still holds it is no part of the build.
            }
        }
    }

    private RunningProcess Start(IReadOnlyList<string> arguments, string folder)
    {
        try
        {
            return RunningProcess.Start(sdk.Program, arguments, folder, environment, targetFramework: null, temporary: null);
        }
        catch (Win32Exception e)
        {
            throw new LaunchException($"{source.Name} cannot be built, since '{sdk.Program}' does not start: {e.Message}", e);
        }
    }

    private BuildRecord Read(byte[] json, string files)
    {
        using JsonDocument answer = JsonDocument.Parse(json);
        JsonElement properties = answer.RootElement.GetProperty("Properties");
        string Property(string name) => properties.GetProperty(name).GetString() ?? "";
        string assembly = Property("TargetName") + ".dll";
        if (!Property("OutputType").EndsWith("Exe", StringComparison.OrdinalIgnoreCase))
            throw new LaunchException($"{source.Name} is a library: publish the program that holds the flows (<OutputType>Exe</OutputType>)");
        if (!File.Exists(Path.Combine(files, assembly)))
            throw new LaunchException($"{source.Name} was built, but there is no {assembly} among its published files");
        string executable = Property("TargetName") + (OperatingSystem.IsWindows() ? ".exe" : "");
        return new(source.Name, source.Commit, sdk.Versions, assembly, File.Exists(Path.Combine(files, executable)) ? executable : null, Property("TargetFramework"));
    }

    private static bool IsScript(string project) => Path.GetExtension(project).Equals(".cs", StringComparison.OrdinalIgnoreCase);
}
