namespace Sluice.Testing.Prefect;

/// <summary>A request that a fixture server got.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path below <c>/api</c>, without query.</param>
/// <param name="Query">The query with its question mark, or empty.</param>
/// <param name="Body">The body as text.</param>
/// <param name="Headers">The headers.</param>
public sealed record SentRequest(string Method, string Path, string Query, string Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Whether it may change something: neither a GET nor a filter, a count, or a look for due runs.</summary>
    public bool IsWrite => Method != "GET" && !Path.EndsWith("/filter", StringComparison.Ordinal) && !Path.EndsWith("/count", StringComparison.Ordinal)
        && !Path.EndsWith("/get_scheduled_flow_runs", StringComparison.Ordinal) && !Path.EndsWith("/get_runs", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Path}";
}
