using System.CommandLine;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Deploy;

namespace Sluice.Cli.Commands;

/// <summary>Where a plan goes beside the screen, alike for every verb that plans or applies.</summary>
internal sealed class PlanOutputs
{
    private readonly Option<string?> _planFile = new("--plan-file") { Description = "Also write the plan as JSON to this file.", HelpName = "FILE" };

    private readonly Option<string?> _summary = new("--summary") { Description = "A file that gets the plan, or what was done, as Markdown, at its end.", HelpName = "FILE" };

    /// <summary>The options.</summary>
    public Option[] All => [_planFile, _summary];

    /// <summary>The file of the plan; null for none.</summary>
    public string? PlanFile(Invocation call) => call.Get(_planFile);

    /// <summary>The file of the summary; null for none.</summary>
    public string? SummaryFile(Invocation call) => call.Get(_summary);

    /// <summary>Prints the plan, or what was done, as <c>--output json</c>.</summary>
    public static void Print(Invocation call, DeployOutcome outcome, bool applied) => Json.Write(call.Screen.Out, JsonNode.Parse(DeployPlan.Of(outcome, applied).ToJson())!);
}
