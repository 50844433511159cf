namespace Sluice.Generators.Model;

/// <summary>What schema, reader, writer and help need to know of a scalar type: one row each.</summary>
/// <param name="CSharp">Its name in C#.</param>
/// <param name="IsValueType">Whether <c>T?</c> is <c>Nullable&lt;T&gt;</c>.</param>
/// <param name="JsonType">JSON Schema's <c>type</c>.</param>
/// <param name="Format">JSON Schema's <c>format</c>.</param>
/// <param name="Minimum">JSON Schema's <c>minimum</c>, exactly.</param>
/// <param name="Maximum">JSON Schema's <c>maximum</c>, exactly.</param>
/// <param name="Zero">JSON of <c>default(T)</c>.</param>
/// <param name="Pattern">JSON Schema's <c>pattern</c>, anchored on both ends: <c>$</c> alone would let a line break follow.</param>
/// <param name="Name">The word for it in help texts, where neither format nor type is.</param>
internal sealed record ScalarFacts(
    string CSharp, bool IsValueType, string JsonType, string? Format = null, string? Minimum = null, string? Maximum = null, string? Zero = null,
    string? Pattern = null, string? Name = null)
{
    /// <summary>The word for it in help texts and messages.</summary>
    public string Word => Name ?? Format ?? JsonType;
}

internal static class Scalars
{
    private const string DoubleMaximum = "1.7976931348623157E+308";
    private const string SingleMaximum = "3.4028235E+38";
    private const string DecimalMaximum = "79228162514264337593543950335";

    private static readonly ScalarFacts[] Rows =
    [
        new("string", false, "string"),
        new("char", true, "string", Zero: "\"\\u0000\"", Pattern: "^[\\u0000-\\uffff](?!\\n)$", Name: "character"),
        new("bool", true, "boolean", Zero: "false"),
        new("sbyte", true, "integer", null, "-128", "127", "0"),
        new("byte", true, "integer", null, "0", "255", "0"),
        new("short", true, "integer", null, "-32768", "32767", "0"),
        new("ushort", true, "integer", null, "0", "65535", "0"),
        new("int", true, "integer", null, "-2147483648", "2147483647", "0"),
        new("uint", true, "integer", null, "0", "4294967295", "0"),
        new("long", true, "integer", null, "-9223372036854775808", "9223372036854775807", "0"),
        new("ulong", true, "integer", null, "0", "18446744073709551615", "0"),
        new("global::System.Int128", true, "integer", null, "-170141183460469231731687303715884105728", "170141183460469231731687303715884105727", "0"),
        new("global::System.UInt128", true, "integer", null, "0", "340282366920938463463374607431768211455", "0"),
        new("global::System.Half", true, "number", null, "-65504", "65504", "0"),
        new("float", true, "number", null, "-" + SingleMaximum, SingleMaximum, "0"),
        new("double", true, "number", null, "-" + DoubleMaximum, DoubleMaximum, "0"),
        new("decimal", true, "number", null, "-" + DecimalMaximum, DecimalMaximum, "0"),
        new("global::System.DateTime", true, "string", "date-time", Zero: "\"0001-01-01T00:00:00Z\"", Pattern: TextPatterns.DateTime),
        new("global::System.DateTimeOffset", true, "string", "date-time", Zero: "\"0001-01-01T00:00:00Z\"", Pattern: TextPatterns.DateTime),
        new("global::System.DateOnly", true, "string", "date", Zero: "\"0001-01-01\"", Pattern: TextPatterns.Date),
        new("global::System.TimeOnly", true, "string", "time", Zero: "\"00:00:00\"", Pattern: TextPatterns.Time),
        new("global::System.TimeSpan", true, "string", "duration", Zero: "\"PT0S\"", Pattern: TextPatterns.Duration),
        new("global::System.Guid", true, "string", "uuid", Zero: "\"00000000-0000-0000-0000-000000000000\"", Pattern: TextPatterns.Guid),
        new("global::System.Uri", false, "string", "uri", Pattern: TextPatterns.Uri),
        new("byte[]", false, "string", "binary", Pattern: TextPatterns.Base64, Name: "base64"),
        new("global::System.Memory<byte>", true, "string", "binary", Zero: "\"\"", Pattern: TextPatterns.Base64, Name: "base64"),
        new("global::System.ReadOnlyMemory<byte>", true, "string", "binary", Zero: "\"\"", Pattern: TextPatterns.Base64, Name: "base64"),
        new("global::System.Version", false, "string", Pattern: "^[0-9]+\\.[0-9]+(\\.[0-9]+){0,2}(?!\\n)$", Name: "version"),
    ];

    public static ScalarFacts Facts(this ScalarKind kind) => Rows[(int)kind];

    public static bool IsNumber(this ScalarKind kind) => kind is >= ScalarKind.SByte and <= ScalarKind.Decimal;

    public static bool IsBytes(this ScalarKind kind) => kind is ScalarKind.Bytes or ScalarKind.Memory or ScalarKind.ReadOnlyMemory;
}
