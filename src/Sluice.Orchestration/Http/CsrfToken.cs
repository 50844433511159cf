using System.Text.Json;

namespace Sluice.Orchestration.Http;

/// <summary>
/// The token that a Prefect 3 server with CSRF protection wants to see in writes. It is fetched when the server first asks for one, and again when it
/// refuses it; a server without protection never asks, so that no request is made for nothing.
/// </summary>
internal sealed class CsrfToken : IDisposable
{
    private readonly SemaphoreSlim _fetching = new(1);
    private volatile string? _token;

    /// <summary>Names this client to the server.</summary>
    public string ClientId { get; } = Guid.NewGuid().ToString();

    /// <summary>The token; null until one is needed.</summary>
    public string? Value => _token;

    /// <summary>Whether an answer asks for a token, or for another one. Nothing was done then.</summary>
    public static bool IsWanted(ApiAnswer answer) => (int)answer.Status == 403 && ApiErrors.Detail(answer) is { Text: { } text }
        && (text.Contains("CSRF", StringComparison.OrdinalIgnoreCase) || text.Contains("client identifier", StringComparison.OrdinalIgnoreCase));

    /// <summary>Fetches a token. Of several calls whose token was refused, one fetches and all go on with it.</summary>
    /// <param name="refused">The token that was refused, or null.</param>
    /// <param name="fetch">Asks the server.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False where the server has none to give (404, or 422 where protection is off).</returns>
    public async Task<bool> RenewAsync(string? refused, Func<ApiCall, CancellationToken, Task<ApiAnswer>> fetch, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_token != refused)
            {
                return true;
            }

            ApiAnswer answer = await fetch(ApiCall.Get("/csrf-token?client=" + ClientId), cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                return false;
            }

            using JsonDocument document = JsonDocument.Parse(answer.Body);
            _token = document.RootElement.TryGetProperty("token", out JsonElement token) ? token.GetString() : null;
            return _token is not null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false; // no answer of Prefect's: the refusal speaks
        }
        finally
        {
            _fetching.Release();
        }
    }

    public void Dispose() => _fetching.Dispose();
}
