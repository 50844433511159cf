using System.Text.RegularExpressions;

namespace Sluice.Cli.Times;

/// <summary>What a word of a phrase is, by its looks alone.</summary>
internal enum PhraseKind
{
    Word,
    Number,
    Date,
    Clock,
    Offset,
    Zone,
    Sign,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">In lower case, dots of abbreviations left out.</param>
/// <param name="Written">As it was written.</param>
internal readonly record struct PhraseWord(PhraseKind Kind, string Text, string Written);

/// <summary>Splits a phrase into words, numbers, dates and clocks.</summary>
internal static partial class PhraseWords
{
    private const int Longest = 200;

    public static IReadOnlyList<PhraseWord> Split(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new PhraseException("is empty");
        if (text.Length > Longest)
            throw new PhraseException($"is longer than {Longest} characters");
        // The T of ISO 8601 stands between a date and a clock.
        string whole = IsoT().Replace(text.Trim(), "$1 ");
        var words = new List<PhraseWord>();
        for (int at = 0; at < whole.Length;)
        {
            Match match = Words().Match(whole, at);
            if (!match.Success)
                throw new PhraseException($"is not understood at '{whole[at..]}'");
            if (match.Groups["mixed"].Success)
                throw new PhraseException($"has a date that may mean two days, '{match.Value}': write it as 2026-12-01");
            if (Kind(match) is { } kind)
                words.Add(new(kind, match.Value.ToLowerInvariant().Replace(".", kind == PhraseKind.Word ? "" : ".", StringComparison.Ordinal).Replace('’', '\''), match.Value));
            at += match.Length;
        }
        return words;
    }

    private static PhraseKind? Kind(Match match) =>
        match.Groups["date"].Success ? PhraseKind.Date
        : match.Groups["clock"].Success ? PhraseKind.Clock
        : match.Groups["offset"].Success ? PhraseKind.Offset
        : match.Groups["zone"].Success ? PhraseKind.Zone
        : match.Groups["number"].Success ? PhraseKind.Number
        : match.Groups["word"].Success ? PhraseKind.Word
        : match.Groups["sign"].Success ? PhraseKind.Sign
        : null;

    [GeneratedRegex(@"^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})[tT](?=[0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex IsoT();

    [GeneratedRegex(
        @"\G(?:(?<space>\s+)|(?<date>[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?![0-9]))|(?<mixed>[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2,4}|[0-9]{1,2}/[0-9]{1,2})"
        + @"|(?<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,7})?)?(?![0-9:]))|(?<offset>[+-][0-9]{1,2}(?::?[0-9]{2})?(?![0-9:]))"
        + @"|(?<zone>[A-Za-z]+(?:/[A-Za-z0-9_+-]+)+)|(?<number>[0-9]+(?:\.[0-9]+)?)|(?<word>[A-Za-z]+(?:[.'’][A-Za-z]+)*\.?)|(?<sign>[,@&]|-(?=[a-zA-Z])))",
        RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}

/// <summary>A place among the words of a phrase.</summary>
internal sealed class PhraseCursor(IReadOnlyList<PhraseWord> words)
{
    private static readonly PhraseWord s_nothing = new(PhraseKind.Sign, "", "");

    public int Position { get; set; }

    public bool AtEnd => Position >= words.Count;

    public PhraseWord Next => Peek(0);

    public PhraseWord Peek(int ahead) => Position + ahead < words.Count ? words[Position + ahead] : s_nothing;

    public bool Is(string word) => Next.Text == word;

    /// <summary>Takes these words, all or none.</summary>
    public bool Take(params ReadOnlySpan<string> expected)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (Peek(i).Text != expected[i])
                return false;
        }
        Position += expected.Length;
        return true;
    }

    /// <summary>Takes one of these words.</summary>
    public bool TakeOne(params ReadOnlySpan<string> any)
    {
        if (AtEnd || !any.Contains(Next.Text))
            return false;
        Position++;
        return true;
    }

    public PhraseWord TakeNext() => words[Position++];

    public void Expect(string word)
    {
        if (!Take(word))
            throw Lost();
    }

    /// <summary>The next word is not understood.</summary>
    public PhraseException Lost() => AtEnd ? new("ends too early") : new($"is not understood at '{Next.Written}'");
}
