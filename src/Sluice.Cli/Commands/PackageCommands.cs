using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Cli.Services;
using Sluice.Orchestration;
using Sluice.Storage.Git;
using Sluice.Storage.Packages;
using Sluice.Storage.Trust;
using Sluice.Worker;

namespace Sluice.Cli.Commands;

/// <summary><c>package inspect</c>: what a package holds, where it comes from, who signed it.</summary>
internal static class PackageCommands
{
    public static IEnumerable<Command> Create(CliContext context) => [Inspect(context)];

    private static Verb Inspect(CliContext context)
    {
        var name = new Argument<string>("DEPLOYMENT") { Description = "A deployment (flow/deployment, or id), whose package it is; or a package as SLUICE_PACKAGE says it: URI#sha256=DIGEST." };
        var sbom = new Option<bool>("--sbom") { Description = "Write its parts list: CycloneDX 1.6 as JSON, as it is stored." };
        var provenance = new Option<bool>("--provenance") { Description = "Write its provenance: an in-toto statement with SLSA provenance, as it is stored." };
        var signature = new Option<bool>("--signature") { Description = "Write its signature: a DSSE envelope, as it is stored." };
        var policy = new PolicyOptions();
        return new Verb(context, "inspect", "Shows what a package holds, where it comes from and who signed it, without unpacking it. With --allowed-key or --allowed-repository: exits with 1 where a worker would refuse it.")
        {
            Examples = ["sluice package inspect \"Weather report/daily\"", "sluice package inspect \"Weather report/daily\" --sbom > sbom.cdx.json", "sluice package inspect \"Weather report/daily\" --allowed-key release.pub"],
        }.With([name, sbom, provenance, signature, .. policy.All]).Reads().Checks(call =>
        {
            if (new[] { sbom, provenance, signature }.Count(call.Get) > 1)
                throw CliException.BadUsage("write one of --sbom, --provenance and --signature");
        }).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            PackagePolicy? asked = policy.Read(call);
            PackageReference package = await FindAsync(connection, call.Get(name), cancellationToken);
            InspectedPackage read = await InspectedPackage.ReadAsync(package, ServerSources.Of(connection.Api), asked, cancellationToken);
            if (call.Get(sbom))
                return WriteRaw(call, read, read.Sbom, "parts list");
            if (call.Get(provenance))
                return WriteRaw(call, read, read.Provenance, "provenance");
            if (call.Get(signature))
                return WriteRaw(call, read, read.Signature, "signature");
            if (call.Json)
                Json.Write(call.Screen.Out, ToJson(package, read, asked));
            else
                Write(call, package, read, asked);
            return read.Refusal is null ? ExitCodes.Ok : ExitCodes.Failed;
        });
    }

    private static async Task<PackageReference> FindAsync(ApiConnection connection, string name, CancellationToken cancellationToken)
    {
        if (PackageReference.TryParse(name) is { } written)
            return written;
        Deployment deployment = await Finder.DeploymentAsync(connection.Api, name, cancellationToken);
        string? text = RunNeeds.PackageOf(deployment);
        if (text is not null && PackageReference.TryParse(text) is { } package)
            return package;
        throw new CliException(text is not null && SourceReference.TryParse(text) is { } source ? $"'{name}' runs source, which workers build, and no package: {source}"
            : $"'{name}' has no package: its runs start {(deployment.Path is { } path ? path : "a command")}");
    }

    private static int WriteRaw(Invocation call, InspectedPackage read, byte[]? document, string what)
    {
        call.Screen.WriteBytes(document ?? throw new CliException($"the package has no {what}{(what == "signature" ? ": nobody signed it" : ": publish it again with this version of Sluice, after a change")}"));
        if (read.Refusal is null)
            return ExitCodes.Ok;
        call.Screen.Note($"A worker with this policy refuses the package: {read.Refusal}");
        return ExitCodes.Failed;
    }

    private static JsonObject ToJson(PackageReference package, InspectedPackage read, PackagePolicy? policy)
    {
        PackageProvenance? provenance = read.Provenance is null ? null : PackageProvenance.Read(read.Provenance);
        return new()
        {
            ["package"] = package.Location.AbsoluteUri,
            ["digest"] = package.Digest,
            ["files"] = read.Manifest.Files.Count,
            ["bytes"] = read.Manifest.Files.Sum(file => file.Size),
            ["created"] = Words.Utc(read.Manifest.Created),
            ["version"] = read.Manifest.Version,
            ["target_framework"] = read.Manifest.TargetFramework,
            ["runtime_identifier"] = read.Manifest.RuntimeIdentifier,
            ["deployment_mode"] = read.Manifest.DeploymentMode,
            ["repository"] = provenance?.Repository,
            ["commit"] = provenance?.Commit ?? read.Manifest.Commit,
            ["dirty"] = provenance?.Dirty,
            ["parts"] = PartsOf(read),
            ["signed_by"] = new JsonArray([.. read.Signers.Select(key => (JsonNode)key)]),
            ["accepted"] = policy is null ? null : read.Refusal is null,
            ["refusal"] = read.Refusal,
        };
    }

    private static void Write(Invocation call, PackageReference package, InspectedPackage read, PackagePolicy? policy)
    {
        PackageProvenance? provenance = read.Provenance is null ? null : PackageProvenance.Read(read.Provenance);
        PackageManifest manifest = read.Manifest;
        new Details(package.Location.AbsoluteUri)
            .Add("Digest", package.Digest)
            .Add("Files", $"{manifest.Files.Count.ToString(CultureInfo.InvariantCulture)} ({Words.Size(manifest.Files.Sum(file => file.Size))})")
            .Add("Created", $"{Words.Utc(manifest.Created)} ({Words.Relative(manifest.Created, call.Now)})")
            .Add("Version", manifest.Version)
            .Add("Program", $"{manifest.TargetFramework}, {manifest.DeploymentMode}{(manifest.RuntimeIdentifier is { } rid ? $", {rid}" : "")}")
            .Add("Repository", provenance?.Repository)
            .Add("Commit", (provenance?.Commit ?? manifest.Commit) is { } commit ? commit + (provenance?.Dirty == true ? ", with changes that nobody committed" : "") : null)
            .Add("Parts", PartsOf(read) is { } parts ? $"{Words.Count(parts, "part")} (--sbom lists them)" : "unknown: it has no parts list")
            .Add("Signed by", read.Signers.Count == 0 ? "nobody" : string.Join(", ", read.Signers.Select(key => Screen.Safe(key))) + (policy is null ? " (as it says; --allowed-key checks it)" : ""))
            .Add("Policy", policy is null ? null : read.Refusal is null ? "takes it" : $"refuses it: {read.Refusal}")
            .Write(call.Screen);
    }

    private static int? PartsOf(InspectedPackage read)
    {
        try
        {
            return read.Sbom is null ? null : JsonNode.Parse(read.Sbom)?["components"]?.AsArray().Count;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
