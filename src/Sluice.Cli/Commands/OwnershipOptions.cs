using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Deploy;

namespace Sluice.Cli.Commands;

/// <summary>The options of a deploy about whose the deployments are: app, environment, and what becomes of what the code no longer has.</summary>
internal sealed class OwnershipOptions
{
    private readonly Option<string?> _app = new("--app") { Description = "Whose the deployments are. Default: the assembly's name.", HelpName = "NAME" };
    private readonly Option<string?> _environment = new("--environment") { Description = "Deploy a copy with this suffix, paused, as pr-123.", HelpName = "NAME" };
    private readonly Option<bool> _active = new("--environment-active") { Description = "Let the schedules of the environment run." };
    private readonly Option<string?> _ttl = new("--environment-ttl") { Description = "After how long prune removes the environment: as 7d, 12h, 3600, 00:15:00 or PT15M.", HelpName = "DURATION" };
    private readonly Option<string?> _prune = new("--prune") { Description = "What becomes of deployments that the code no longer has: report (default), pause or delete.", HelpName = "RULE" };
    private readonly Option<string?> _rename = new("--rename") { Description = "A deployment that was renamed, as flow/old=flow/new; several with semicolons.", HelpName = "OLD=NEW" };

    public Option[] All => [_app, _environment, _active, _ttl, _prune, _rename];

    public DeployRequest Of(Invocation call, DeployRequest request) => request with
    {
        App = call.Get(_app),
        Environment = call.Get(_environment),
        EnvironmentActive = call.Get(_active),
        EnvironmentTtl = call.Get(_ttl),
        Prune = call.Get(_prune),
        Rename = call.Get(_rename),
    };
}
