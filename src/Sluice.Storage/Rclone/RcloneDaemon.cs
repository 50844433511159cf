using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sluice.Storage.Rclone;

/// <summary>
/// A running <c>rclone rcd</c>: one process for all requests of a store, on a free port of 127.0.0.1 with a password of its own. Credentials reach it by the
/// environment, never by arguments.
/// </summary>
/// <remarks>Rule: rclone's "Remote controlling rclone" reference.</remarks>
internal sealed partial class RcloneDaemon : IAsyncDisposable
{
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly HttpClient _http;

    private RcloneDaemon(Process process, HttpClient http)
    {
        _process = process;
        _http = http;
    }

    /// <summary>Starts it.</summary>
    /// <param name="environment">Variables on top of our own, as <c>RCLONE_CONFIG_X_TYPE</c>.</param>
    /// <param name="silence">How long nothing may move on a connection to the system behind, until rclone gives it up. Nothing else bounds a request.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="StorageException">rclone is not installed (Invalid), or does not start (Unavailable).</exception>
    public static async Task<RcloneDaemon> StartAsync(IReadOnlyDictionary<string, string> environment, TimeSpan silence, CancellationToken cancellationToken)
    {
        string user = "sluice", password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        // Files of the same size and time may differ, so nothing is taken for equal; a move that would copy says so instead of half doing it.
        string[] arguments = [
            "rcd", "--rc-addr", "127.0.0.1:0", "--rc-serve", "--ignore-times", "--retries", "1", "--low-level-retries", "3", "--contimeout", "15s",
            "--timeout", string.Create(CultureInfo.InvariantCulture, $"{silence.TotalSeconds:0}s")];
        ProcessStartInfo start = Command(arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        start.Environment["RCLONE_RC_USER"] = user;
        start.Environment["RCLONE_RC_PASS"] = password;
        Process process = Start(start);
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new StringBuilder();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                address.TrySetException(new StorageException(StorageErrorKind.Unavailable, $"rclone did not start: {said.ToString().Trim()}"));
            else if (ServingLine().Match(line.Data) is { Success: true } match)
                address.TrySetResult(new Uri(match.Groups[1].Value));
            else if (!address.Task.IsCompleted)
                said.Append(line.Data.Trim()).Append(' ');
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        try
        {
            var http = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30), UseProxy = false })
            {
                BaseAddress = await address.Task.WaitAsync(s_startTime, cancellationToken).ConfigureAwait(false),
                // A slow link may take as long as it needs; what does not move any more is found out by rclone.
                Timeout = Timeout.InfiniteTimeSpan,
            };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{user}:{password}")));
            return new(process, http);
        }
        catch (TimeoutException)
        {
            Stop(process);
            throw new StorageException(StorageErrorKind.Unavailable, $"rclone did not start within {s_startTime.TotalSeconds} seconds: {said.ToString().Trim()}");
        }
        catch
        {
            Stop(process);
            throw;
        }
    }

    /// <summary>rclone's own form of a password, which its configuration wants: it hides it from glances, and protects nothing.</summary>
    public static async Task<string> ObscureAsync(string password, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("rclone", ["obscure", "-"]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        using Process process = Start(start);
        await process.StandardInput.WriteLineAsync(password.AsMemory(), cancellationToken).ConfigureAwait(false);
        process.StandardInput.Close();
        string obscured = await process.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return process.ExitCode == 0 ? obscured.Trim() : throw new StorageException(StorageErrorKind.Invalid, "rclone could not take the password.");
    }

    /// <summary>Calls an operation, as <c>operations/stat</c>.</summary>
    /// <exception cref="RcloneException">rclone refused or failed.</exception>
    public async Task<JsonDocument> CallAsync(string operation, JsonObject input, CancellationToken cancellationToken)
    {
        // rclone knows this content type without parameters only.
        using var content = new StringContent(input.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using HttpResponseMessage response = await _http.PostAsync(new Uri(operation, UriKind.Relative), content, cancellationToken).ConfigureAwait(false);
        return await AnswerAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a file into a folder.</summary>
    /// <param name="fs">The remote.</param>
    /// <param name="folder">The folder in it.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="content">Sent from its position to its end; not disposed.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task UploadAsync(string fs, string folder, string name, Stream content, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent { { new KeptContent(content), "file0", name } };
        var address = new Uri($"operations/uploadfile?fs={Uri.EscapeDataString(fs)}&remote={Uri.EscapeDataString(folder)}", UriKind.Relative);
        using HttpResponseMessage response = await _http.PostAsync(address, form, cancellationToken).ConfigureAwait(false);
        using JsonDocument _ = await AnswerAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a file from an offset on.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string fs, string path, long offset, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"[{fs}]/{path}".Split('/').Aggregate("", (all, part) => $"{all}/{Uri.EscapeDataString(part)}"), UriKind.Relative));
        if (offset > 0)
            request.Headers.Range = new RangeHeaderValue(offset, null);
        HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        using (await AnswerAsync(response, cancellationToken).ConfigureAwait(false))
            throw new RcloneException(response.StatusCode, response.ReasonPhrase ?? "");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        Stop(_process);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private static async Task<JsonDocument> AnswerAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return JsonDocument.Parse(body);
        throw new RcloneException(response.StatusCode, ErrorIn(body) ?? body.Trim());
    }

    private static string? ErrorIn(string body)
    {
        try
        {
            return JsonNode.Parse(body) is JsonObject json ? (string?)json["error"] : null;
        }
        catch (JsonException)
        {
            return null; // A page of the system behind it.
        }
    }

    // On Unix a shell stands between: when we are killed, its input ends, and it takes rclone along.
    private static ProcessStartInfo Command(string[] arguments) => OperatingSystem.IsWindows()
        ? new("rclone", arguments) { UseShellExecute = false }
        : new("/bin/sh", ["-c", "command -v rclone >/dev/null || exit 127; exec 3<&0; rclone \"$@\" & r=$!; (cat <&3 >/dev/null; kill $r 2>/dev/null) & wait $r", "sh", .. arguments]) { UseShellExecute = false };

    private static Process Start(ProcessStartInfo start)
    {
        if (!IsInstalled())
            throw new StorageException(StorageErrorKind.Invalid, "This storage needs the program rclone, which is not on PATH: install it (rclone.org/install), on the worker's machine as well.");
        return Process.Start(start)!;
    }

    private static bool IsInstalled() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "rclone.exe" : "rclone")));

    private static void Stop(Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
    }

    private sealed class KeptContent(Stream content) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => content.CopyToAsync(stream, 128 * 1024, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = content.Length - content.Position;
            return true;
        }
    }

    [GeneratedRegex(@"Serving remote control on (http://127\.0\.0\.1:\d+/)")]
    private static partial Regex ServingLine();
}

/// <summary>An answer of rclone that is a failure.</summary>
/// <param name="status">Its status.</param>
/// <param name="message">What it says.</param>
internal sealed class RcloneException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;
}
