using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>What an edit makes anew: nothing that it does not change.</summary>
public class EditTests
{
    private static readonly (string Path, string Text)[] Project =
    [
        ("Flows.cs", """
            // Flows.
            namespace Shop;

            public static class Flows
            {
                /// <summary>Packs an order.</summary>
                [Flow("Pack")]
                [Deployment("daily", Cron = "0 6 * * *")]
                public static int Pack(Order order, Color color = Color.Red)
                {
                    int total = 1;
                    return total;
                }

                [Flow("Count")]
                [Deployment("hourly", Interval = "PT1H")]
                public static void Count(int number) { }
            }
            """),
        ("More.cs", "namespace Shop; public class More { [Flow(\"Send\")] public static Order? Send(Order order) => order; private static int Helper() => 1; }"),
        ("Order.cs", "namespace Shop; public record Order(string Name, Line[] Lines) { public int Weight() => 1; }"),
        ("Line.cs", "namespace Shop; public record Line(int Pieces) { /* pieces */ }"),
        ("Color.cs", "namespace Shop; public enum Color { Red, Green }"),
        ("Other.cs", "namespace Shop; internal class Other { public int Number { get; set; } }"),
    ];

    public static TheoryData<string, string, string, string, string> Edits => new()
    {
        { "another file", "Other.cs", "Number", "Amount", "" },
        { "an unrelated type", "Other.cs", "internal class Other", "internal record struct New(int A); internal class Other", "" },
        { "half-typed code elsewhere", "Other.cs", "get; set; }", "get; set; void M( {", "" },
        { "a comment", "Flows.cs", "// Flows.", "// All flows.", "" },
        { "an empty line", "Flows.cs", "    [Flow(\"Count\")]", "\n\n    [Flow(\"Count\")]", "" },
        { "a flow's body", "Flows.cs", "int total = 1;", "int total = 2, more;", "" },
        { "half-typed code in a body", "Flows.cs", "return total;", "return total.", "" },
        { "a method beside flows", "More.cs", "Helper() => 1", "Helper(int n) => n + 1", "" },
        { "another namespace", "Other.cs", "namespace Shop;", "namespace Shop.Parts;", "" },
        { "a comment in a parameter's type", "Line.cs", "/* pieces */", "/* how many */", "" },
        { "a method of a parameter's type", "Order.cs", "Weight() => 1", "Weight(int each) => each", "" },
        { "a member of a parameter's type", "Order.cs", "string Name", "string Title", "Pack Pack! Send" },
        { "a member deeper in", "Line.cs", "int Pieces", "long Pieces", "Pack Pack! Send" },
        { "docs of a member", "Line.cs", "{ /* pieces */ }", "{ /// <summary>Mass.</summary>\n public double Mass { get; set; } }", "Pack Pack! Send" },
        { "an enum that one flow has", "Color.cs", "Green", "Blue", "Pack Pack!" },
        { "a schedule", "Flows.cs", "0 6 * * *", "0 7 * * *", "Pack Pack!" },
        { "a parameter's name", "Flows.cs", "int number", "int amount", "Count Count!" },
        { "a flow's docs", "Flows.cs", "Packs an order.", "Packs orders.", "Pack Pack!" },
        { "a flow's name", "More.cs", "\"Send\"", "\"Deliver\"", "Send" },
        { "a method's name", "More.cs", "Order? Send(", "Order? Ship(", "FlowList Ship" },
        { "one flow more", "Flows.cs", "int number) { }", "int number) { } [Flow(\"New\")] public static void New() { }", "FlowList New" },
        { "one flow less", "More.cs", "[Flow(\"Send\")] ", "", "FlowList" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void An_edit_makes_anew_what_it_changes(string what, string path, string old, string @new, string emitted)
    {
        var typing = new Typing(Project);
        Short(typing.Files).ShouldBe("Count Count! FlowList Pack Pack! Send");
        Short(typing.Edit(path, old, @new)).ShouldBe(emitted, what);
        // And back again, which is an edit like any other.
        if (old.Length > 0 && @new.Length > 0)
            Short(typing.Edit(path, @new, old)).ShouldBe(emitted.Replace("FlowList Ship", "FlowList Send").Replace("FlowList New", "FlowList").Replace("Deliver", "Send"), what);
    }

    [Fact]
    public void A_flow_that_comes_back_is_made_again()
    {
        var typing = new Typing(Project);
        Short(typing.Edit("More.cs", "public static Order?", "private static Order?")).ShouldBe("FlowList");
        Short(typing.Files).ShouldBe("Count Count! FlowList Pack Pack!");
        Short(typing.Edit("More.cs", "private static Order?", "public static Order?")).ShouldBe("FlowList Send");
    }

    [Fact]
    public void There_is_one_file_for_a_flow_one_for_its_clients_and_one_registry() =>
        Short(new Typing(Project).Files).ShouldBe("Count Count! FlowList Pack Pack! Send");

    /// <summary>Shop_Flows_Pack.0123abcd.g.cs is Pack, its clients' file Pack!.</summary>
    private static string Short(IEnumerable<string> files) =>
        string.Join(' ', files.Select(file => file.Split('.')[0].Split('_')[^1] + (file.Contains(".Deployments.", StringComparison.Ordinal) ? "!" : "")).Order(StringComparer.Ordinal));
}
