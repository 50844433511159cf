using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Deploy;
using Sluice.Orchestration;

namespace Sluice.Cli.Connection;

/// <summary>The surroundings of what is applied over an API that a verb has opened already.</summary>
internal static class OpenSurroundings
{
    /// <summary>Lines for people go to standard error, beside what the verb answers.</summary>
    public static DeployEnvironment Of(Invocation call, IOrchestrationApi api) => new()
    {
        Home = call.Home,
        Output = call.Screen.Error,
        Command = OwnCommand.Text,
        Time = call.Time,
        Sources = ServerSources.Of(api),
        OpenApiAsync = _ => throw new InvalidOperationException("The API is open."),
    };
}
