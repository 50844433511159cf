using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Azure;
using Azure.Core;

namespace Sluice.Storage.Azure;

/// <summary>The requests of Azure's Blob service that a store needs, for one container. Failures are <see cref="RequestFailedException"/>s.</summary>
/// <remarks>Rule: the Blob service REST reference, version 2021-12-02, which Azurite knows as well.</remarks>
internal sealed class BlobService(AzureOptions options, string container)
{
    private const string Version = "2021-12-02";

    /// <summary>The blob's address, without a signature.</summary>
    public Uri AddressOf(string blob) => new($"{options.Account.Endpoint.AbsoluteUri.TrimEnd('/')}/{container}/{string.Join('/', blob.Split('/').Select(Uri.EscapeDataString))}");

    public async Task<long?> FindSizeAsync(string blob, CancellationToken cancellationToken)
    {
        using Response response = await SendAsync(RequestMethod.Head, AddressOf(blob), null, [], null, cancellationToken, 200, 404).ConfigureAwait(false);
        return response.Status == 404 ? null : response.Headers.ContentLengthLong;
    }

    public async Task PutAsync(string blob, ArraySegment<byte> bytes, bool createOnly, CancellationToken cancellationToken)
    {
        using Response _ = await SendAsync(RequestMethod.Put, AddressOf(blob), null, [("x-ms-blob-type", "BlockBlob"), Md5Of(bytes), .. OnlyNew(createOnly)], bytes, cancellationToken, 201).ConfigureAwait(false);
    }

    public async Task<string> PutBlockAsync(string blob, Guid upload, int number, ArraySegment<byte> bytes, CancellationToken cancellationToken)
    {
        // Names of its own for each upload, so that two at once do not take each other's blocks.
        string id = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{upload:N}{number.ToString("D8", CultureInfo.InvariantCulture)}"));
        using Response _ = await SendAsync(RequestMethod.Put, AddressOf(blob), $"comp=block&blockid={Uri.EscapeDataString(id)}", [Md5Of(bytes)], bytes, cancellationToken, 201).ConfigureAwait(false);
        return id;
    }

    public async Task PutBlockListAsync(string blob, IEnumerable<string> blocks, bool createOnly, CancellationToken cancellationToken)
    {
        byte[] list = Encoding.UTF8.GetBytes(new XElement("BlockList", blocks.Select(id => new XElement("Latest", id))).ToString(SaveOptions.DisableFormatting));
        using Response _ = await SendAsync(RequestMethod.Put, AddressOf(blob), "comp=blocklist", OnlyNew(createOnly), list, cancellationToken, 201).ConfigureAwait(false);
    }

    /// <summary>Whether the blob is made of these blocks, and so of the upload that named them.</summary>
    public async Task<bool> IsMadeOfAsync(string blob, IEnumerable<string> blocks, CancellationToken cancellationToken)
    {
        // Who may not read cannot tell.
        using Response response = await SendAsync(RequestMethod.Get, AddressOf(blob), "comp=blocklist&blocklisttype=committed", [], null, cancellationToken, 200, 403, 404).ConfigureAwait(false);
        if (response.Status != 200)
            return false;
        using XmlReader reader = XmlReader.Create(response.Content.ToStream(), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        return XElement.Load(reader).Descendants("Block").Select(block => (string?)block.Element("Name")).SequenceEqual(blocks);
    }

    /// <summary>Opens the blob's bytes from an offset on.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="offset">From 0.</param>
    /// <param name="etag">The version that it must still be; null for any.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<(Stream Body, long Length, string ETag)> OpenAsync(string blob, long offset, string? etag, CancellationToken cancellationToken)
    {
        using HttpMessage message = Message(RequestMethod.Get, AddressOf(blob), null, [
            .. offset > 0 ? [("x-ms-range", $"bytes={offset.ToString(CultureInfo.InvariantCulture)}-")] : Array.Empty<(string, string)>(),
            .. etag is null ? [] : ((string, string)[])[("If-Match", etag)]], null);
        message.BufferResponse = false;
        await options.Pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        if (message.Response.Status is not (200 or 206))
            throw new RequestFailedException(message.Response);
        return (message.ExtractResponseContent()!, message.Response.Headers.ContentLengthLong ?? 0, message.Response.Headers.ETag?.ToString("H") ?? "");
    }

    public async Task<bool> DeleteAsync(string blob, CancellationToken cancellationToken)
    {
        using Response response = await SendAsync(RequestMethod.Delete, AddressOf(blob), null, [], null, cancellationToken, 202, 404).ConfigureAwait(false);
        return response.Status != 404 || (response.Headers.TryGetValue("x-ms-error-code", out string? code) && code == "ContainerNotFound" ? throw new RequestFailedException(response) : false);
    }

    /// <summary>One page of names and sizes, with the marker of the next; empty when there is none.</summary>
    public async Task<(List<(string Name, long Size)> Blobs, string Marker)> ListAsync(string prefix, string marker, int? most, CancellationToken cancellationToken)
    {
        Uri address = new($"{options.Account.Endpoint.AbsoluteUri.TrimEnd('/')}/{container}");
        string query = $"restype=container&comp=list&prefix={Uri.EscapeDataString(prefix)}{(marker.Length > 0 ? $"&marker={Uri.EscapeDataString(marker)}" : "")}{(most is { } limit ? $"&maxresults={limit.ToString(CultureInfo.InvariantCulture)}" : "")}";
        using Response response = await SendAsync(RequestMethod.Get, address, query, [], null, cancellationToken, 200).ConfigureAwait(false);
        using XmlReader reader = XmlReader.Create(response.Content.ToStream(), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        XElement page = XElement.Load(reader);
        return ([.. page.Descendants("Blob").Select(b => ((string)b.Element("Name")!, (long?)b.Element("Properties")?.Element("Content-Length") ?? 0))], (string?)page.Element("NextMarker") ?? "");
    }

    /// <summary>A URL with a service SAS for one blob; null where no account key is there to sign it.</summary>
    /// <remarks>Rule: "Create a service SAS", version 2020-12-06 and later.</remarks>
    public Uri? Sign(string blob, PresignedUse use, DateTimeOffset until)
    {
        if (options.Account is not { Key: { } key, Account: { } account })
            return null;
        string permissions = use == PresignedUse.Read ? "r" : "cw";
        string expiry = until.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        string protocol = options.Account.Endpoint.Scheme == Uri.UriSchemeHttps ? "https" : "https,http";
        string[] signed =
        [
            permissions, "", expiry, $"/blob/{account}/{container}/{blob}", "", "", protocol, Version, "b", "", "", "", "", "", "", "",
        ];
        string signature = SharedKeyPolicy.Sign(string.Join('\n', signed), key);
        return new($"{AddressOf(blob).AbsoluteUri}?sv={Version}&spr={Uri.EscapeDataString(protocol)}&se={Uri.EscapeDataString(expiry)}&sr=b&sp={permissions}&sig={Uri.EscapeDataString(signature)}");
    }

    private async Task<Response> SendAsync(RequestMethod method, Uri address, string? query, (string, string)[] headers, ArraySegment<byte>? body, CancellationToken cancellationToken, params int[] fine)
    {
        using Request request = Message(method, address, query, headers, body).Request;
        Response response = await options.Pipeline.SendRequestAsync(request, cancellationToken).ConfigureAwait(false);
        return fine.Contains(response.Status) ? response : throw new RequestFailedException(response);
    }

    private HttpMessage Message(RequestMethod method, Uri address, string? query, (string, string)[] headers, ArraySegment<byte>? body)
    {
        HttpMessage message = options.Pipeline.CreateMessage();
        Request request = message.Request;
        request.Method = method;
        string all = string.Join('&', ((string?[])[query, options.Account.Sas]).Where(part => !string.IsNullOrEmpty(part)));
        request.Uri.Reset(new Uri(address.AbsoluteUri + (all.Length > 0 ? "?" + all : "")));
        request.Headers.SetValue("x-ms-version", Version);
        foreach ((string name, string value) in headers)
            request.Headers.SetValue(name, value);
        if (body is { } bytes)
            request.Content = RequestContent.Create(bytes.AsMemory());
        return message;
    }

    private static (string, string)[] OnlyNew(bool createOnly) => createOnly ? [("If-None-Match", "*")] : [];

#pragma warning disable CA5351 // The service compares MD5 to find transfer errors; nothing here is protected by it.
    private static (string, string) Md5Of(ArraySegment<byte> bytes) => ("Content-MD5", Convert.ToBase64String(MD5.HashData(bytes)));
#pragma warning restore CA5351
}
