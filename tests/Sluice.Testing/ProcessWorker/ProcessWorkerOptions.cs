namespace Sluice.Testing.ProcessWorker;

/// <summary>How a re-enacted process worker of Prefect works.</summary>
public sealed record ProcessWorkerOptions
{
    /// <summary>The API, as <c>PREFECT_API_URL</c> names it.</summary>
    public required Uri Api { get; init; }

    /// <summary>3 for Prefect 3.8.3, 2 for 2.10.21.</summary>
    public int Generation { get; init; } = 3;

    /// <summary>What <c>PREFECT_API_KEY</c> holds.</summary>
    public string? ApiKey { get; init; }

    /// <summary>What <c>PREFECT_API_AUTH_STRING</c> holds.</summary>
    public string? AuthString { get; init; }

    /// <summary>The work pool.</summary>
    public string Pool { get; init; } = "p";

    /// <summary>The worker's name.</summary>
    public string Name { get; init; } = "w1";

    /// <summary>How often it asks for runs: Prefect's worker every 10 seconds.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often it looks whether a process that got SIGTERM has ended: Prefect's every 3 seconds.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a process may take over SIGTERM before it gets SIGKILL.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it shows that it lives, in whole seconds.</summary>
    public int HeartbeatSeconds { get; init; } = 30;

    /// <summary>Variables of the worker's own environment, on top of the test's; null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();
}
