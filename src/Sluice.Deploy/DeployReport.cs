using System.Globalization;
using System.Text.Json;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Schedules;
using Sluice.Storage.Docker;
using Sluice.Storage.Labels;

namespace Sluice.Deploy;

/// <summary>Tells people in a few lines what a deploy did.</summary>
internal sealed class DeployReport(DeployEnvironment environment, DeployRequest request, ConflictWords words, ApiInfo? server)
{
    private const int DueTimes = 3;

    private readonly TextWriter _output = environment.Output;

    public void Write(DeployOutcome outcome, IReadOnlyList<PlannedDeployment> planned, PackageAssembly? files, IReadOnlyList<string> newPools, bool isLocal, IReadOnlyList<(PublishedImage Image, string Where, bool IsLocal)> images)
    {
        foreach ((DeployedDeployment deployment, PlannedDeployment plan) in outcome.Deployments.Zip(planned))
            Write(deployment, plan);
        WriteOrphans([.. outcome.Deployments.Skip(planned.Count)]);
        if (request.SkipUpload)
            WriteLine("Nothing was uploaded (SluiceSkipUpload): the deployments keep their packages.");
        else if (planned.All(p => p.Image is not null) && request.PlanOnly)
            WriteLine(images.Count > 0 ? $"Image {images[0].Image.Reference}: would be kept" : "Image: would be made anew");
        else if (files is not null && planned.Any(p => p.Image is null) && outcome.PackageSha256 is { } digest)
            WriteLine($"Package {digest[..12]}: {Count(files.Sources.Count, "file")}{(files.Script is null ? "" : " of source, which workers build")}, {Travelled(outcome)}{(outcome.PackageUri is { } uri ? $", in {uri}" : "")}");
        if (outcome.SignedBy is { } signer)
            WriteLine(request.PlanOnly ? $"Would be signed with the key {signer[..16]}" : $"Signed with the key {signer[..16]}");
        foreach ((PublishedImage image, string where, bool stays) in request.PlanOnly ? [] : images)
        {
            WriteLine(image.IsNew ? $"Image {image.Name}{(image.Reference != image.Name ? $" ({image.Reference[(image.Reference.IndexOf('@', StringComparison.Ordinal) + 1)..]})" : "")}: {(stays ? $"loaded into {where}; it stays on this machine, since the storage names no registry" : "pushed")}"
                : $"Image {image.Reference}: kept, nothing in it changed{(stays ? $" (in {where} alone)" : "")}");
        }
        foreach (DeployedSource source in outcome.Sources)
            WriteLine($"Source {source.Uri}: commit {source.Commit[..12]}{(source.Branch is { } branch ? $" of {branch}" : "")}, which workers build; nothing is uploaded");
        if (files is not null && !request.SkipUpload && outcome.PackageSha256 is null && outcome.Sources.Count == 0 && planned.All(p => p.Image is null))
            WriteLine("Nothing is stored (SluiceStorage=installed): workers start the job variable command.");
        // The workers of this machine's own API are here anyway.
        if (!isLocal && planned.Select(p => Label(p, StorageLabels.Host)).FirstOrDefault(label => label is not null) is { } host)
            WriteLine($"The package lies on the disk of this machine: only workers on '{host}' take its runs. For a folder that others mount, publish with -p:SluiceAddDefaultLabels=false.");
        foreach (string system in planned.Select(p => Label(p, StorageLabels.System)).OfType<string>().Distinct())
            WriteLine($"Its label is {system}.");
        if (files?.LeftOut.Count > 0 && outcome.PackageSha256 is not null)
            WriteLine($"Left out by {string.Join(" and ", files.IgnoredBy.Select(Path.GetFileName).Distinct())}: {Some(files.LeftOut)}");
        if (newPools.Count > 0)
            WriteLine($"{(request.PlanOnly ? "Would create" : "Created")} the work pool{(newPools.Count == 1 ? "" : "s")} {string.Join(", ", newPools)}");
        WriteLine(outcome.AppliedTo is null ? "Not applied (SluiceSkipApply)."
            : request.PlanOnly ? $"Plan for {outcome.AppliedTo}: {Counts(outcome)}. Nothing was stored or applied."
            : $"Applied to {outcome.AppliedTo}: {Counts(outcome)}.");
    }

    private static string? Label(PlannedDeployment planned, string name) =>
        planned.Desired!.Labels!.TryGetValue(name, out JsonElement label) ? label.GetString() : null;

    private void Write(DeployedDeployment deployment, PlannedDeployment plan)
    {
        string[] said = [.. deployment.MovedFrom is { } before ? [$"from {before}"] : Array.Empty<string>(), .. deployment.Outcome is "updated" or "moved" ? deployment.Changes : []];
        string changes = said.Length > 0 ? $" ({string.Join(", ", said)})" : "";
        string paused = (plan.Desired!.Paused ?? plan.Live?.Paused) == true ? ", paused" : "";
        WriteLine($"{PlanLines.Symbol(deployment.Outcome)} {deployment.FullName}: {(request.PlanOnly && deployment.Outcome != "unchanged" ? "would be " : "")}{deployment.Outcome}{changes}{paused}");
        if (deployment.MovedFrom is not null && server is { IsSluice: false })
            WriteLine("    A Prefect server moves nothing: it is created anew, the old one is deleted, and past runs stay without a deployment.");
        foreach (string line in PlanLines.Fields(plan, words, request.PlanOnly))
            WriteLine(line);
        // As they will be: the code's, with what people changed and keep.
        IReadOnlyList<DeploymentScheduleCreate> schedules = plan.Desired.Schedules ?? [];
        foreach (DeploymentScheduleCreate schedule in schedules)
        {
            if (!ScheduleTexts.TryParse(new() { Slug = "", Schedule = ScheduleTexts.Of(schedule.Schedule), Dst = schedule.Dst }, out Occurrences? occurrences, out _))
                continue;
            bool active = schedule.Active ?? plan.Live?.Schedules.FirstOrDefault(s => s.Slug == schedule.Slug)?.Active ?? true;
            string slug = schedules.Count > 1 ? $"{schedule.Slug}: " : "";
            WriteLine($"  {slug}{occurrences!.Explain()}{ScheduleOptionWords.Of(schedule.Misfire, schedule.MaxMisfires, schedule.Dst)}{(active ? "" : ", not active")}");
            if (occurrences.HasZoneData)
                WriteDue(occurrences.Take(environment.Time.GetUtcNow().UtcDateTime, DueTimes));
        }
        if (!request.PlanOnly && deployment.Outcome != "stored")
        {
            string run = $"{request.Command ?? environment.Command} deployment run \"{deployment.FullName}\"{MissingParameters(plan)}";
            WriteLine(plan.Image is null ? $"  run it: {run} --watch" : $"  run it, where a worker of containers serves its queue: {run}");
        }
    }

    private void WriteOrphans(IReadOnlyList<DeployedDeployment> orphans)
    {
        foreach (DeployedDeployment orphan in orphans)
            WriteLine($"{PlanLines.Symbol(orphan.Outcome)} {orphan.FullName}: {(request.PlanOnly && orphan.Outcome != "orphaned" ? "would be " : "")}{orphan.Outcome} ({string.Join(", ", orphan.Changes)})");
        if (orphans.Count(o => o.Outcome == "orphaned") is > 0 and var left)
            WriteLine($"  {(left == 1 ? "it stays as it is" : "they stay as they are")}{(string.IsNullOrWhiteSpace(request.Prune) ? "; publish with -p:SluicePrune=pause or delete, or see: sluice deployment prune --help" : "")}");
    }

    private void WriteDue(IReadOnlyList<DateTime> due)
    {
        TimeZoneInfo local = environment.Time.LocalTimeZone;
        if (due.Count == 0)
            WriteLine("    never again");
        else
            WriteLine($"    next: {string.Join(", ", due.Select(time => LocalAndUtc(new(time, TimeSpan.Zero), local)))}");
    }

    /// <summary>This machine's wall clock with its offset, and UTC; once where they are the same.</summary>
    private static string LocalAndUtc(DateTimeOffset time, TimeZoneInfo local)
    {
        string utc = time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        DateTimeOffset here = TimeZoneInfo.ConvertTime(time, local);
        return here.Offset == TimeSpan.Zero ? utc : $"{here.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)} ({utc})";
    }

    /// <summary>Options for the parameters that a run needs and the deployment does not give.</summary>
    private static string MissingParameters(PlannedDeployment plan)
    {
        JsonElement schema = plan.Flow.ParameterOpenapiSchema;
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("required", out JsonElement required) || required.ValueKind != JsonValueKind.Array)
            return "";
        return string.Concat(required.EnumerateArray().Select(name => name.ToString())
            .Where(name => plan.Declared.Parameters?.ContainsKey(name) != true)
            .Select(name => $" --param {name}=…"));
    }

    private string Travelled(DeployOutcome outcome) => request.PlanOnly
        ? "not uploaded"
        : $"{outcome.UploadedFiles.ToString(CultureInfo.InvariantCulture)} uploaded ({Size(outcome.UploadedBytes)}), {outcome.ReusedFiles.ToString(CultureInfo.InvariantCulture)} reused ({Size(outcome.ReusedBytes)})";

    private static string Counts(DeployOutcome outcome) => string.Join(", ", outcome.Deployments
        .GroupBy(d => d.Outcome).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count().ToString(CultureInfo.InvariantCulture)} {g.Key}")
        .Concat(Fields(outcome, FieldClass.Drift, "changed on the server and kept")).Concat(Fields(outcome, FieldClass.Conflict, "in conflict")));

    private static IEnumerable<string> Fields(DeployOutcome outcome, FieldClass kind, string words) =>
        outcome.Deployments.Sum(d => d.Fields.Count(f => f.Class == kind && f.Decision != FieldDecision.Code)) is > 0 and var count ? [$"{Count(count, "field")} {words}"] : [];

    private static string Some(IReadOnlyList<string> paths) =>
        string.Join(", ", paths.Take(5)) + (paths.Count > 5 ? $" and {(paths.Count - 5).ToString(CultureInfo.InvariantCulture)} more" : "");

    private static string Count(int count, string what) => $"{count.ToString(CultureInfo.InvariantCulture)} {what}{(count == 1 ? "" : "s")}";

    private static string Size(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
    };

    private void WriteLine(string line) => _output.WriteLine(PlainLine.Of(line));
}
