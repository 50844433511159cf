using System.Text.Json.Nodes;

namespace Sluice.Testing.Prefect;

/// <summary>A request to a 2.10 server, and the 3.x server behind it.</summary>
internal sealed class Prefect2Exchange(SentRequest request, JsonNode? body, Func<string, string, JsonNode?, Task<(int Status, JsonNode? Body)>> send)
{
    public SentRequest Request { get; } = request;

    public JsonNode? Body { get; } = body;

    /// <summary>Asks the server behind.</summary>
    public Task<(int Status, JsonNode? Body)> SendAsync(string method, string path, JsonNode? content = null) => send(method, path, content);

    /// <summary>Asks the server behind the same with this body.</summary>
    public Task<(int Status, JsonNode? Body)> ForwardAsync(JsonNode? content) => send(Request.Method, Request.Path + Request.Query, content);
}
