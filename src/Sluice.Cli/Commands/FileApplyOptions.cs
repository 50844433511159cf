using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Deploy;

namespace Sluice.Cli.Commands;

/// <summary>The options of both verbs that apply files: <c>deployment apply</c> and <c>deployment build --apply</c>.</summary>
internal sealed class FileApplyOptions
{
    private readonly Option<bool> _createWorkPool = new("--create-work-pool") { Description = "Create a pool that is missing." };

    private readonly Option<bool> _allowBreaking = new("--allow-breaking-changes") { Description = "Apply parameter schemas that refuse what the live ones accept." };

    private readonly Option<string?> _conflicts = new Option<string?>("--conflicts")
    {
        Description = "Fields that both the file and somebody on the server changed: 'fail' stops and names them, 'keep' takes the server's value, 'code' the file's. Default: fail.",
        HelpName = "fail|keep|code",
    }.AcceptOnlyFromAmong("fail", "keep", "code");

    private readonly PlanOutputs _outputs = new();

    /// <summary>All of them.</summary>
    public Option[] All => [_createWorkPool, _allowBreaking, _conflicts, .. _outputs.All];

    /// <summary>The request that they make.</summary>
    public DeployRequest Read(Invocation call) => new()
    {
        Assembly = "",
        PublishDir = "",
        CreateWorkPool = call.Get(_createWorkPool),
        AllowBreakingChanges = call.Get(_allowBreaking),
        Conflicts = call.Get(_conflicts),
        PlanFile = _outputs.PlanFile(call),
        SummaryFile = _outputs.SummaryFile(call),
    };
}
