using Microsoft.Extensions.Logging;
using Sluice;

namespace Empty;

/// <summary>Flows that do nothing.</summary>
public static class EmptyFlows
{
    /// <summary>Logs when its first line ran, in ticks of UTC.</summary>
    [Flow("Empty")]
    [Deployment("now")]
    public static void Run(ILogger logger) => logger.LogInformation("first line at {Ticks}", DateTime.UtcNow.Ticks);
}
