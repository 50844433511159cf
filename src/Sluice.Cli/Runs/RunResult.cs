using System.Globalization;
using System.Text.Json;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Commands;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;
using Sluice.Storage;
using Sluice.Storage.Results;

namespace Sluice.Cli.Runs;

/// <summary>The result of a run: in its Completed state, on the server, or in a store.</summary>
internal static class RunResult
{
    /// <summary>Results up to so many bytes are shown to people in full and with their lines indented.</summary>
    private const int Readable = 1024 * 1024;

    /// <summary>The result for people: JSON, or where it is; null where there is none to show.</summary>
    public static string? Text(FlowRun run) => Of(run.State) switch
    {
        { Value: { } value } => Json.Pretty(value),
        { Type: "inline" } => "null",
        { Type: "reference", StorageKey: { } key } kept => $"kept at {key} ({Size(kept)}); show it with: sluice flow-run inspect {Shell.Quote(run.Name)} --result",
        { Type: "unpersisted" } kept => $"not kept ({Size(kept)}); the run's log says why",
        _ => null,
    };

    /// <summary>The result for people who watched the run: read from where it is kept, if it is no large one.</summary>
    public static async Task<string?> ReadTextAsync(ApiConnection connection, FlowRun run, CancellationToken cancellationToken)
    {
        if (Of(run.State) is not { Type: "reference", Size: <= Readable } kept)
            return Text(run);
        try
        {
            await using Stream stream = await OpenAsync(connection, run, kept, cancellationToken);
            return await PrettyAsync(stream, cancellationToken);
        }
        catch (Exception exception) when (exception is CliException or OrchestrationException or StorageException or JsonException)
        {
            return $"{Text(run)}\n(it cannot be read here: {Failures.Describe(exception).Message})";
        }
    }

    /// <summary>Writes the result alone to standard output: for programs as it is kept, for people with its lines indented while it is not large.</summary>
    /// <exception cref="CliException">There is none, or it is gone.</exception>
    public static async Task WriteAsync(Invocation call, ApiConnection connection, FlowRun run, CancellationToken cancellationToken)
    {
        ResultData kept = Of(run.State) ?? throw new CliException(
            run.StateType == StateType.Completed ? $"flow run '{run.Name}' completed without a result that Sluice reads"
            : run.StateType?.IsFinal() == true ? $"flow run '{run.Name}' has no result: it is {run.StateName}"
            : $"flow run '{run.Name}' has no result yet: it is {run.StateName}");
        if (kept.Type == "unpersisted")
            throw new CliException($"the result of flow run '{run.Name}' ({Size(kept)}) was not kept; its log says why: sluice flow-run logs {Shell.Quote(run.Name)}");
        await using Stream stream = await OpenAsync(connection, run, kept, cancellationToken);
        if (!call.Json && kept.Size <= Readable)
        {
            call.Screen.Line(Screen.Safe(await PrettyAsync(stream, cancellationToken)));
            return;
        }
        await call.Screen.Out.FlushAsync(cancellationToken);
        await using Stream output = Console.OpenStandardOutput();
        await stream.CopyToAsync(output, cancellationToken);
        output.WriteByte((byte)'\n');
    }

    private static async Task<Stream> OpenAsync(ApiConnection connection, FlowRun run, ResultData kept, CancellationToken cancellationToken)
    {
        if (kept.Type == "inline")
            return new MemoryStream(kept.Value is { } value ? JsonSerializer.SerializeToUtf8Bytes(value, OrchestrationJson.Default.JsonElement) : "null"u8.ToArray(), writable: false);
        string key = kept.StorageKey ?? "";
        if (key.StartsWith(ResultData.ServerFolder, StringComparison.Ordinal))
        {
            return await OpenServersAsync(connection, run.Id, cancellationToken)
                ?? throw new CliException($"the result of flow run '{run.Name}' is gone from {connection.Where}: it was deleted there");
        }
        if (ResultLocation.TryParse(key) is not { } place)
            throw new CliException($"the result of flow run '{run.Name}' is kept at '{key}', which is no place that Sluice reads");
        // Not disposed before the stream is read; the process ends soon.
        IPackageStore store = PackageStores.Open(place.Store, ServerSources.Of(connection.Api));
        try
        {
            return await store.GetAsync(place.Key, cancellationToken);
        }
        catch (StorageException exception) when (exception.Kind == StorageErrorKind.NotFound)
        {
            throw new CliException($"the result of flow run '{run.Name}' is gone: {key} was deleted, or its store was", ExitCodes.Failed, exception);
        }
    }

    private static async Task<Stream?> OpenServersAsync(ApiConnection connection, Guid flowRunId, CancellationToken cancellationToken)
    {
        if (connection.Api is HttpOrchestrationApi server)
            return await server.OpenResultAsync(flowRunId, cancellationToken);
        string file = Path.Combine(ChildApi.ResultsFolder(connection.Home), $"{flowRunId:D}.json");
        return File.Exists(file) ? File.OpenRead(file) : null;
    }

    /// <summary>What the state says of the result; null where it says nothing, or something of Prefect's own.</summary>
    private static ResultData? Of(State? state)
    {
        if (state is not { Type: StateType.Completed, Data: { ValueKind: JsonValueKind.Object } data }
            || !data.TryGetProperty("type", out JsonElement type) || type.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return type.GetString() is "inline" or "reference" or "unpersisted" ? data.Deserialize(OrchestrationJson.Default.ResultData) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<string> PrettyAsync(Stream stream, CancellationToken cancellationToken)
    {
        using JsonDocument json = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
        return Json.Pretty(json.RootElement);
    }

    private static string Size(ResultData kept) => string.Create(CultureInfo.InvariantCulture, $"{kept.Size:N0} bytes");
}
