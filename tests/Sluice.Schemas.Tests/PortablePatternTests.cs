using System.Text.RegularExpressions;

namespace Sluice.Schemas.Tests;

/// <summary>Regular expressions that .NET, ECMA 262 and Python read alike, and those that they do not.</summary>
public sealed class PortablePatternTests
{
    [Theory]
    [InlineData("[A-Z]{3}", "^[A-Z]{3}(?!\\n)$")]
    [InlineData("^a+$", "^a+(?!\\n)$")]
    [InlineData("a|b", "^(?:a|b)(?!\\n)$")]
    [InlineData("(a|b)c", "^(?:a|b)c(?!\\n)$")]
    [InlineData("(?<year>\\d{4})-(?'m'\\d\\d)", "^(?:[0-9]{4})-(?:[0-9][0-9])(?!\\n)$")]
    [InlineData("\\w\\s\\W\\S\\D", "^[A-Za-z0-9_][ \\t\\n\\r\\f\\v][^A-Za-z0-9_][^ \\t\\n\\r\\f\\v][^0-9](?!\\n)$")]
    [InlineData("a.c", "^a[^\\n]c(?!\\n)$")]
    [InlineData("[\\w.-]+", "^[A-Za-z0-9_.\\-]+(?!\\n)$")]
    [InlineData("[]a]", "^[\\]a](?!\\n)$")]
    [InlineData("[^a-c]*?", "^[^a-c]*?(?!\\n)$")]
    [InlineData("a{2,}b{1,2}c{,3}", "^a{2,}b{1,2}c\\{,3\\}(?!\\n)$")]
    [InlineData("\\x41\\u00e9\\t\\-\\/", "^Aé\\t-/(?!\\n)$")]
    [InlineData("(?=.*[0-9]).{8,}", "^(?=[^\\n]*[0-9])[^\\n]{8,}(?!\\n)$")]
    [InlineData("\\Aa\\z", "^a(?!\\n)$")]
    [InlineData("😀+", "^😀+(?!\\n)$")]
    [InlineData("[\\u0000-\\uffff]", "^[\\x00-\ud7ff\ue000-\uffff](?!\\n)$")]
    [InlineData("", "^(?!\\n)$")]
    public void It_is_rewritten_for_a_schema(string pattern, string schema)
    {
        PortablePattern read = PortablePattern.Read(pattern, whole: true, out PatternProblem? problem).ShouldNotBeNull(problem?.Message);
        read.Schema.ShouldBe(schema);
        // What was written is read as the same.
        PortablePattern.Read(schema, whole: false, out problem).ShouldNotBeNull(problem?.Message).Schema.ShouldBe(schema);
    }

    [Theory]
    [InlineData("[a-c]+", "a abc", "d abcd abc\n \n")]
    [InlineData(".{2}", "ab 😀😀 é😀", "😀 a abc 😀a😀")]
    [InlineData("[^a]", "b 😀", "a bb")]
    [InlineData("😀{2}", "😀😀", "😀 😀😀😀")]
    [InlineData("\\d+", "0 123", "٣ a")]
    [InlineData("\\w+", "a_Z9", "é")]
    [InlineData("a|b", "a b", "ab c")]
    [InlineData("(?=.*[0-9]).{3,}", "ab1 1abc", "abc 1a")]
    [InlineData("a$|^b", "a b", "a\n c")]
    public void It_matches_whole_texts_by_code_points(string pattern, string matched, string refused)
    {
        var regex = new Regex(PortablePattern.Read(pattern, whole: true, out _)!.Net);
        foreach (string text in matched.Split(' '))
            regex.IsMatch(text).ShouldBeTrue(text);
        foreach (string text in refused.Split(' '))
            regex.IsMatch(text).ShouldBeFalse(text);
    }

    [Theory]
    [InlineData("(", 0, 1, "no end")]
    [InlineData("a)", 1, 1, "never began")]
    [InlineData("[a", 0, 1, "no end")]
    [InlineData("ab*+", 2, 2, "one quantifier follows another")]
    [InlineData("*a", 0, 1, "nothing stands before *")]
    [InlineData("a|?", 2, 1, "nothing stands before ?")]
    [InlineData("^*", 0, 2, "no width")]
    [InlineData("(?=a)+", 0, 6, "no width")]
    [InlineData("x(?<=a)b", 1, 4, "behind")]
    [InlineData("(?i)a", 0, 3, "options")]
    [InlineData("(?>a)", 0, 3, "atomic")]
    [InlineData("(a)\\1", 3, 2, "back references")]
    [InlineData("\\bword", 0, 2, "word boundaries")]
    [InlineData("\\p{L}+", 0, 2, "Unicode categories")]
    [InlineData("[a-z-[aeiou]]", 4, 2, "class subtraction")]
    [InlineData("[[:alpha:]]", 1, 2, "named character classes")]
    [InlineData("[\\D]", 1, 2, "negated class")]
    [InlineData("[z-a]", 1, 3, "ends before it begins")]
    [InlineData("[😀]", 1, 2, "above U+FFFF")]
    [InlineData("a{3,2}", 1, 5, "ends before it begins")]
    [InlineData("a{99999}", 1, 7, "10000")]
    [InlineData("\\xZZ", 0, 4, "hexadecimal")]
    [InlineData("\\", 0, 1, "nothing follows")]
    public void What_is_not_portable_is_refused_at_its_place(string pattern, int offset, int length, string reason)
    {
        PortablePattern.Read(pattern, whole: true, out PatternProblem? problem).ShouldBeNull();
        problem!.Message.ShouldContain(reason);
        (problem.Offset, problem.Length).ShouldBe((offset, length));
    }

    [Fact]
    public void Groups_without_end_are_no_stack_overflow() =>
        PortablePattern.Read(new string('(', 100_000), whole: true, out PatternProblem? problem).ShouldBeNull(problem?.Message);
}
