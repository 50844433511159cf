using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Attributes that cannot constrain what they stand on are reported on their own characters.</summary>
public class ConstraintRuleTests
{
    [Theory]
    [InlineData("[RegularExpression(\"a{|SLC0210:(?<=|}a)\")] string s", "s: looking behind")]
    [InlineData("[RegularExpression(\"{|SLC0210:\\\\b|}a\")] string s", "s: word boundaries")]
    [InlineData("[RegularExpression(@\"x{|SLC0210:\\p|}{L}\")] string s", "s: Unicode categories")]
    [InlineData("[{|SLC0211:StringLength(3)|}] int n", "n: [StringLength] stands on strings only")]
    [InlineData("[{|SLC0211:Range(1, 2)|}] string s", "n: [Range] stands on numbers only")]
    [InlineData("[{|SLC0211:MaxLength(2)|}] byte[] b", "[MaxLength] stands on strings, lists and dictionaries only")]
    [InlineData("[{|SLC0211:EmailAddress|}] Uri u", "[EmailAddress] stands on strings only")]
    [InlineData("[{|SLC0211:Secret|}] int n", "[Secret] stands on strings only")]
    [InlineData("[{|SLC0211:AllowedValues(1)|}] int[] n", "[AllowedValues] stands on numbers, strings, booleans and enums only")]
    [InlineData("[{|SLC0212:Range(2, 1)|}] int n", "no int is between 2 and 1")]
    [InlineData("[{|SLC0212:Range(300, 400)|}] byte n", "no byte is between 300 and 400")]
    [InlineData("[{|SLC0212:Range(typeof(decimal), \"a\", \"2\")|}] decimal n", "the ends of [Range] are numbers")]
    [InlineData("[{|SLC0212:Range(1, 1, MinimumIsExclusive = true)|}] int n", "no int is between 1 and 1")]
    [InlineData("[{|SLC0212:Length(3, 2)|}] string s", "no length is between 3 and 2")]
    [InlineData("[MinLength(3), StringLength(2)] string {|SLC0212:s|}", "no length is at least 3 and at most 2")]
    [InlineData("[{|SLC0212:AllowedValues(1.5)|}] int n", "1.5 is no integer")]
    [InlineData("[{|SLC0212:AllowedValues(\"x\")|}] Guid n", "\"x\" is no uuid")]
    [InlineData("[{|SLC0212:AllowedValues|}] int n", "no value is allowed")]
    [InlineData("[AllowedValues(1), DeniedValues(1)] int {|SLC0212:n|}", "every allowed value is denied")]
    [InlineData("[Range(1, 10)] int n = {|SLC0213:0|}", "n: the default 0 is refused: expected a number from 1 to 10")]
    [InlineData("[Required] string? s = {|SLC0213:null|}", "the default null is refused: expected a value")]
    [InlineData("[Range(1, 10), {|SLC0213:DefaultValue(11)|}] int n", "the default 11 is refused")]
    [InlineData("[{|SLC0213:DefaultValue(\"x\")|}] int n", "\"x\" is no integer")]
    [InlineData("[{|SLC0214:Phone|}] string s", "[Phone] is not checked")]
    [InlineData("[{|SLC0214:Even|}] int n", "[Even] is not checked")]
    [InlineData("[Secret] string s = {|SLC0215:\"hunter2\"|}", "'s' is secret")]
    [InlineData("[Secret] string s = \"\"", null)]
    [InlineData("[Range(1, 10)] int? n = null", null)]
    [InlineData("[Range(0, double.MaxValue)] decimal n", null)]
    [InlineData("[Display(Name = \"N\"), Description(\"d\"), DefaultValue(3), Range(typeof(int), \"1\", \"5\")] int n", null)]
    public async Task A_parameter(string parameter, string? message)
    {
        IReadOnlyList<string> messages = await AnalyzerTest.Run(ConstraintCases.Usings + $$"""
            public sealed class EvenAttribute : ValidationAttribute { }
            public static class F { [Flow] public static void Run({{parameter}}) { } }
            """);
        if (message is null)
            messages.ShouldBeEmpty();
        else
            messages.ShouldHaveSingleItem().ShouldContain(message.Split(": ")[^1]);
    }

    [Fact]
    public async Task A_member_of_a_parameters_type()
    {
        IReadOnlyList<string> messages = await AnalyzerTest.Run(ConstraintCases.Usings + """
            public record Line([{|SLC0212:Range(2, 1)|}] int Count, [Range(1, 5)] int Other = {|SLC0213:9|});
            public class Order { public Line[] Lines { get; set; } = []; [{|SLC0211:Url|}] public int Link { get; set; } }
            public static class F { [Flow] public static void Run(Order order, Order? second) { } }
            """);
        messages.ShouldContain("order.Lines[].Count: no int is between 2 and 1");
    }

    [Fact]
    public async Task Values_in_Parameters_are_held_against_the_attributes()
    {
        IReadOnlyList<string> messages = await AnalyzerTest.Run(ConstraintCases.Usings + """"
            public record Line([Range(1, 99)] int Count);
            public static class F
            {
                [Flow]
                [Deployment("a", Parameters = """{"days": {|SLC0305:0|}, "line": {"count": {|SLC0305:100|}}, "code": {|SLC0305:"abc"|}, "token": {|SLC0215:{|SLC0305:"a"|}|}}""")]
                public static void Run([Range(1, 10)] int days, Line line, [RegularExpression("[A-Z]+")] string code, [Secret, MinLength(2)] string token) { }
            }
            """");
        messages.ShouldContain("$.line.count: expected a number from 1 to 99, found 100");
        messages.ShouldContain("$.token: expected a string of at least 2 characters, found ********");
    }
}
