using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Deploy.Journal;
using Sluice.Deploy.Ownership;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Storage;
using Sluice.Storage.Housekeeping;
using Sluice.Worker.Programs;

namespace Sluice.Cli.Commands;

/// <summary><c>storage …</c>: what lies in a package store.</summary>
internal static class StorageCommands
{
    public static IEnumerable<Command> Create(CliContext context) => [List(context), Verify(context), Clean(context)];

    /// <summary>Of so many newest versions of a deployment the packages are kept, unless it is said otherwise.</summary>
    private const int KeptVersions = 10;

    private static Option<string?> Storage() => new("--storage") { Description = "The store, as for publishing: a URI, a folder, or a named block. Default: $SLUICE_HOME/storage.", HelpName = "URI" };

    private static Verb List(CliContext context)
    {
        Option<string?> storage = Storage();
        return new Verb(context, "ls", "Lists the packages in a store, and which deployments use them.") { Examples = ["sluice storage ls", "sluice storage ls --storage s3://my-bucket/flows --output json"] }
            .With(storage).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                await using IPackageStore store = Open(call, connection, storage);
                (int Done, int Total) read = default;
                IReadOnlyList<StoredPackage> packages = [];
                // A home into which nothing was published yet is no error.
                if (call.Get(storage) is not null || Directory.Exists(call.Home.Storage))
                {
                    await using (StatusLine.Start(call.Screen, () => $"Reading manifests: {Of(read)}", call.Time))
                        packages = await new StoreHousekeeping(store, call.Time).ListAsync(new Watch(now => read = now), cancellationToken);
                }
                PackageUses uses = await PackageUses.ReadAsync(connection.Api, call.Now, KeptVersions, NamedStore(call, storage), cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. packages.Select(package => (JsonNode)ToJson(package, uses))]));
                    return ExitCodes.Ok;
                }
                if (packages.Count == 0)
                {
                    call.Screen.Note($"No packages in {store.Location}.");
                    return ExitCodes.Ok;
                }
                var table = new TableView(
                    new Column("Package"), new Column("Digest"), new Column("Version", Rank: 2, Shorten: true), new Column("Files", Rank: 3, Right: true), new Column("Size", Right: true),
                    new Column("Created", Rank: 1), new Column("Used by", Shorten: true));
                foreach (StoredPackage package in packages)
                {
                    table.Add(
                        package.Folder, package.Digest[..12], package.Version, package.Files.ToString(CultureInfo.InvariantCulture), Words.Size(package.Bytes),
                        Words.Relative(package.Created, call.Now), string.Join(", ", uses.Of(package.Digest)));
                }
                table.Write(call.Screen);
                return ExitCodes.Ok;
            });
    }

    private static Verb Verify(CliContext context)
    {
        Option<string?> storage = Storage();
        var quick = new Option<bool>("--quick") { Description = "Check presence and sizes only, without reading contents." };
        return new Verb(context, "verify", "Checks every package in a store: manifests, and every byte of their contents. Exits with 1 where something is damaged.")
        {
            Examples = ["sluice storage verify", "sluice storage verify --storage s3://my-bucket/flows --quick"],
        }.With(storage, quick).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
        {
            await using IPackageStore store = Open(call, connection, storage);
            (int Done, int Total) read = default;
            VerifyReport report;
            await using (StatusLine.Start(call.Screen, () => $"Checking contents: {Of(read)}", call.Time))
                report = await new StoreHousekeeping(store, call.Time).VerifyAsync(call.Get(quick), new Watch(now => read = now), cancellationToken);
            if (call.Json)
            {
                Json.Write(call.Screen.Out, new JsonObject
                {
                    ["packages"] = report.Packages,
                    ["blobs"] = report.Blobs,
                    ["bytes"] = report.Bytes,
                    ["orphans"] = report.Orphans,
                    ["records"] = report.Records,
                    ["damages"] = new JsonArray([.. report.Damages.Select(damage => (JsonNode)new JsonObject
                    {
                        ["kind"] = damage.Kind, ["key"] = damage.Key, ["packages"] = new JsonArray([.. damage.Packages.Select(name => (JsonNode)name)]), ["message"] = damage.Message,
                    })]),
                });
            }
            else
            {
                foreach (StoreDamage damage in report.Damages)
                    call.Screen.Line(Failures.OneLine(damage.Message));
                call.Screen.Line($"{Words.Count(report.Packages, "package")}, {Words.Count(report.Blobs, "blob")} ({Words.Size(report.Bytes)}): {(report.Damages.Count == 0 ? call.Get(quick) ? "all there" : "all whole" : $"{report.Damages.Count} damaged or missing")}."
                    + (report.Orphans == 0 ? "" : $" {Words.Count(report.Orphans, "blob")} in no package: 'sluice storage gc' removes {(report.Orphans == 1 ? "it" : "them")}."));
            }
            return report.Damages.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
    }

    private static Verb Clean(CliContext context)
    {
        Option<string?> storage = Storage();
        var grace = new Option<string>("--grace") { Description = "How long a package must have been in no use: as 7d, 12h, 90, 00:15:00 or PT15M.", HelpName = "DURATION", DefaultValueFactory = _ => "7d" };
        var apply = new Option<bool>("--apply") { Description = "Remove it. Without, it is only said what would go." };
        var also = new Option<string[]>("--also") { Description = "Another server whose deployments use this store; may be repeated.", HelpName = "URL" };
        var cache = new Option<bool>("--cache") { Description = "Clean this machine's cache of pulled packages and built sources, by when a run last took them, instead of a store." };
        var results = new Option<bool>("--results") { Description = "Remove results of runs that no longer exist, too." };
        var keepVersions = new Option<int>("--keep-versions") { Description = "Keep the packages of so many newest versions of each deployment, to roll back to.", HelpName = "N", DefaultValueFactory = _ => KeptVersions };
        return new Verb(context, "gc", "Removes packages that no deployment uses, and contents that no package holds.")
        {
            Examples = ["sluice storage gc", "sluice storage gc --apply", "sluice storage gc --cache --grace 30d --apply", "sluice storage gc --storage s3://my-bucket/flows --grace 30d --also http://other.example:4200/api --apply"],
        }.With(storage, grace, apply, also, results, keepVersions, cache).Reads().Checks(call =>
        {
            if (call.Get(cache) && new Option[] { storage, also, results, keepVersions }.FirstOrDefault(call.IsGiven) is { } other)
                throw CliException.BadUsage($"--cache is about this machine's cache: leave out {other.Name}");
            if (call.Get(keepVersions) < 1)
                throw CliException.BadUsage("--keep-versions is at least 1: the present version is always kept");
            OtherServer.Check(call.Get(also) ?? []);
        }).Does(async (call, cancellationToken) =>
        {
            TimeSpan wait = Duration(call.Get(grace));
            if (call.Get(cache))
                return CleanCache(call, wait, call.Get(apply), cancellationToken);
            await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
            await using IPackageStore store = Open(call, connection, storage);
            (int Done, int Total) read = default;
            string[] others = call.Get(also) ?? [];
            CleaningReport report;
            var uses = new PackageUses();
            await using (StatusLine.Start(call.Screen, () => $"Cleaning: {Of(read)}", call.Time))
            {
                report = await new StoreHousekeeping(store, call.Time).CleanAsync(
                    new()
                    {
                        Grace = wait,
                        Apply = call.Get(apply),
                        UsedAsync = async token =>
                        {
                            if (call.Get(apply))
                                await RefuseJournalsAsync(store, token);
                            await AskAsync(connection, others, async api => uses.Add(await PackageUses.ReadAsync(api, call.Now - wait, call.Get(keepVersions), NamedStore(call, storage), token)));
                            return uses.Digests;
                        },
                        RecordsAsync = _ => Task.FromResult(uses.Records),
                        RunsAsync = call.Get(results) ? (ids, token) => ExistingAsync(connection, others, ids, token) : null,
                    },
                    new Watch(now => read = now), cancellationToken);
            }
            foreach (string note in uses.Notes)
                call.Screen.Note(note);
            if (call.Json)
                Json.Write(call.Screen.Out, ToJson(report, call.Get(apply)));
            else
                Write(call, connection, store, report, call.Get(apply), wait);
            return ExitCodes.Ok;
        });
    }

    private static int CleanCache(Invocation call, TimeSpan unused, bool apply, CancellationToken cancellationToken)
    {
        IReadOnlyList<CachedProgram> old = CacheCleaning.Clean(call.Home, unused, call.Now, apply, cancellationToken);
        if (call.Json)
        {
            Json.Write(call.Screen.Out, new JsonObject
            {
                ["applied"] = apply,
                ["bytes"] = old.Sum(program => program.Bytes),
                ["programs"] = new JsonArray([.. old.Select(program => (JsonNode)new JsonObject { ["folder"] = program.Folder, ["bytes"] = program.Bytes, ["last_used"] = Words.Utc(program.LastUsed) })]),
            });
            return ExitCodes.Ok;
        }
        foreach (CachedProgram program in old)
            call.Screen.Line($"{(apply ? "removed" : "would remove")} {program.Folder} ({Words.Size(program.Bytes)}, used {Words.Relative(program.LastUsed, call.Now)})");
        call.Screen.Line($"{(apply ? "Removed" : "Would remove")} {Words.Count(old.Count, "program")} ({Words.Size(old.Sum(program => program.Bytes))}) from {call.Home.Cache}.");
        if (!apply)
            call.Screen.Note("Nothing was removed: write --apply.");
        return ExitCodes.Ok;
    }

    private static void Write(Invocation call, ApiConnection connection, IPackageStore store, CleaningReport report, bool applied, TimeSpan grace)
    {
        foreach (StoredPackage package in report.Packages)
            call.Screen.Line($"{(applied ? "removed" : "would remove")} {package.Folder} ({package.Digest[..12]}, {Words.Size(package.Bytes)})");
        string sum = $"{Words.Count(report.Packages.Count, "package")} and {Words.Count(report.Blobs, "blob")} ({Words.Size(report.Bytes)}){(report.Results.Count == 0 ? "" : $" and {Words.Count(report.Results.Count, "result")}")}{(report.Records.Count == 0 ? "" : $" and {Words.Count(report.Records.Count, "record")}")}";
        call.Screen.Line($"{(applied ? "Removed" : "Would remove")} {sum} of {store.Location}; {Words.Count(report.Used, "package")} in use.");
        if (report.Waiting.Count > 0)
        {
            DateTimeOffset first = report.Waiting.Min(waiting => Later(waiting.Since, waiting.Package.Created) + (grace > StoreHousekeeping.Youth ? grace : StoreHousekeeping.Youth));
            call.Screen.Line($"{Words.Count(report.Waiting.Count, "package")} in no use {(report.Waiting.Count == 1 ? "stays" : "stay")} until it has been so for {Words.Duration(grace > StoreHousekeeping.Youth ? grace : StoreHousekeeping.Youth)}, the first {Words.Relative(first, call.Now)}"
                + (applied ? ": run it again then." : ", counted from the first run with --apply."));
        }
        if (!applied)
            call.Screen.Note($"Nothing was removed: write --apply. In use is what the deployments of {connection.Where} and their newest versions name; other servers on this store are named with --also.");
    }

    /// <summary>What an interrupted publish would restore or complete is named by its journal alone.</summary>
    private static async Task RefuseJournalsAsync(IPackageStore store, CancellationToken cancellationToken)
    {
        await foreach (string key in store.ListAsync(DeployRecovery.Journals, cancellationToken))
        {
            if (!DeployRecovery.IsJournal(key))
                continue;
            throw new CliException($"A publish to a Prefect server is under way or was interrupted ({key} in {store.Location}), and needs packages that no deployment names now. Wait for it, or run 'sluice deploy recover', and clean again.");
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static IPackageStore Open(Invocation call, ApiConnection connection, Option<string?> storage) => call.Get(storage) is { Length: > 0 } named
        ? PackageStores.Open(named, ServerSources.Of(connection.Api))
        : PackageStores.Open(StoreUri.OfFolder(call.Home.Storage));

    private static Uri? NamedStore(Invocation call, Option<string?> storage) => call.Get(storage) is { Length: > 0 } named ? StorageLocation.Parse(named) : null;

    /// <summary>Asks all servers whose deployments and runs use the store: this one and those of <c>--also</c>.</summary>
    private static async Task AskAsync(ApiConnection connection, string[] others, Func<IOrchestrationApi, Task> ask)
    {
        await ask(connection.Api);
        foreach (string url in others)
        {
            await using var api = new HttpOrchestrationApi(OtherServer.Find(url, connection.Server));
            await OtherServer.ReadAsync(url, async () =>
            {
                await ask(api);
                return true;
            });
        }
    }

    private static async Task<IReadOnlySet<Guid>> ExistingAsync(ApiConnection connection, string[] others, IReadOnlyList<Guid> runs, CancellationToken cancellationToken)
    {
        var existing = new HashSet<Guid>();
        await AskAsync(connection, others, async api =>
        {
            foreach (Guid[] ids in runs.Chunk(Pages.Size))
                existing.UnionWith((await api.ListFlowRunsAsync(new() { FlowRuns = new() { Id = new() { Any = ids } }, Limit = Pages.Size }, cancellationToken)).Select(run => run.Id));
        });
        return existing;
    }

    private static TimeSpan Duration(string text) => LongDuration.TryParse(text, out TimeSpan duration)
        ? duration
        : throw CliException.BadUsage($"--grace '{text}' is not a duration: write e.g. 7d, 12h, 90 (seconds), 00:15:00 or PT15M");

    private static string Of((int Done, int Total) read) => string.Create(CultureInfo.InvariantCulture, $"{read.Done} of {read.Total}");

    private static JsonObject ToJson(StoredPackage package, PackageUses? uses)
    {
        var json = new JsonObject
        {
            ["package"] = package.Folder,
            ["digest"] = package.Digest,
            ["version"] = package.Version,
            ["files"] = package.Files,
            ["bytes"] = package.Bytes,
            ["created"] = Words.Utc(package.Created),
        };
        if (uses is not null)
            json["used_by"] = new JsonArray([.. uses.Of(package.Digest).Select(user => (JsonNode)user)]);
        return json;
    }

    private static JsonObject ToJson(CleaningReport report, bool applied) => new()
    {
        ["applied"] = applied,
        ["packages"] = new JsonArray([.. report.Packages.Select(package => (JsonNode)ToJson(package, null))]),
        ["blobs"] = report.Blobs,
        ["bytes"] = report.Bytes,
        ["results"] = report.Results.Count,
        ["records"] = report.Records.Count,
        ["used"] = report.Used,
        ["waiting"] = new JsonArray([.. report.Waiting.Select(waiting =>
        {
            JsonObject json = ToJson(waiting.Package, null);
            json["unused_since"] = Words.Utc(waiting.Since);
            return (JsonNode)json;
        })]),
    };

    /// <summary>Progress that is only kept, for the status line.</summary>
    private sealed class Watch(Action<(int Done, int Total)> keep) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => keep(value);
    }
}
