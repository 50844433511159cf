using System.Globalization;
using System.Text;

namespace Sluice.Generators.Parsing;

/// <summary>Names made from names; the same under every culture.</summary>
internal static class Names
{
    /// <summary>What Prefect refuses in the names of flows and deployments.</summary>
    public const string Banned = "/%&><";

    /// <summary>A flow's default name: the method's, <c>Async</c> dropped, words split, in sentence case. <c>BuildReportAsync</c> is <c>Build report</c>.</summary>
    public static string Flow(string method)
    {
        if (method.Length > 5 && method.EndsWith("Async", StringComparison.Ordinal))
            method = method.Substring(0, method.Length - 5);
        var words = Words(method).Select((word, i) => i == 0 || IsAcronym(word) ? word : Lower(word)).ToArray();
        if (words.Length == 0)
            return method;
        words[0] = Upper(words[0]);
        return string.Join(" ", words);
    }

    /// <summary>A member's title in a schema, as Prefect's: <c>stationName</c> is <c>Station Name</c>.</summary>
    public static string Title(string name) => string.Join(" ", Words(name).Select(Upper));

    /// <summary><c>JsonNamingPolicy.CamelCase</c>: leading capitals become small, the last one stays when a small letter follows.</summary>
    public static string Camel(string name)
    {
        var letters = name.ToCharArray();
        for (int i = 0; i < letters.Length && char.IsUpper(letters[i]); i++)
        {
            if (i > 0 && i + 1 < letters.Length && !char.IsUpper(letters[i + 1]))
                break;
            letters[i] = char.ToLowerInvariant(letters[i]);
        }
        return new string(letters);
    }

    /// <summary>An identifier for a flow or deployment: <c>east-coast</c> is <c>EastCoast</c>.</summary>
    public static string Identifier(string name)
    {
        var identifier = new StringBuilder();
        bool starts = true;
        foreach (char c in name)
        {
            if (!char.IsLetterOrDigit(c))
            {
                starts = true;
                continue;
            }
            identifier.Append(starts ? char.ToUpperInvariant(c) : c);
            starts = false;
        }
        if (identifier.Length == 0 || !char.IsLetter(identifier[0]))
            identifier.Insert(0, '_');
        return identifier.ToString();
    }

    /// <summary>A name with dots and the like as an identifier that no other name gives.</summary>
    public static string Flat(string qualified)
    {
        var flat = new StringBuilder(qualified);
        flat.Replace('.', '_');
        return qualified.Contains("_") ? $"{flat}_{Hash(qualified)}" : flat.ToString();
    }

    /// <summary>FNV-1a of a text, in hexadecimal.</summary>
    public static string Hash(string text)
    {
        uint hash = 2166136261;
        foreach (char c in text)
            hash = unchecked((hash ^ c) * 16777619);
        return hash.ToString("x8", CultureInfo.InvariantCulture);
    }

    /// <summary>An identifier as source writes it: keywords get an @.</summary>
    public static string Escape(string identifier) => Keywords.Contains(identifier) ? "@" + identifier : identifier;

    private static IEnumerable<string> Words(string name)
    {
        int start = 0;
        for (int i = 0; i <= name.Length; i++)
        {
            bool ends = i == name.Length || name[i] == '_'
                || (i > start && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))));
            if (!ends)
                continue;
            if (i > start)
                yield return name.Substring(start, i - start);
            start = i < name.Length && name[i] == '_' ? i + 1 : i;
        }
    }

    private static bool IsAcronym(string word) => word.Length > 1 && !word.Any(char.IsLower);

    private static string Upper(string word) => char.ToUpperInvariant(word[0]) + word.Substring(1);

    private static string Lower(string word) => char.ToLowerInvariant(word[0]) + word.Substring(1);
}
