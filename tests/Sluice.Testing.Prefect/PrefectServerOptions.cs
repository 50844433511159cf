namespace Sluice.Testing.Prefect;

/// <summary>How a fixture server is set up.</summary>
public sealed record PrefectServerOptions
{
    /// <summary>The bearer token that it asks for, or null.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The <c>user:password</c> that it asks for, or null.</summary>
    public string? AuthString { get; init; }

    /// <summary>Whether writes need a CSRF token, as with <c>PREFECT_SERVER_CSRF_PROTECTION_ENABLED</c> (3.x).</summary>
    public bool Csrf { get; init; }

    /// <summary>The version it says it is; null: 3.8.3 or 2.10.21.</summary>
    public string? Version { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
