using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>For types that cannot be parameters or results, the nearest ones that can.</summary>
internal static class SupportedTypes
{
    private static readonly SymbolDisplayFormat Short =
        SymbolDisplayFormat.MinimallyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    // What a value of the type is written as in JSON: bytes, text, a number.
    private static readonly Dictionary<string, string> Plain = new(StringComparer.Ordinal)
    {
        ["System.IO.Stream"] = "byte[]",
        ["System.IO.MemoryStream"] = "byte[]",
        ["System.IO.FileStream"] = "string",
        ["System.IO.FileInfo"] = "string",
        ["System.IO.DirectoryInfo"] = "string",
        ["System.IO.FileSystemInfo"] = "string",
        ["System.IO.TextReader"] = "string",
        ["System.IO.StringReader"] = "string",
        ["System.IO.StreamReader"] = "string",
        ["System.Text.StringBuilder"] = "string",
        ["System.Text.Encoding"] = "string",
        ["System.Text.Rune"] = "string",
        ["System.Text.RegularExpressions.Regex"] = "string",
        ["System.Globalization.CultureInfo"] = "string",
        ["System.Globalization.RegionInfo"] = "string",
        ["System.TimeZoneInfo"] = "string",
        ["System.Type"] = "string",
        ["System.Index"] = "int",
        ["System.Net.IPAddress"] = "string",
        ["System.Net.IPEndPoint"] = "string",
        ["System.Net.Mail.MailAddress"] = "string",
        ["System.UriBuilder"] = "System.Uri",
        ["System.Char"] = "string",
        ["System.IntPtr"] = "long",
        ["System.UIntPtr"] = "ulong",
        ["System.Half"] = "float",
        ["System.Int128"] = "decimal",
        ["System.UInt128"] = "decimal",
        ["System.Numerics.BigInteger"] = "decimal",
    };

    // Wrappers: the value that they hold, compute or wait for.
    private static readonly HashSet<string> Wrappers = new(StringComparer.Ordinal)
    {
        "System.Lazy<T>", "System.Func<TResult>", "System.Threading.Tasks.Task<TResult>", "System.Threading.Tasks.ValueTask<TResult>", "System.Threading.AsyncLocal<T>",
        "System.Runtime.CompilerServices.StrongBox<T>", "System.WeakReference<T>", "System.Threading.ThreadLocal<T>",
    };

    // Not IEnumerable<T>, but a run of values.
    private static readonly HashSet<string> Runs = new(StringComparer.Ordinal)
    {
        "System.Span<T>", "System.ReadOnlySpan<T>", "System.Memory<T>", "System.ReadOnlyMemory<T>", "System.ArraySegment<T>", "System.Buffers.ReadOnlySequence<T>",
    };

    /// <summary>The nearest supported type for a parameter's; null when none is obvious, or it is supported itself.</summary>
    public static ITypeSymbol? ForInput(ITypeSymbol type, Compilation compilation, CancellationToken cancellation) =>
        Candidates(type, compilation).FirstOrDefault(candidate => IsSupported(candidate, compilation, forInput: true, cancellation));

    /// <summary>The nearest supported type for a result's that values of the old one convert to without a change of the code.</summary>
    public static ITypeSymbol? ForOutput(ITypeSymbol type, Compilation compilation, CancellationToken cancellation) =>
        Sequences(type, compilation).FirstOrDefault(candidate => compilation.HasImplicitConversion(type, candidate) && IsSupported(candidate, compilation, forInput: false, cancellation));

    /// <summary>What a collection, span or pointer is made of; null for anything else.</summary>
    public static ITypeSymbol? ElementOf(ITypeSymbol type, Compilation compilation) => type switch
    {
        IArrayTypeSymbol array => array.ElementType,
        IPointerTypeSymbol pointer => pointer.PointedAtType,
        INamedTypeSymbol { TypeArguments: [var only] } named when Runs.Contains(named.OriginalDefinition.ToDisplayString()) || Implements(named, "System.Collections.Generic.IAsyncEnumerable`1", compilation) is not null => only,
        INamedTypeSymbol named => Implements(named, "System.Collections.Generic.IEnumerable`1", compilation)?.TypeArguments[0],
        _ => null,
    };

    /// <summary>An array of the type, null included where the type says so.</summary>
    public static IArrayTypeSymbol ArrayOf(ITypeSymbol element, Compilation compilation) => compilation.CreateArrayTypeSymbol(element, 1, element.NullableAnnotation);

    /// <summary>The type as one writes it at a place.</summary>
    public static string Write(ITypeSymbol type, SemanticModel model, int position) => type.ToMinimalDisplayString(model, position, Short);

    private static IEnumerable<ITypeSymbol> Candidates(ITypeSymbol type, Compilation compilation)
    {
        NullableAnnotation annotation = type.NullableAnnotation;
        if (type.SpecialType == SpecialType.System_String || type.TypeKind == TypeKind.Error)
            yield break;
        if (Plain.TryGetValue(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat.WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.None)), out string? plain)
            && Named(plain, compilation) is { } simple)
            yield return Nullable(simple, annotation, compilation);
        if (type is IArrayTypeSymbol { Rank: > 1 } grid)
            yield return Nullable(Jagged(grid, compilation), annotation, compilation);
        if (type is INamedTypeSymbol { TypeArguments: [var held] } wrapper && Wrappers.Contains(wrapper.OriginalDefinition.ToDisplayString()))
            yield return held;
        if (type is INamedTypeSymbol { TypeArguments.Length: > 1 } tuple && tuple.OriginalDefinition.ToDisplayString().StartsWith("System.Tuple<", StringComparison.Ordinal))
            yield return Nullable(compilation.CreateTupleTypeSymbol(tuple.TypeArguments), annotation, compilation);
        if (type is INamedTypeSymbol dictionary && Implements(dictionary, "System.Collections.Generic.IEnumerable`1", compilation)?.TypeArguments[0] is INamedTypeSymbol { Name: "KeyValuePair", Arity: 2 } pair
            && compilation.GetTypeByMetadataName("System.Collections.Generic.Dictionary`2") is { } map)
            yield return Nullable(Of(map, pair.TypeArguments), annotation, compilation);
        foreach (ITypeSymbol sequence in Sequences(type, compilation))
            yield return sequence;
        // The parts may be what is not supported: List<Stream> is List<byte[]> then.
        if (type is IArrayTypeSymbol { Rank: 1 } array)
            foreach (ITypeSymbol item in Candidates(array.ElementType, compilation))
                yield return Nullable(ArrayOf(item, compilation), annotation, compilation);
        else if (type is INamedTypeSymbol { TypeArguments.Length: > 0 } generic)
            foreach (int at in Enumerable.Range(0, generic.TypeArguments.Length))
                foreach (ITypeSymbol part in Candidates(generic.TypeArguments[at], compilation))
                    yield return Of(generic.OriginalDefinition, generic.TypeArguments.SetItem(at, part)).WithNullableAnnotation(annotation);
    }

    private static IEnumerable<ITypeSymbol> Sequences(ITypeSymbol type, Compilation compilation)
    {
        if (ElementOf(type, compilation) is not { } element || type is IArrayTypeSymbol)
            yield break;
        if (type is INamedTypeSymbol named && Implements(named, "System.Collections.Generic.IEnumerable`1", compilation) is not null && !type.IsRefLikeType)
            foreach (string face in new[] { "System.Collections.Generic.IReadOnlyList`1", "System.Collections.Generic.IReadOnlyCollection`1", "System.Collections.Generic.IEnumerable`1" })
                if (compilation.GetTypeByMetadataName(face) is { } list)
                    yield return Of(list, [element]).WithNullableAnnotation(type.NullableAnnotation);
        yield return Nullable(ArrayOf(element, compilation), type.NullableAnnotation, compilation);
    }

    private static INamedTypeSymbol? Implements(INamedTypeSymbol type, string face, Compilation compilation) =>
        compilation.GetTypeByMetadataName(face) is { } wanted
            ? type.AllInterfaces.Prepend(type).FirstOrDefault(known => SymbolEqualityComparer.Default.Equals(known.OriginalDefinition, wanted))
            : null;

    private static ITypeSymbol Jagged(IArrayTypeSymbol grid, Compilation compilation)
    {
        ITypeSymbol type = grid.ElementType;
        for (int rank = 0; rank < grid.Rank; rank++)
            type = ArrayOf(type, compilation);
        return type;
    }

    private static INamedTypeSymbol Of(INamedTypeSymbol generic, ImmutableArray<ITypeSymbol> arguments) =>
        generic.Construct(arguments, [.. arguments.Select(argument => argument.NullableAnnotation)]);

    private static ITypeSymbol? Named(string name, Compilation compilation) => name switch
    {
        "byte[]" => compilation.CreateArrayTypeSymbol(compilation.GetSpecialType(SpecialType.System_Byte)),
        "string" => compilation.GetSpecialType(SpecialType.System_String),
        "int" => compilation.GetSpecialType(SpecialType.System_Int32),
        "long" => compilation.GetSpecialType(SpecialType.System_Int64),
        "ulong" => compilation.GetSpecialType(SpecialType.System_UInt64),
        "float" => compilation.GetSpecialType(SpecialType.System_Single),
        "decimal" => compilation.GetSpecialType(SpecialType.System_Decimal),
        _ => compilation.GetTypeByMetadataName(name),
    };

    private static ITypeSymbol Nullable(ITypeSymbol type, NullableAnnotation annotation, Compilation compilation) =>
        annotation != NullableAnnotation.Annotated ? type
        : type.IsValueType ? compilation.GetSpecialType(SpecialType.System_Nullable_T).Construct(type)
        : type.WithNullableAnnotation(NullableAnnotation.Annotated);

    private static bool IsSupported(ITypeSymbol type, Compilation compilation, bool forInput, CancellationToken cancellation)
    {
        var parser = new TypeParser(compilation.Assembly, forInput, cancellation);
        return type.TypeKind != TypeKind.Error && parser.Parse(type, "value") is not null && parser.Problems.Count == 0;
    }
}
