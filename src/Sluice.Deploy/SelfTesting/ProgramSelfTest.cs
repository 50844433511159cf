using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Packaging;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.SelfTesting;

/// <summary>
/// Starts the published program once, before anything is uploaded, and has it say which flows it has, whether their types load, and whether the deployments' parameters
/// bind. It speaks to no API and runs no flow.
/// </summary>
internal sealed class ProgramSelfTest(DeployRequest request, FlowsManifest manifest, PackageAssembly files, DeployEnvironment environment)
{
    private const string AnswerStart = "{\"sluice_self_test\":";
    private const int ShownLines = 12;

    private bool _done;

    /// <summary>Tests the program, once however often it is asked for.</summary>
    /// <param name="warnings">Gets the reason where the program cannot run on this machine.</param>
    /// <param name="cancellationToken">Ends the test and the program.</param>
    /// <exception cref="DeployException">The program failed the test.</exception>
    public async Task RunAsync(List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        if (_done)
            return;
        _done = true;
        if (WhyNot() is { } reason)
        {
            warnings.Add((DeployCodes.SelfTestSkipped, $"The program was not tested before it was stored: {reason}. Publish from such a machine, or turn the test off: -p:SluiceSelfTest=false."));
            return;
        }
        SelfTestBinding[] bindings = [.. SelfTestBinding.Of(manifest)];
        using JsonDocument answer = await AskAsync(bindings, cancellationToken).ConfigureAwait(false);
        if (SelfTestVerdict.Of(answer.RootElement, manifest, bindings, request.TargetFramework) is { Count: > 0 } errors)
            throw new DeployException(errors);
    }

    private string? WhyNot()
    {
        string machine = RuntimeInformation.RuntimeIdentifier;
        return RuntimeIdentifiers.CanRun(request.RuntimeIdentifier, machine) ? null : $"it was published for {request.RuntimeIdentifier}, which this machine ({machine}) cannot run";
    }

    private async Task<JsonDocument> AskAsync(SelfTestBinding[] bindings, CancellationToken cancellationToken)
    {
        using Process process = Start();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(environment.SelfTestLimit);
        await using CancellationTokenRegistration killing = limit.Token.Register(() => Kill(process));
        var output = new StringBuilder();
        Task said = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, output));
        try
        {
            await process.StandardInput.WriteAsync(Questions(bindings).AsMemory(), limit.Token).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It ended, or was ended, without listening; what it said tells.
        }
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        // A process of its own may hold the output open.
        await said.WaitAsync(TimeSpan.FromSeconds(5), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        string text;
        lock (output)
            text = output.ToString();
        if (limit.IsCancellationRequested)
        {
            throw new DeployException((DeployCodes.SelfTestTimedOut, string.Create(CultureInfo.InvariantCulture,
                $"The published program did not answer within {environment.SelfTestLimit.TotalSeconds} seconds of its start and was ended: something waits or loops before its Main asks for the flow (a static initialiser, a Main of its own). {Shown(text)}")));
        }
        string? answer = text.Split('\n').LastOrDefault(line => line.StartsWith(AnswerStart, StringComparison.Ordinal));
        if (answer is not null)
            return JsonDocument.Parse(answer);
        throw new DeployException((DeployCodes.SelfTestFailed, process.ExitCode == 0
            ? $"The published program ended without answering the test: a Main of its own has to end with 'return await FlowProgram.RunAsync(args, FlowList.All);'. {Shown(text)}"
            : string.Create(CultureInfo.InvariantCulture, $"The published program cannot start: it ended with exit code {process.ExitCode}. {Shown(text)}")));
    }

    private Process Start()
    {
        string folder = Path.GetFullPath(request.PublishDir);
        // A program that is stored as its source was published as well: what workers build is tested as it was built here.
        PackageLaunch launch = files.Script is null ? files.Launch : PackageAssembly.Of(request with { StoreAsScript = false }, manifest.Assembly).Launch;
        bool isOneProgram = launch.Assembly is null || request.DeploymentMode is "self-contained";
        ProcessStartInfo start = isOneProgram && launch.Executable is { } executable
            ? new(Path.Combine(folder, executable))
            : new(DotNet(), [Path.Combine(folder, launch.Assembly!)]);
        start.WorkingDirectory = folder;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardInputEncoding = new UTF8Encoding(false);
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("PREFECT", StringComparison.OrdinalIgnoreCase) || name is "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT").ToArray())
            start.Environment.Remove(name);
        start.Environment["SLUICE_SELF_TEST"] = "1";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new DeployException((DeployCodes.SelfTestFailed, $"The published program cannot start: '{start.FileName}': {e.Message}."));
        }
    }

    private static string Questions(SelfTestBinding[] bindings)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (SelfTestBinding binding in bindings)
            {
                json.WriteStartObject();
                json.WriteString("entrypoint", binding.Entrypoint);
                json.WriteStartObject("parameters");
                foreach ((string name, JsonElement value) in binding.Parameters)
                {
                    json.WritePropertyName(name);
                    value.WriteTo(json);
                }
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder output)
    {
        while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
        {
            lock (output)
                output.Append(line).Append('\n');
        }
    }

    private static string Shown(string output)
    {
        string[] lines = [.. output.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        return lines.Length == 0 ? "It wrote nothing." : $"It wrote: {string.Join(" | ", lines.Take(ShownLines))}{(lines.Length > ShownLines ? " | …" : "")}";
    }

    private static string DotNet() =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host) ? host
        : Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath!
        : "dotnet";

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It, or one of its children, has ended by itself or may not be ended by us; on a timer's thread an exception would end this process.
        }
    }
}
