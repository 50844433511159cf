using System.Text.Json;
using Sluice.Storage.Trust;

namespace Sluice.Deploy.Provenance;

/// <summary>Writes where a package comes from: an in-toto statement (v1) with SLSA provenance (v1) as its predicate.</summary>
/// <remarks>Rule: in-toto/attestation, spec/v1; slsa.dev/spec/v1.0/provenance.</remarks>
internal static class ProvenanceStatement
{
    /// <summary>Writes one.</summary>
    /// <param name="name">The package's name.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="request">What was built.</param>
    /// <param name="facts">From what, where and by whom.</param>
    public static byte[] Write(string name, string digest, DeployRequest request, BuildFacts facts) => JsonDocuments.Write(json =>
    {
        json.WriteString("_type", "https://in-toto.io/Statement/v1");
        json.WriteStartArray("subject");
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartObject("digest");
        json.WriteString("sha256", digest);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("predicateType", PackageProvenance.PredicateType);
        json.WriteStartObject("predicate");
        json.WriteStartObject("buildDefinition");
        json.WriteString("buildType", request.StoreAsScript ? "urn:sluice:build:source:1" : "urn:sluice:build:dotnet-publish:1");
        json.WriteStartObject("externalParameters");
        Text("project", Path.GetFileName(request.EntryPointFile ?? request.Project ?? request.Assembly));
        Text("version", request.Version);
        Text("target_framework", request.TargetFramework);
        Text("runtime_identifier", request.RuntimeIdentifier);
        Text("deployment_mode", request.DeploymentMode);
        json.WriteEndObject();
        json.WriteStartArray("resolvedDependencies");
        if (facts.Repository is not null || facts.Commit is not null)
            WriteSource();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("runDetails");
        json.WriteStartObject("builder");
        json.WriteString("id", "urn:sluice:builder:" + Uri.EscapeDataString(facts.Builder));
        json.WriteStartObject("version");
        Text("dotnet-sdk", facts.Sdk);
        Text("sluice", JsonDocuments.ToolVersion);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("metadata");
        Text("invocationId", facts.BuildUrl);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();

        void WriteSource()
        {
            json.WriteStartObject();
            Text("uri", facts.Repository is { } repository ? PackageProvenance.UriOf(repository) : null);
            if (facts.Commit is { } commit)
            {
                json.WriteStartObject("digest");
                json.WriteString("gitCommit", commit);
                json.WriteEndObject();
            }
            json.WriteStartObject("annotations");
            Text("branch", facts.Branch);
            Text("author", facts.Author);
            if (facts.Dirty is { } dirty)
                json.WriteBoolean("dirty", dirty);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        void Text(string member, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                json.WriteString(member, value);
        }
    });
}
