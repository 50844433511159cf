namespace Sluice.Generators.Model;

/// <summary>The scalar types. Each is a row of <see cref="Scalars"/> and a method of the run-time <c>JsonBinder</c> with the same name.</summary>
internal enum ScalarKind
{
    String,
    Char,
    Boolean,
    SByte,
    Byte,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Int128,
    UInt128,
    Half,
    Single,
    Double,
    Decimal,
    DateTime,
    DateTimeOffset,
    DateOnly,
    TimeOnly,
    TimeSpan,
    Guid,
    Uri,
    Bytes,
    Memory,
    ReadOnlyMemory,
    Version,
}
