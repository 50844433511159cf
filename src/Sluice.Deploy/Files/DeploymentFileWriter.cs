using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sluice.Deploy.Files.Yaml;

namespace Sluice.Deploy.Files;

/// <summary>
/// Writes a file in the layout of Prefect 2: a header, what may be edited, the banner, the rest. A file that is there is edited: above the banner only values
/// change, and only those that nobody but a build has written.
/// </summary>
internal static class DeploymentFileWriter
{
    private const string QueueComment = "# The work queue that will handle this deployment's runs\n";

    /// <summary>The text of a file.</summary>
    /// <param name="contents">What it is to say.</param>
    /// <param name="comments">The lines that stand before the rest below the banner.</param>
    /// <param name="old">The text that is there; null for none.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="now">The time of the build.</param>
    /// <returns>The text, and the keys that people edited and that the code says otherwise.</returns>
    /// <exception cref="FileFaultException">The file that is there cannot be read.</exception>
    public static (string Text, IReadOnlyList<string> Kept) Write(FileContents contents, IReadOnlyList<string> comments, string? old, string name, DateTimeOffset now)
    {
        string below = Below(contents, comments, old, now);
        if (old is null)
        {
            var values = (JsonObject)contents.Editable.DeepClone();
            Lay(values, contents.Forced);
            return (Assemble(Head(values), contents, below), []);
        }
        (string head, IReadOnlyList<string> kept) = Edit(old, contents, name);
        return (Assemble(head, contents, old.Contains("\r\n", StringComparison.Ordinal) ? below.ReplaceLineEndings("\r\n") : below), kept);
    }

    private static string Below(FileContents contents, IReadOnlyList<string> comments, string? old, DateTimeOffset now)
    {
        string Text(string timestamp)
        {
            var text = new StringBuilder();
            foreach (string comment in comments.Append(FileComments.DeclaredLine(contents.Editable)))
                text.Append(comment).Append('\n');
            foreach ((string key, JsonNode? value) in contents.Below)
                text.Append(YamlWriter.Entry(key, value));
            return FileSeal.WithLines(text.Append(YamlWriter.Entry("timestamp", timestamp)).Append("triggers: []\n").ToString());
        }

        string built = Text(now.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture));
        // A build that changes nothing leaves the time of the one before.
        if (old is not null && BelowOf(old)?["timestamp"] is YamlScalar stamp && Text(stamp.Text) is { } same && same.TrimEnd() == old[FileSeal.BelowStart(old)..].ReplaceLineEndings("\n").TrimEnd())
            return same;
        return built;
    }

    /// <summary>What stands below the banner. Null where nothing does, or nothing that can be read: a build writes it anew.</summary>
    public static YamlMapping? BelowOf(string text)
    {
        try
        {
            return FileSeal.BelowStart(text) is >= 0 and var start ? YamlReader.Read(text[start..]) as YamlMapping : null;
        }
        catch (FileFaultException)
        {
            return null;
        }
    }

    private static string Head(JsonObject values)
    {
        var head = new StringBuilder();
        foreach ((string key, JsonNode? value) in values)
        {
            if (key == "work_queue_name")
                head.Append(QueueComment);
            head.Append(YamlWriter.Entry(key, value));
        }
        return head.ToString();
    }

    private static string Assemble(string head, FileContents contents, string below)
    {
        string digest = FileSeal.DigestLine(below);
        string newLine = below.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        int at = head.StartsWith(FileSeal.Digest, StringComparison.Ordinal) ? 0 : head.IndexOf("\n" + FileSeal.Digest, StringComparison.Ordinal);
        if (at >= 0)
        {
            int start = head.IndexOf('#', at), end = head.IndexOf('\n', start);
            head = head[..start] + digest + head[(end > start && head[end - 1] == '\r' ? end - 1 : end)..];
        }
        else if (head.StartsWith('#'))
        {
            // A file of Prefect's, or one whose digest somebody took out: behind the header.
            int end = 0;
            while (end < head.Length && head[end] == '#')
                end = head.IndexOf('\n', end) is >= 0 and var line ? line + 1 : head.Length;
            head = head[..end] + digest + newLine + head[end..];
        }
        else
        {
            head = $"###{newLine}### A complete description of a Prefect Deployment for flow '{OneLine(contents.Below["flow_name"]!.GetValue<string>())}'{newLine}###{newLine}{digest}{newLine}{head}";
        }
        if (!head.Contains(FileSeal.Banner, StringComparison.Ordinal))
            head += $"{newLine}###{newLine}{FileSeal.Banner}{newLine}###{newLine}";
        return head + below;
    }

    private static (string Head, IReadOnlyList<string> Kept) Edit(string old, FileContents contents, string name)
    {
        int start = FileSeal.BelowStart(old);
        if (start < 0)
            throw new FileFaultException(new(1, 1, DeployCodes.FileUnreadable, $"The file is there and has no line {FileSeal.Banner}, so nothing tells what of it people wrote: move {name} away, or write another file with --output."));
        string head = old[..start];
        if (YamlReader.Read(head) is not YamlMapping { IsFlow: false } root)
        {
            var fresh = (JsonObject)contents.Editable.DeepClone();
            Lay(fresh, contents.Forced);
            return (Head(fresh), []);
        }
        JsonObject said = (JsonObject)root.ToJson();
        JsonObject? before = FileComments.Declared(old);
        var kept = new List<string>();
        JsonObject wanted = FileMerge.Of(said, before, contents.Editable, kept);
        Lay(wanted, contents.Forced);
        kept.RemoveAll(key => contents.Forced.ContainsKey(key.Split('.')[0]));
        return (Change(head, root, said, wanted), kept);
    }

    private static string Change(string head, YamlMapping root, JsonObject said, JsonObject wanted)
    {
        var edits = new YamlEdits(head, root);
        foreach (string key in said.Select(pair => pair.Key).Where(key => !wanted.ContainsKey(key)))
            edits.Remove(key);
        var order = DeploymentFileReader.Editable.ToList();
        foreach ((string key, JsonNode? value) in wanted.OrderBy(pair => order.IndexOf(pair.Key)))
            edits.Set(key, value, [.. order.TakeWhile(one => one != key)]);
        string changed = edits.Apply();
        // What is written in a way that cannot be changed in place is written anew, rather than wrong.
        return IsSame(changed, wanted) ? changed : Head((JsonObject)wanted.DeepClone());
    }

    private static bool IsSame(string text, JsonObject wanted)
    {
        try
        {
            return JsonNode.DeepEquals(YamlReader.Read(text)?.ToJson(), wanted);
        }
        catch (FileFaultException)
        {
            return false;
        }
    }

    /// <summary>Lays options over values: members of objects one by one. A schedule takes the place of several.</summary>
    private static void Lay(JsonObject values, JsonObject forced)
    {
        if (forced.ContainsKey("schedule"))
            values.Remove("schedules");
        foreach ((string key, JsonNode? value) in forced)
        {
            if (value is JsonObject members && values[key] is JsonObject there && key != "schedule")
                Lay(there, members);
            else
                values[key] = value?.DeepClone();
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
