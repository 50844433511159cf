using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Deploy.Files.Yaml;

/// <summary>Finds the place that a JSON path, as <c>$.orders[2]['unit price']</c>, names.</summary>
internal static partial class YamlPath
{
    /// <summary>The node, or the last one on the way to it that is there.</summary>
    public static YamlNode Find(YamlNode root, string path)
    {
        YamlNode node = root;
        foreach (Match step in Steps().Matches(path))
        {
            YamlNode? next = node switch
            {
                YamlMapping map => map[step.Groups["name"].Success ? step.Groups["name"].Value : step.Groups["quoted"].Value],
                YamlSequence list when int.TryParse(step.Groups["index"].Value, CultureInfo.InvariantCulture, out int index) && index < list.Items.Count => list.Items[index],
                _ => null,
            };
            if (next is null)
                return node;
            node = next;
        }
        return node;
    }

    [GeneratedRegex(@"\.(?<name>[^.\[\]]+)|\[(?<index>[0-9]+)\]|\['(?<quoted>[^']*)'\]")]
    private static partial Regex Steps();
}
