using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Runtime;
using Sluice.Runtime.Binding;

namespace Sluice.Generators.Tests.Harness;

/// <summary>What the generator made of a compilation, which can be looked at, loaded and run.</summary>
internal sealed class Generated(CSharpCompilation compilation, GeneratorRunResult result)
{
    private readonly Lazy<Assembly> _assembly = new(() =>
    {
        using var stream = new MemoryStream();
        var emitted = compilation.Emit(stream);
        emitted.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).ShouldBeEmpty();
        return Assembly.Load(stream.ToArray());
    });

    public CSharpCompilation Compilation { get; } = compilation;

    public IReadOnlyList<string> Files { get; } = [.. result.GeneratedSources.Select(source => source.HintName)];

    public GeneratorRunResult Result { get; } = result;

    /// <summary>The text of a flow's shim.</summary>
    public string File(string className) =>
        Result.GeneratedSources.Single(source => source.HintName.StartsWith(className + ".", StringComparison.Ordinal) && !source.HintName.Contains("Deployments"))
            .SourceText.ToString();

    /// <summary>The compiled assembly, one for all tests at once; fails on any error or warning, those of the test's own source included.</summary>
    public Assembly Assembly => _assembly.Value;

    public IReadOnlyList<FlowDefinition> Flows =>
        (IReadOnlyList<FlowDefinition>)Assembly.GetType("Sluice.Generated.FlowList")!.GetProperty("All", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;

    public FlowDefinition Flow => Flows.Single();

    public IReadOnlyList<JsonElement> Manifests =>
        [.. Assembly.GetCustomAttributes<FlowManifestAttribute>().Select(attribute => JsonDocument.Parse(attribute.Json).RootElement)];

    public JsonElement Manifest => Manifests.Single();

    public JsonElement Schema => Manifest.GetProperty("parameter_openapi_schema");

    /// <summary>Binds JSON to the flow; the answer is each problem as "path: message", or nothing.</summary>
    public static IReadOnlyList<string> Problems(FlowDefinition flow, string json)
    {
        var errors = new BindingErrors();
        using JsonDocument document = JsonDocument.Parse(json);
        FlowCall? call = flow.Bind(document.RootElement, errors);
        (call is null).ShouldBe(errors.Items.Count > 0);
        return [.. errors.Items.Select(error => $"{error.Path}: {error.Message}")];
    }

    /// <summary>Binds JSON, invokes, and answers the result's JSON.</summary>
    public static async Task<string> Invoke(FlowDefinition flow, string json, CancellationToken cancellation = default)
    {
        var errors = new BindingErrors();
        FlowCall? call;
        using (JsonDocument document = JsonDocument.Parse(json))
            call = flow.Bind(document.RootElement, errors);
        errors.Items.ShouldBeEmpty();
        using var stream = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(stream))
            await call!(new FlowContext(flow.Name, null, NullLogger.Instance, cancellation), writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
