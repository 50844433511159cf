using System.CommandLine;

namespace Sluice.Cli.CommandLine;

/// <summary>Names one deployment: as an argument, or by <c>--id</c> as Prefect's command line does.</summary>
internal sealed class DeploymentName
{
    private readonly Argument<string?> _name = new("FLOW/DEPLOYMENT") { Description = "The deployment as flow/deployment, or its id.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _id = new("--id") { Description = "The deployment's id, in place of its name.", HelpName = "ID" };

    public IReadOnlyList<Symbol> All => [_name, _id];

    /// <exception cref="CliException">Neither is given, or both are.</exception>
    public string Read(Invocation call) => (call.Get(_name), call.Get(_id)) switch
    {
        (null, null) => throw CliException.BadUsage("name the deployment as flow/deployment, or by --id"),
        (not null, not null) => throw CliException.BadUsage("write the deployment's name or its --id, not both"),
        (null, { } id) => Check(id),
        ({ } name, null) => name,
    };

    public static string Check(string id) => Guid.TryParse(id, out _) ? id : throw CliException.BadUsage($"--id '{id}' is not an id; write one as 01a202e6-ada4-79b6-a42f-89f381eb04bc");
}
