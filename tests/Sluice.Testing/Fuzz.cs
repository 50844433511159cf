using System.Globalization;

namespace Sluice.Testing;

/// <summary>
/// How often and from which seed a random test runs: a small, fixed share in CI; as much as one asks for through <c>build/faults.cs</c>, which sets
/// <c>SLUICE_FUZZ_COUNT</c> and <c>SLUICE_FUZZ_SEED</c>.
/// </summary>
public static class Fuzz
{
    /// <summary>The seed; a failure's message must name it.</summary>
    public static int Seed { get; } = Number("SLUICE_FUZZ_SEED") ?? 20261122;

    /// <summary>How many inputs to try.</summary>
    /// <param name="share">How many when nobody asked for more.</param>
    public static int Count(int share) => Number("SLUICE_FUZZ_COUNT") ?? share;

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
