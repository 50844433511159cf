using System.Globalization;
using Sluice.Generators.Clients;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Emitting;

/// <summary>Writes the typed way to start runs of a flow's deployments: <c>Deployments.&lt;Flow&gt;.&lt;Deployment&gt;.RunAsync(…)</c>.</summary>
internal static class DeploymentsEmitter
{
    private const string Cancellation = "global::System.Threading.CancellationToken";

    public static string Emit(FlowModel flow, string identifier, string rootNamespace)
    {
        var code = new CodeWriter();
        code.Line(FlowEmitter.Header).Line("#nullable enable").Line("#pragma warning disable").Line();
        int blocks = ClientEmitter.Open(code, rootNamespace);
        code.Line($"/// <summary>Deployments of the flow {ClientText.Xml(flow.Name)}.</summary>")
            .Line("[global::System.CodeDom.Compiler.GeneratedCodeAttribute(\"Sluice.Generators\", \"1.0.0\")]");
        FlowEmitter.WriteObsolete(code, flow).Open($"internal static class {identifier}");
        var docs = new XmlDocs(flow.Docs);
        var taken = new HashSet<string>(flow.ParameterTypes.Names.SelectMany(name => new[] { "Write" + name, "NameOf" + name, "FlagsOf" + name, "OutputOf" + name }).Append(identifier), StringComparer.Ordinal);
        foreach (DeploymentModel deployment in flow.Deployments)
            if (ManifestEmitter.IsValid(deployment))
                WriteDeployment(code, flow, deployment, docs, Unique(Names.Identifier(deployment.Name), taken));
        WriterEmitter.WriteTypes(code, flow.ParameterTypes);
        code.Close();
        for (; blocks > 0; blocks--)
            code.Close();
        return code.ToString();
    }

    private static void WriteDeployment(CodeWriter code, FlowModel flow, DeploymentModel deployment, XmlDocs docs, string identifier)
    {
        var given = new HashSet<string>(
            deployment.Parameters is { } text && JsonParser.Parse(text, out _) is { } node ? node.Members.Select(member => member.Name) : [], StringComparer.Ordinal);
        var parameters = flow.Parameters.Select(parameter => new Input(parameter, !parameter.Required || given.Contains(parameter.JsonName))).ToArray();
        var names = new HashSet<string>(parameters.Select(input => input.Parameter.Name), StringComparer.Ordinal);
        string options = Unique("options", names);
        string cancellation = Unique("cancellation", names);
        string writer = Unique("writer", names);

        code.Line($"/// <summary>The deployment {ClientText.Xml(flow.Name)}/{ClientText.Xml(deployment.Name)}.</summary>").Open($"internal static class {identifier}")
            .Line("/// <summary>Creates a run. What is left out or null is what the deployment says, else the flow's default.</summary>");
        foreach (Input input in parameters)
            if (docs.Parameter(input.Parameter.Name) is { } description)
                code.Line($"/// <param name=\"{input.Parameter.Name}\">{ClientText.Xml(description)}</param>");
        code.Line($"/// <param name=\"{options}\">How it is started.</param>").Line($"/// <param name=\"{cancellation}\">Cancels the request, not the run.</param>");

        var signature = parameters.OrderBy(input => input.IsOptional).Select(input => input.IsOptional
                ? $"{input.Parameter.Type!.CSharp.TrimEnd('?')}? {Names.Escape(input.Parameter.Name)} = null"
                : $"{input.Parameter.Type!.CSharp} {Names.Escape(input.Parameter.Name)}")
            .Append($"global::Sluice.DeploymentRunOptions? {options} = null").Append($"{Cancellation} {cancellation} = default");
        code.Line($"public static global::System.Threading.Tasks.Task<global::Sluice.DeploymentRun> RunAsync({string.Join(", ", signature)}) =>")
            .In().Open($"global::Sluice.Runtime.DeploymentRuns.StartAsync({Literals.Text(flow.Name)}, {Literals.Text(deployment.Name)}, {writer} =>");
        int number = 0;
        foreach (Input input in parameters)
        {
            string name = Names.Escape(input.Parameter.Name);
            string property = $"{writer}.WritePropertyName({Literals.Text(input.Parameter.JsonName)});";
            if (!input.IsOptional)
            {
                code.Line(property).Line(WriterEmitter.Expression(input.Parameter.Type!, writer, name) + ";");
                continue;
            }
            TypeNode set = input.Parameter.Type is NullableNode nullable ? nullable.Inner : input.Parameter.Type!;
            string value = Unique("set" + (number++).ToString(CultureInfo.InvariantCulture), names);
            code.Open($"if ({name} is {{ }} {value})").Line(property).Line(WriterEmitter.Expression(set, writer, value) + ";").Close();
        }
        code.Close($", {options}, {cancellation});").Out().Close().Line();
    }

    private static string Unique(string name, HashSet<string> taken)
    {
        if (name is "RunAsync" or "Equals" or "ReferenceEquals")
            name += "_";
        string unique = name;
        for (int n = 2; !taken.Add(unique); n++)
            unique = name + n.ToString(CultureInfo.InvariantCulture);
        return unique;
    }

    private sealed record Input(ArgumentModel Parameter, bool IsOptional);
}
