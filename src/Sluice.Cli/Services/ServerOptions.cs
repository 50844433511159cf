using System.CommandLine;
using Sluice.Cli.CommandLine;

namespace Sluice.Cli.Services;

/// <summary>The options of verbs that listen.</summary>
internal sealed class ServerOptions
{
    private readonly Option<string> _host = new("--host") { Description = "The address to listen on.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    private readonly Option<int> _port = new("--port") { Description = "The port; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => 4200 };
    private readonly Option<bool> _allowUnauthenticated = new("--allow-unauthenticated")
    {
        Description = "Listen on a network address without credentials (PREFECT_SERVER_API_AUTH_STRING, SLUICE_SERVER_API_KEY). Anybody who reaches it can run programs on your workers.",
    };

    public IReadOnlyList<Option> All => [_host, _port, _allowUnauthenticated];

    public ServerAddress Read(Invocation call) => call.Get(_port) is >= 0 and <= 65535
        ? new(call.Get(_host), call.Get(_port), call.Get(_allowUnauthenticated))
        : throw CliException.BadUsage($"--port is {call.Get(_port)}; it takes 0 to 65535");
}
