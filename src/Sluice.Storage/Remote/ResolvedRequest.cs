namespace Sluice.Storage.Remote;

/// <summary>A request that can be sent.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Url">Where it goes.</param>
/// <param name="Shown">Where it goes, for messages: without query and without secrets.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body as text; null for none, or for the archive.</param>
/// <param name="Secrets">What no message may show.</param>
internal sealed record ResolvedRequest(
    HttpMethod Method, Uri Url, string Shown, IReadOnlyList<(string Name, string Value)> Headers, string? Body, IReadOnlyCollection<string> Secrets);
