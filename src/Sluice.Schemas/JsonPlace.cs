using System.Globalization;

namespace Sluice.Schemas;

/// <summary>JSON paths.</summary>
internal static class JsonPlace
{
    /// <summary><c>$.days</c>, or <c>$['unit price']</c>.</summary>
    public static string Member(string place, string name)
    {
        bool plain = name.Length > 0 && !char.IsDigit(name[0]) && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '$');
        return plain ? $"{place}.{name}" : $"{place}['{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}']";
    }

    /// <summary><c>$.days[2]</c>.</summary>
    public static string Item(string place, int index) => string.Create(CultureInfo.InvariantCulture, $"{place}[{index}]");
}
