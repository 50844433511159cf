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
