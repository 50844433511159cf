using System.Reflection;
using Sluice.Deploy;
using Sluice.Server;
using Deployment = Sluice.Deploy.Code.Deployment;

namespace Sluice.Cli.Tests;

/// <summary>A deployment that a program made of a flow's method is run by <c>sluice</c>, from its package.</summary>
public sealed class FromCodeTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task A_method_is_deployed_from_code_and_runs()
    {
        // As a program does it that references the flows' project.
        MethodInfo method = Assembly.LoadFrom(PacesHome.Assembly).GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)).Single(method => method.Name.StartsWith("Greet", StringComparison.Ordinal));
        Delegate flow = method.CreateDelegate(System.Linq.Expressions.Expression.GetDelegateType([.. method.GetParameters().Select(parameter => parameter.ParameterType), method.ReturnType]));
        DeployEnvironment surroundings = new()
        {
            Home = _sluice.Home,
            Output = TextWriter.Null,
            OpenApiAsync = async token => new(await EmbeddedApi.OpenAsync(_sluice.Home, TimeProvider.System, token), "the embedded API", IsLocal: true),
        };

        DeployedDeployment made = await Deployment.FromFlow(flow, "from-code").Parameter("name", "Ada").Parameter("times", 1).ApplyAsync(surroundings: surroundings, cancellationToken: TestContext.Current.CancellationToken);

        (made.FullName, made.Outcome).ShouldBe(("Greet/from-code", "created"));
        (await _sluice.RunAsync("deployment", "run", "Greet/from-code", "--watch")).Succeeded().Output.ShouldContain("Greeting 1: hello Ada");
    }
}
