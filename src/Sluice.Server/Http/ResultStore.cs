using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>Keeps persisted results as files, one per flow run, and reads those that lie elsewhere as far as its host does. A file is there whole or not at all.</summary>
internal sealed class ResultStore(string folder, long maxBytes, Func<string, Stream, CancellationToken, Task<bool>>? copy)
{
    public async Task<Answer> PutAsync(ApiRequest request)
    {
        if (await request.Api.ReadFlowRunAsync(request.Id(), request.Aborted) is null)
        {
            return Answer.Problem(StatusCodes.Status404NotFound, "Flow run not found");
        }

        HttpContext http = request.Http;
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = maxBytes;
        string path = FileOf(request.Id());
        string temporary = path + "." + Guid.NewGuid().ToString("N") + ".tmp";
        try
        {
            Directory.CreateDirectory(folder);
            await using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.Asynchronous))
            {
                await http.Request.Body.CopyToAsync(file, request.Aborted);
                file.Flush(flushToDisk: true);
            }

            // The upload may have taken minutes, in which the attempt that sends it was given up and another one kept its result.
            if (request.Api is IRunAttempts attempts && await AttemptHeader.RefuseAsync(http, attempts) is { } late)
                return late;
            File.Move(temporary, path, overwrite: true);
            return Answer.NoContent;
        }
        catch (Exception error) when (error is IOException and not BadHttpRequestException or UnauthorizedAccessException)
        {
            throw new OrchestrationException(OrchestrationErrorKind.Storage, string.Create(CultureInfo.InvariantCulture, $"The result cannot be kept in {folder}: {error.Message}"), error);
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    public async Task<Answer> GetAsync(ApiRequest request)
    {
        FileInfo file = new(FileOf(request.Id()));
        HttpResponse response = request.Http.Response;
        if (!file.Exists)
        {
            if (copy is not null && await PlaceAsync(request) is { } place)
            {
                response.ContentType = "application/json";
                if (await copy(place, response.Body, request.Aborted))
                {
                    return default;
                }
            }

            return Answer.Problem(StatusCodes.Status404NotFound, "Result not found");
        }

        response.ContentType = "application/json";
        response.ContentLength = file.Length;
        await using FileStream stream = new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1, FileOptions.Asynchronous);
        await stream.CopyToAsync(response.Body, request.Aborted);
        return default;
    }

    /// <summary>Where the run's state says that its result is.</summary>
    private static async Task<string?> PlaceAsync(ApiRequest request)
    {
        try
        {
            return (await request.Api.ReadFlowRunAsync(request.Id(), request.Aborted))?.State is { Type: StateType.Completed, Data: { ValueKind: JsonValueKind.Object } data }
                ? data.Deserialize(OrchestrationJson.Default.ResultData)?.StorageKey
                : null;
        }
        catch (JsonException)
        {
            // Prefect's own.
            return null;
        }
    }

    private string FileOf(Guid flowRunId) => Path.Combine(folder, flowRunId.ToString("D") + ".json");
}
