using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Sluice.Storage;
using Sluice.Storage.Results;

namespace Sluice.Worker.Results;

/// <summary>
/// Takes results of this worker's own runs on 127.0.0.1 and streams them into their stores. Each run has an address that nobody can guess and that ends with it, so
/// that a program which outlived its run writes nothing.
/// </summary>
internal sealed class ResultReceiver : IAsyncDisposable
{
    private const int Attempts = 20;

    // Windows lets every user listen on this name, and reserves addresses for administrators.
    private static readonly string s_host = OperatingSystem.IsWindows() ? "localhost" : "127.0.0.1";

    private readonly HttpListener _listener;
    private readonly Uri _root;
    private readonly StorageSources _sources;
    private readonly Action<string> _log;
    private readonly ConcurrentDictionary<string, ResultLocation> _places = new(StringComparer.Ordinal);
    private readonly Task _serving;

    private ResultReceiver(HttpListener listener, Uri root, StorageSources sources, Action<string> log)
    {
        (_listener, _root, _sources, _log) = (listener, root, sources, log);
        _serving = ServeAsync();
    }

    /// <summary>Begins to listen on a free port.</summary>
    public static ResultReceiver Start(StorageSources sources, Action<string> log)
    {
        for (int attempt = 1; ; attempt++)
        {
            // HttpListener cannot choose a port itself, and between the choice and the start somebody else may take it.
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            int port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            var root = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{s_host}:{port}/results/"));
            var listener = new HttpListener { Prefixes = { root.AbsoluteUri } };
            try
            {
                listener.Start();
                return new(listener, root, sources, log);
            }
            catch (HttpListenerException) when (attempt < Attempts)
            {
                listener.Close();
            }
        }
    }

    /// <summary>Opens an address for one result.</summary>
    /// <returns>The address, and what closes it.</returns>
    public (Uri Url, IAsyncDisposable End) Open(ResultLocation place)
    {
        string token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _places[token] = place;
        return (new(_root, token), new Closing(this, token));
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        var answering = new ConcurrentDictionary<Task, bool>();
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                Task answer = Task.Run(() => AnswerAsync(context));
                answering[answer] = true;
                _ = answer.ContinueWith(done => answering.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
        await Task.WhenAll(answering.Keys);
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            (int status, string reason) = await TakeAsync(context.Request);
            context.Response.StatusCode = status;
            if (reason.Length > 0)
            {
                byte[] text = Encoding.UTF8.GetBytes(reason);
                context.Response.ContentType = "text/plain; charset=utf-8";
                context.Response.ContentLength64 = text.Length;
                await context.Response.OutputStream.WriteAsync(text);
            }
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            _log($"A result could not be received, since the flow's program went: {e.Message}");
        }
    }

    private async Task<(int Status, string Reason)> TakeAsync(HttpListenerRequest request)
    {
        if (!_places.TryGetValue(request.Url!.Segments[^1], out ResultLocation? place))
            return (404, "");
        if (request.HttpMethod != "PUT" || request.ContentLength64 < 0)
            return (405, "");
        try
        {
            await using IPackageStore store = PackageStores.Open(place.Store, _sources);
            // A name is used by one run alone: what is there already is this result, whose answer was lost on its way.
            return await store.CreateAsync(place.Key, new WholeStream(request.InputStream, request.ContentLength64), CancellationToken.None)
                || await store.GetSizeAsync(place.Key, CancellationToken.None) == request.ContentLength64
                ? (204, "")
                : (409, $"{place} exists already.");
        }
        catch (StorageException e)
        {
            return (e.Kind switch { StorageErrorKind.Forbidden => 403, StorageErrorKind.Full => 413, StorageErrorKind.Unavailable => 503, _ => 422 }, e.Message);
        }
    }

    private sealed class Closing(ResultReceiver receiver, string token) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            receiver._places.TryRemove(token, out _);
            return ValueTask.CompletedTask;
        }
    }
}
