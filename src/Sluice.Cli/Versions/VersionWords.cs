using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Cli.Output;
using Sluice.Deploy.Provenance;
using Sluice.Deploy.Versions;
using Sluice.Storage.Git;
using Sluice.Storage.Packages;

namespace Sluice.Cli.Versions;

/// <summary>Versions of deployments in words, and as JSON.</summary>
internal static class VersionWords
{
    /// <summary>A commit's first digits; with a star where files differed from it.</summary>
    public static string Commit(BuildFacts? build) => build?.Commit is { } commit ? (commit.Length > 12 ? commit[..12] : commit) + (build.Dirty == true ? "*" : "") : "";

    /// <summary>An author without the address.</summary>
    public static string Author(BuildFacts? build) => build?.Author is { } author ? author.IndexOf(" <", StringComparison.Ordinal) is > 0 and var at ? author[..at] : author : "";

    /// <summary>What runs: the first digits of the package's digest, the commit of source, the image.</summary>
    public static string Program(AppliedVersion? version) =>
        version is null ? ""
        : version.Package is { } text ? PackageReference.TryParse(text)?.Digest[..12] ?? (SourceReference.TryParse(text) is { } source ? $"source {source.Commit[..12]}" : text)
        : version.Declared.JobVariables?.TryGetValue("image", out var image) == true ? image.ToString() : "installed";

    /// <summary>What is to be said of it besides.</summary>
    public static string Notes(VersionEntry entry, bool isCurrent)
    {
        List<string> notes = [];
        if (isCurrent)
            notes.Add("current");
        if (entry.Version?.RolledBackTo is { } to)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"rolled back to {to}"));
        if (entry.Version?.PreviousName is { } name)
            notes.Add($"was {name}");
        if (entry.Unreadable is { } reason)
            notes.Add($"unreadable: {reason}");
        if (entry.IsFound)
            notes.Add("found beside a lost record");
        return string.Join(", ", notes);
    }

    /// <summary>In one line, for people who look at a deployment.</summary>
    public static string Line(VersionEntry entry, DateTimeOffset now)
    {
        string number = string.Create(CultureInfo.InvariantCulture, $"{entry.Pointer.Number}");
        if (entry.Unreadable is { } reason)
            return $"{number} ({reason})";
        IEnumerable<string> parts = [$"applied {Words.Relative(entry.Record!.Created, now)}", Commit(entry.Build) is { Length: > 0 } commit ? $"commit {commit}{(entry.Build!.Branch is { } branch ? $" of {branch}" : "")}" : "",
            Author(entry.Build), entry.Version!.RolledBackTo is { } to ? string.Create(CultureInfo.InvariantCulture, $"rolled back to {to}") : ""];
        return $"{number}, {string.Join(", ", parts.Where(part => part.Length > 0))}";
    }

    public static JsonObject ToJson(VersionEntry entry, bool isCurrent) => new()
    {
        ["number"] = entry.Pointer.Number,
        ["current"] = isCurrent,
        ["created"] = entry.Record is { } record ? Words.Utc(record.Created) : null,
        ["full_name"] = entry.Version is { } named ? $"{named.Flow}/{named.Name}" : null,
        ["version"] = entry.Version?.Declared.Version,
        ["app"] = entry.Record?.App,
        ["environment"] = entry.Record?.Environment,
        ["commit"] = entry.Build?.Commit,
        ["branch"] = entry.Build?.Branch,
        ["author"] = entry.Build?.Author,
        ["dirty"] = entry.Build?.Dirty,
        ["repository"] = entry.Build?.Repository,
        ["sdk"] = entry.Build?.Sdk,
        ["builder"] = entry.Build?.Builder,
        ["build_url"] = entry.Build?.BuildUrl,
        ["package"] = entry.Version?.Package,
        ["package_digest"] = entry.Version?.Package is { } text ? PackageReference.TryParse(text)?.Digest : null,
        ["rolled_back_to"] = entry.Version?.RolledBackTo,
        ["record"] = entry.Pointer.Location.AbsoluteUri,
        ["record_digest"] = entry.Pointer.Digest,
        ["unreadable"] = entry.Unreadable,
        ["found"] = entry.IsFound,
    };
}
