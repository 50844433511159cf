using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Generated code as a reviewer sees it change: a few telling flows. SLUICE_UPDATE_SNAPSHOTS=1 writes them anew.</summary>
public class SnapshotTests
{
    private static readonly (string Name, string File, string Source)[] Cases =
    [
        ("smallest", "Tick_Run", "public static class Tick { [Flow] public static void Run() { } }"),
        ("members", "Orders_PlaceAsync", """
            public enum State { Open, Paid }
            public struct Size { public int Width { get; set; } public int? Height { get; init; } }
            public class Order(string name) { public string Name => name; public required State State { get; set; } public Size Size { get; init; } public List<decimal>? Prices { get; set; } }
            public static class Orders { [Flow] public static async Task<Order?> PlaceAsync(Order order, CancellationToken cancellation) { await Task.Yield(); return order; } }
            """),
        ("kinds", "Shapes_Draw", """
            using System.ComponentModel.DataAnnotations;
            using System.Text.Json.Serialization;
            [JsonDerivedType(typeof(Circle), "circle")] [JsonDerivedType(typeof(Square), "square")] public abstract record Shape;
            public sealed record Circle([property: Range(0.1, 10)] double Radius) : Shape;
            public sealed record Square(int Side) : Shape;
            [Flags] public enum Marks { None, Bold = 1, Wide = 2 }
            public static class Shapes
            {
                [Flow] public static void Draw(Shape shape, Dictionary<Guid, int> counts, HashSet<string> tags, (int X, string Label) at, Marks marks = Marks.Bold, [StringLength(5)] string? name = null, params int[] rest) { }
            }
            """),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_flows_code_can_be_read(string name)
    {
        var (_, file, source) = Cases.Single(row => row.Name == name);
        Generated generated = GeneratorTest.Run(source);
        generated.Assembly.ShouldNotBeNull();
        Snapshot.Check($"{name}.cs.txt", string.Join('\n', generated.File(file).Split('\n').Where(line => !line.StartsWith("[assembly", StringComparison.Ordinal))));
    }

    [Fact]
    public void So_can_clients_registry_and_Main()
    {
        Generated generated = GeneratorTest.Run("""
            namespace Shop;
            public static class Flows
            {
                /// <param name="city">Where.</param>
                [Flow("Weather report")] [Deployment("daily", Parameters = "{\"days\": 3}")] public static void Build(string city, int days, DateOnly? from = null) { }
            }
            """, Microsoft.CodeAnalysis.OutputKind.ConsoleApplication, ("RootNamespace", "Shop"));
        generated.Assembly.ShouldNotBeNull();
        foreach (var (name, file) in new[] { ("client", "Deployments.g"), ("registry", "FlowList"), ("main", "Main") })
            Snapshot.Check($"{name}.cs.txt", generated.Result.GeneratedSources.Single(source => source.HintName.Contains(file, StringComparison.Ordinal)).SourceText.ToString());
    }
}
