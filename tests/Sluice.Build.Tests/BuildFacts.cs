using System.Runtime.InteropServices;

namespace Sluice.Build.Tests;

[CollectionDefinition(nameof(PackedFeed))]
public sealed class PackedFeedCollection : ICollectionFixture<PackedFeed>;

internal static class BuildFacts
{
    public static string RuntimeIdentifier => RuntimeInformation.RuntimeIdentifier;
}
