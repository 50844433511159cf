using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Sluice.Generators.Tests.Harness;
using Sluice.Testing;

namespace Sluice.Generators.Tests.Fixes;

/// <summary>An IDE asks for fixes while code is being typed: whatever stands there, none throws, and each action can be applied.</summary>
public class HalfTypedTests
{
    private const string Sample = """
        public enum Color { Red, Blue }
        public record Point(int X, int? Y = null);
        public class C
        {
            const string Zone = "Romance Standard Time";
            /// <summary>Runs.</summary>
            [Flow("a/b", Retries = -1)]
            [Deployment("x", Cron = "0 0 6 * * ?", Interval = "PT5M", TimeZone = Zone, Parameters = @"{""City"": 1, ""days"": ""7""}")]
            [Deployment("x", RRule = "FREQ=DAILY;INTERVAL=2", WorkQueue = "", Tags = ["a", ""])]
            [Schedule("y", Cron = "H 6 * * *", TimeZone = "Europe/Pariss")]
            [Schedule("x", Cron = "3-3 * * * *", Slug = "schedule-1", Parameters = "{city: 'Oslo', point: {}}")]
            private async void Run(string city, ref int days, System.IO.Stream? s, int[,] grid, params List<int> rest) { await Task.Yield(); }
            [Flow("again")] [Deployment("a", Interval = "PT7H", Parameters = "{ \"color\": \"red\", \"point\": { \"X\": 1 } }")] public static Queue<int> A(Color color, Point point, int n) => new();
            [Flow("again")] [Deployment("b", TimeZone = "UTC", AnchorDate = "soon", JobVariables = "[")] public static void B() { }
            [Deployment("c", Cron = Other.Text)] static void D<T>(T t) { }
            file class G { [Flow, Deployment("d", Cron = $"{Zone}" + "")] static void Run() { } }
        }
        """;

    [Fact]
    public async Task No_fix_throws_on_code_that_is_cut_off_or_has_a_hole()
    {
        var random = new Random(Fuzz.Seed);
        int applied = 0;
        for (int i = 0; i < Fuzz.Count(60); i++)
        {
            int cut = random.Next(Sample.Length), hole = random.Next(Sample.Length), length = Math.Min(random.Next(1, 12), Sample.Length - hole);
            string source = i == 0 ? Sample : i % 2 == 0 ? Sample[..cut] : Sample.Remove(hole, length);
            try
            {
                applied += await ApplyEach(source);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {Fuzz.Seed}, input {i}:\n{source}", e);
            }
        }
        applied.ShouldBeGreaterThan(Fuzz.Count(60));
    }

    private static async Task<int> ApplyEach(string source)
    {
        CodeFixTest test = await CodeFixTest.Of(source);
        int applied = 0;
        foreach (Diagnostic problem in test.Problems)
            foreach (CodeAction action in await test.Actions(problem))
            {
                action.Title.ShouldNotBeNullOrWhiteSpace();
                Solution changed = (await action.GetOperationsAsync(default)).OfType<ApplyChangesOperation>().Single().ChangedSolution;
                (await changed.GetDocument(test.Document.Id)!.GetTextAsync()).ToString().ShouldNotBe(source, action.Title);
                applied++;
            }
        return applied;
    }
}
