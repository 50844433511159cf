using Microsoft.CodeAnalysis;

namespace Sluice.Generators.Parsing;

/// <summary>What System.Text.Json's attributes say of a type, property or field, read in one pass.</summary>
internal struct JsonMarks
{
    private const string Space = "System.Text.Json.Serialization";

    /// <summary>[JsonPropertyName] or [JsonStringEnumMemberName].</summary>
    public string? Name;

    /// <summary>[JsonIgnore] without a condition, or with one that always holds for what is asked.</summary>
    public bool IsIgnored;

    public Model.MemberOmission Omission;

    /// <summary>[JsonRequired].</summary>
    public bool IsRequired;

    /// <summary>[JsonInclude].</summary>
    public bool IsIncluded;

    /// <summary>[JsonExtensionData].</summary>
    public bool IsExtension;

    /// <summary>[JsonPropertyOrder].</summary>
    public int Order;

    /// <summary>[JsonConverter]'s type, unless it is one of the framework's for the names of enums, which are what we have anyway.</summary>
    public INamedTypeSymbol? Converter;

    /// <summary>[JsonSchema].</summary>
    public AttributeData? Schema;

    /// <summary>[Flags].</summary>
    public bool IsFlags;

    /// <summary>[JsonPolymorphic]'s name for the discriminator.</summary>
    public string? Discriminator;

    /// <summary>The [JsonDerivedType]s in order.</summary>
    public List<AttributeData>? Derived;

    public static JsonMarks Of(ISymbol symbol, bool forInput)
    {
        var marks = new JsonMarks();
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            INamedTypeSymbol? type = attribute.AttributeClass;
            if (type is null)
                continue;
            switch (type.Name)
            {
                case "JsonPropertyNameAttribute" or "JsonStringEnumMemberNameAttribute" when type.Is(Space, type.Name):
                    marks.Name = attribute.FirstText();
                    break;
                case "JsonIgnoreAttribute" when type.Is(Space, type.Name):
                    Ignore(ref marks, attribute.Named("Condition")?.Value as int? ?? 1, forInput);
                    break;
                case "JsonRequiredAttribute" when type.Is(Space, type.Name):
                    marks.IsRequired = true;
                    break;
                case "JsonIncludeAttribute" when type.Is(Space, type.Name):
                    marks.IsIncluded = true;
                    break;
                case "JsonExtensionDataAttribute" when type.Is(Space, type.Name):
                    marks.IsExtension = true;
                    break;
                case "JsonPropertyOrderAttribute" when type.Is(Space, type.Name):
                    marks.Order = attribute.ConstructorArguments is [{ Value: int order }] ? order : 0;
                    break;
                case "JsonPolymorphicAttribute" when type.Is(Space, type.Name):
                    marks.Discriminator = attribute.Text("TypeDiscriminatorPropertyName");
                    break;
                case "JsonDerivedTypeAttribute" when type.Is(Space, type.Name):
                    (marks.Derived ??= []).Add(attribute);
                    break;
                case "JsonConverterAttribute" when type.Is(Space, type.Name):
                    if (attribute.ConstructorArguments is [{ Value: INamedTypeSymbol { TypeKind: not TypeKind.Error } converter }] && !converter.Is(Space, "JsonStringEnumConverter"))
                        marks.Converter = converter;
                    break;
                case "JsonSchemaAttribute" when type.Is("Sluice", type.Name):
                    marks.Schema = attribute;
                    break;
                case "FlagsAttribute" when type.Is("System", type.Name):
                    marks.IsFlags = true;
                    break;
            }
        }
        return marks;
    }

    /// <summary>JsonIgnoreCondition's numbers: Never, Always, WhenWritingDefault, WhenWritingNull, WhenWriting, WhenReading.</summary>
    private static void Ignore(ref JsonMarks marks, int condition, bool forInput)
    {
        marks.IsIgnored = condition switch { 1 => true, 4 => !forInput, 5 => forInput, _ => false };
        marks.Omission = condition switch { 2 => Model.MemberOmission.WhenDefault, 3 => Model.MemberOmission.WhenNull, _ => Model.MemberOmission.Never };
    }
}
