namespace Sluice.Storage.Webhook;

/// <summary>A request as its templates say it.</summary>
/// <param name="Method">GET, PATCH, POST or PUT.</param>
/// <param name="Url">Its address.</param>
/// <param name="Headers">Its headers in the order of their names.</param>
/// <param name="Body">Its body; null for none, or for the archive.</param>
internal sealed record WebhookRequest(HttpMethod Method, WebhookTemplate Url, IReadOnlyList<(string Name, WebhookTemplate Value)> Headers, WebhookTemplate? Body)
{
    /// <summary>Whether a word occurs anywhere in it.</summary>
    public bool Has(string word) => Templates.Any(template => template.Has(word));

    private IEnumerable<WebhookTemplate> Templates => [Url, .. Headers.Select(header => header.Value), .. Body is null ? [] : new[] { Body }];
}

/// <summary>A request that can be sent.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Url">Where it goes.</param>
/// <param name="Shown">Where it goes, for messages: without query and without secrets.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body as text; null for none, or for the archive.</param>
/// <param name="Secrets">What no message may show.</param>
internal sealed record ResolvedRequest(
    HttpMethod Method, Uri Url, string Shown, IReadOnlyList<(string Name, string Value)> Headers, string? Body, IReadOnlyCollection<string> Secrets);
