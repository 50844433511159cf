using Sluice.Deploy.Manifest;

namespace Sluice.Deploy.Code;

/// <summary>The program whose flows are deployed from code.</summary>
/// <param name="Assembly">Its assembly, absolute.</param>
/// <param name="Read">What that declares.</param>
internal sealed record CodeProgram(string Assembly, ReadManifest Read)
{
    /// <summary>Deploys as a publish would, had the assembly declared these deployments and no others.</summary>
    /// <exception cref="DeploymentFailedException">The deploy failed.</exception>
    public static async Task<DeployOutcome> RunAsync(IReadOnlyList<Deployment> deployments, DeployEnvironment environment, ApplyOptions options, CancellationToken cancellationToken)
    {
        if (deployments.Count == 0)
            throw new ArgumentException("There is no deployment to apply.", nameof(deployments));
        CodeProgram program = deployments[0].Program;
        if (deployments.FirstOrDefault(one => one.Program.Assembly != program.Assembly) is { } other)
            throw new ArgumentException($"{deployments[0].FullName} is of {program.Assembly} and {other.FullName} of {other.Program.Assembly}: apply those of each program by themselves.", nameof(deployments));

        FlowsManifest manifest = program.Read.Manifest with
        {
            Flows = [.. deployments.GroupBy(one => one.Flow.Entrypoint).Select(flow => flow.First().Flow with { Deployments = [.. flow.Select(one => one.Declared)] })],
        };
        DeployRequest request = new()
        {
            Assembly = program.Assembly,
            PublishDir = Path.GetDirectoryName(program.Assembly)!,
            DeploymentVersion = options.Version,
            PlanOnly = options.PlanOnly,
            SkipUpload = options.SkipUpload,
            SkipApply = options.SkipApply,
            CreateWorkPool = options.CreateWorkPool,
            AllowBreakingChanges = options.AllowBreakingChanges,
            Conflicts = options.Conflicts?.ToString(),
        };
        DeployResult result = await new DeployRunner(options.Output is { } output ? environment with { Output = output } : environment).RunAsync(request, program.Read with { Manifest = manifest }, cancellationToken).ConfigureAwait(false);
        return result.Outcome is { } outcome
            ? outcome with { Warnings = [.. result.Diagnostics.Where(error => error.IsWarning)] }
            : throw new DeploymentFailedException([.. result.Diagnostics.Where(error => !error.IsWarning)]);
    }
}
