using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers;

/// <summary>What the texts of an attribute say, read when first asked for and then shared: every analyzer of a compilation sees the same attributes.</summary>
internal sealed class AttributeReading
{
    // Beside the attribute, for as long as the compilation keeps that.
    private static readonly ConditionalWeakTable<AttributeData, AttributeReading> _known = new();

    private readonly AttributeData _attribute;
    private volatile JsonText? _parameters;
    private volatile IReadOnlyList<StorageProblem>? _storage;

    private AttributeReading(AttributeData attribute)
    {
        _attribute = attribute;
        Schedules = DeclaredSchedule.Declare(attribute);
    }

    /// <summary>What it declares: nothing, one schedule, or by mistake several.</summary>
    public DeclaredSchedule[] Schedules { get; }

    /// <summary>Its Parameters; null where it gives none.</summary>
    public JsonText? Parameters => _parameters ??= _attribute.Text("Parameters") is { } text ? new(JsonParser.Parse(text, out JsonError? error), error) : null;

    /// <summary>What is wrong with its Storage.</summary>
    public IReadOnlyList<StorageProblem> Storage => _storage ??= _attribute.Text("Storage") is { } text ? StorageText.Read(text) : [];

    public static AttributeReading Of(AttributeData attribute) => _known.GetValue(attribute, static attribute => new(attribute));
}

/// <summary>A text as JSON: either the node or the error is set.</summary>
internal sealed record JsonText(JsonNode? Node, JsonError? Error)
{
    /// <summary>The node where it is an object.</summary>
    public JsonNode? Object => Node is { Kind: JsonKind.Object } ? Node : null;
}
