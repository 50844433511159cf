using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

[assembly: AssemblyFixture(typeof(Sluice.Server.Tests.Replay.ReplayedHistory))]

namespace Sluice.Server.Tests.Replay;

/// <summary>
/// Plays the whole recorded history against our server over HTTP, once, at its own times. Before each request the services of the server do all
/// that is due, each at its own time; in the recording they looked every few seconds, so what they do may be recorded a little later than it is here.
/// </summary>
public sealed partial class ReplayedHistory : IAsyncLifetime
{
    private readonly Dictionary<string, List<string>> _differences = [];

    private readonly ConcurrentQueue<string> _reports = new();

    /// <summary>What went wrong inside the server, such as an answer that its route does not declare.</summary>
    internal IReadOnlyCollection<string> Reports => _reports;

    internal IReadOnlyList<Exchange> Played { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        Comparison comparison = new();
        Queue<Unrecorded> unrecorded = new(Unrecorded.Steps);
        ILookup<bool, Exchange> servers = Exchange.History.ToLookup(exchange => exchange.Time > Unrecorded.NewServer);
        Played = [.. await PlayAsync(servers[false], comparison, unrecorded), .. await PlayAsync(servers[true], comparison, unrecorded)];
        unrecorded.ShouldBeEmpty();
    }

    private async Task<List<Exchange>> PlayAsync(IEnumerable<Exchange> history, Comparison comparison, Queue<Unrecorded> unrecorded)
    {
        await using Home home = await Home.OpenAsync(history.First().Time.AddSeconds(-1));
        await using ApiHost host = await ApiHost.StartAsync(home.Api, new() { Time = home.Clock, Report = _reports.Enqueue }, default);
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        List<Exchange> played = [];
        foreach (Exchange exchange in history)
        {
            while (unrecorded.TryPeek(out Unrecorded? step) && step.Time <= exchange.Time)
            {
                await home.RunServicesUntilAsync(step.Time);
                comparison.Bind(step.Recorded, await SendAsync(http, host, comparison, step.Method, step.Path, step.Body));
                unrecorded.Dequeue();
            }
            await home.RunServicesUntilAsync(exchange.Time);
            if (exchange.Heartbeat is { } beat)
                await SendAsync(http, host, comparison, "POST", beat.Path, beat.Body);
            if (exchange.Unplayable is not null)
                continue;
            using HttpRequestMessage request = new(new HttpMethod(exchange.Method), new Uri(host.Url, comparison.Translate(exchange.Path)));
            foreach ((string name, string value) in exchange.Headers)
                request.Headers.TryAddWithoutValidation(name, value);
            if (exchange.Body is { } body)
                request.Content = new StringContent(comparison.Translate(body), Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await http.SendAsync(request);
            Note(exchange, response.StatusCode, await response.Content.ReadAsStringAsync(), comparison);
            played.Add(exchange);
        }
        return played;
    }

    public ValueTask DisposeAsync() => default;

    /// <summary>How our answers in a conversation differ from the recorded ones.</summary>
    internal IReadOnlyList<string> Differences(string conversation) => _differences.GetValueOrDefault(conversation) ?? [];

    private static async Task<JsonElement> SendAsync(HttpClient http, ApiHost host, Comparison comparison, string method, string path, string body)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(host.Url, comparison.Translate(path)));
        request.Content = new StringContent(comparison.Translate(body), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.SendAsync(request);
        string answer = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{method} {path}: {answer}");
        return answer.Length == 0 ? default : JsonElement.Parse(answer);
    }

    private void Note(Exchange exchange, HttpStatusCode status, string body, Comparison comparison)
    {
        if (!_differences.TryGetValue(exchange.Conversation, out List<string>? differences))
            _differences.Add(exchange.Conversation, differences = []);
        string place = $"{exchange.Method} {Variable().Replace(exchange.Path[4..], "{id}")} {exchange.Status}: ";
        if ((int)status != exchange.Status)
            differences.Add($"#{exchange.Number} {place}{(int)status} {body} and not {exchange.Response.GetRawText()}");
        else
            differences.AddRange(comparison.Differences(place, exchange.Response, body.Length == 0 ? JsonElement.Parse("null") : JsonElement.Parse(body)).Select(difference => $"#{exchange.Number} {difference}"));
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}")]
    private static partial Regex Variable();
}
