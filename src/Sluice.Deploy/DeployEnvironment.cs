using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy;

/// <summary>What a deploy needs of its surroundings.</summary>
public sealed record DeployEnvironment
{
    /// <summary>Opens the API; called once, beside other work, and once more where conflicts stopped a deploy whose plan is to be written. Not called when nothing is applied.</summary>
    public required Func<CancellationToken, Task<DeployTarget>> OpenApiAsync { get; init; }

    /// <summary>The home, whose storage is the default.</summary>
    public required SluiceHome Home { get; init; }

    /// <summary>Where the lines for people go.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Takes what an upload has come to, as often as it changes. Without it, a long upload writes a line to <see cref="Output"/> now and then.</summary>
    public Action<string>? Progress { get; init; }

    /// <summary>Gives the secrets and blocks that stores need; the environment alone unless set.</summary>
    public StorageSources Sources { get; init; } = StorageSources.Environment;

    /// <summary>How the user types the tool's name, where the request does not say.</summary>
    public string Command { get; init; } = "sluice";

    /// <summary>The clock and this machine's time zone.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long the published program may take to answer its self-test.</summary>
    public TimeSpan SelfTestLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;
}
