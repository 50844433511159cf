using System.Globalization;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Names that mend others.</summary>
internal static class AllowedNames
{
    /// <summary>The name without what Prefect refuses in names; <c>-</c> stands in its place.</summary>
    public static string Mend(string name) => string.Concat(name.Select(c => Names.Banned.IndexOf(c) < 0 ? c : '-'));

    /// <summary>The name with the first number from 2 that makes it new; it is taken then.</summary>
    public static string Free(string name, string between, HashSet<string> taken)
    {
        for (int number = 2; ; number++)
        {
            string next = name + between + number.ToString(CultureInfo.InvariantCulture);
            if (taken.Add(next))
                return next;
        }
    }
}
