using System.Net;
using System.Text.Json;
using Google.Apis.Upload;

namespace Sluice.Storage.Gcs;

/// <summary>A resumable upload: begun with the object's name, sent in pieces, asked after and gone on with where the connection broke. Google's library does it.</summary>
/// <param name="options">The client.</param>
/// <param name="begin">The address that begins it.</param>
/// <param name="content">Read once.</param>
internal sealed class GcsUpload(GcsOptions options, Uri begin, Stream content) : ResumableUpload(content, new ResumableUploadOptions { HttpClient = options.Http })
{
    private string? _md5;

    /// <summary>Sends it.</summary>
    /// <returns>The MD5 in base64 of what the server has.</returns>
    public async Task<string?> SendAsync(CancellationToken cancellationToken)
    {
        ChunkSize = Remote.Parts.Size;
        IUploadProgress end = await UploadAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        end.ThrowOnFailure();
        return _md5;
    }

    public override async Task<Uri> InitiateSessionAsync(CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, begin) { Content = new ByteArrayContent([]) };
        request.Headers.Add("X-Upload-Content-Type", "application/octet-stream");
        using HttpResponseMessage response = await options.Http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK || response.Headers.Location is not { } session)
            throw await GcsException.OfAsync(response, cancellationToken).ConfigureAwait(false);
        return session;
    }

    protected override void ProcessResponse(HttpResponseMessage httpResponse)
    {
        base.ProcessResponse(httpResponse);
        using JsonDocument json = JsonDocument.Parse(httpResponse.Content.ReadAsStream());
        _md5 = json.RootElement.TryGetProperty("md5Hash", out JsonElement md5) ? md5.GetString() : null;
    }
}
