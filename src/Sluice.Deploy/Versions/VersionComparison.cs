using System.Text.Json;
using Sluice.Deploy.Planning.Merge;
using Sluice.Schemas.Comparison;
using Sluice.Storage;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Versions;

/// <summary>What is different between two versions of a deployment: in what the code declared, in its parameter schema, and in the files of its package.</summary>
public sealed record VersionComparison
{
    private static readonly string[] s_elsewhere = ["path", "parameter_openapi_schema"];

    /// <summary>The fields, by path. What may be a secret is hidden.</summary>
    public required IReadOnlyList<ComparedField> Fields { get; init; }

    /// <summary>What changed in the parameters, and whether callers of the first version can go on as they are.</summary>
    public required IReadOnlyList<SchemaChange> Schema { get; init; }

    /// <summary>The files, by path; null where they cannot be compared.</summary>
    public IReadOnlyList<ComparedFile>? Files { get; init; }

    /// <summary>Why the files cannot be compared, in one line; null where they can.</summary>
    public string? FilesUnknown { get; init; }

    /// <summary>Whether nothing is different.</summary>
    public bool IsEmpty => Fields.Count == 0 && Schema.Count == 0 && Files is { Count: 0 };

    /// <summary>Compares. The manifests of two packages are read, and none of their contents.</summary>
    /// <param name="before">The first version.</param>
    /// <param name="after">The second one.</param>
    /// <param name="sources">Gives the secrets and blocks of the packages' stores.</param>
    /// <param name="named">The stores that the user names, as for <see cref="VersionRecords"/>: of others, packages that might take a secret somewhere are not read.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<VersionComparison> OfAsync(AppliedVersion before, AppliedVersion after, StorageSources sources, IEnumerable<Uri>? named, CancellationToken cancellationToken)
    {
        (IReadOnlyList<ComparedFile>? files, string? unknown) = await FilesAsync(before, after, sources, new(named), cancellationToken).ConfigureAwait(false);
        return new() { Fields = FieldsOf(before, after), Schema = SchemaOf(before, after), Files = files, FilesUnknown = unknown };
    }

    private static ComparedField[] FieldsOf(AppliedVersion before, AppliedVersion after)
    {
        var rules = ServerRules.Of(null);
        DeploymentFields then = DeploymentFields.Of(before.Declared, rules, null), now = DeploymentFields.Of(after.Declared, rules, null);
        FieldMask thenMask = new(before.Declared.ParameterOpenapiSchema), nowMask = new(after.Declared.ParameterOpenapiSchema);
        var fields = then.Paths.Union(now.Paths).Order()
            .Where(path => !IsElsewhere(path) && !FieldValues.Same(then[path], now[path]))
            .Select(path => new ComparedField(path.ToString(), thenMask.Of(path, then[path]), nowMask.Of(path, now[path]))).ToList();
        if (before.Infrastructure != after.Infrastructure)
            fields.Add(new("infrastructure", Text(before.Infrastructure), Text(after.Infrastructure)));
        if (before.FullName != after.FullName)
            fields.Insert(0, new("name", Text(before.FullName), Text(after.FullName)));
        return [.. fields];
    }

    // Our own variables and labels tell of the package and of the owner.
    private static bool IsElsewhere(FieldPath path) => s_elsewhere.Contains(path.Member) || path.Member == FieldPath.Labels
        || (path is { Member: FieldPath.JobVariables, Key: FieldPath.Env, Name: { } name } && DeploymentFields.IsOwnVariable(name));

    private static JsonElement? Text(string? text) => text is null ? null : FieldValues.Of(text);

    private static IReadOnlyList<SchemaChange> SchemaOf(AppliedVersion before, AppliedVersion after)
    {
        if (before.Declared.ParameterOpenapiSchema is not { } then || after.Declared.ParameterOpenapiSchema is not { } now)
            return [];
        try
        {
            return SchemaComparison.Compare(then, now, after.Declared.Parameters?.Keys);
        }
        catch (ArgumentException e)
        {
            return [new("$", true, $"cannot be compared, since one of them is invalid ({e.Message.TrimEnd('.')})")];
        }
    }

    private static async Task<(IReadOnlyList<ComparedFile>? Files, string? Unknown)> FilesAsync(AppliedVersion before, AppliedVersion after, StorageSources sources, TrustedStores trusted, CancellationToken cancellationToken)
    {
        if (before.Package == after.Package || (before.PackageReference is { } same && same.Digest == after.PackageReference?.Digest))
            return ([], null);
        if (before.PackageReference is not { } then || after.PackageReference is not { } now)
            return (null, $"{Shown(before)} and {Shown(after)} are no two packages");
        try
        {
            trusted.Check(then.Location);
            trusted.Check(now.Location);
            PackageManifest first = await PackageHold.ReadManifestAsync(then, sources, cancellationToken).ConfigureAwait(false), second = await PackageHold.ReadManifestAsync(now, sources, cancellationToken).ConfigureAwait(false);
            Dictionary<string, PackageFile> old = first.Files.ToDictionary(file => file.Path), young = second.Files.ToDictionary(file => file.Path);
            return ([.. old.Keys.Union(young.Keys).Order(StringComparer.Ordinal)
                .Select(path => new ComparedFile(path, old.GetValueOrDefault(path), young.GetValueOrDefault(path)))
                .Where(file => file.Before != file.After)], null);
        }
        catch (StorageException e)
        {
            return (null, e.Message.TrimEnd('.'));
        }
    }

    private static string Shown(AppliedVersion version) => version.Package is not { } text ? "what is installed, or an image," : Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? StorageLocation.Shown(uri) : "the source";
}

/// <summary>A field that is different.</summary>
/// <param name="Path">As <c>parameters.city</c> or <c>schedules[daily].timezone</c>.</param>
/// <param name="Before">What it was; null for nothing.</param>
/// <param name="After">What it became; null for nothing.</param>
public sealed record ComparedField(string Path, JsonElement? Before, JsonElement? After);

/// <summary>A file that is different.</summary>
/// <param name="Path">Its path in the package.</param>
/// <param name="Before">What it was; null where it was added.</param>
/// <param name="After">What it became; null where it was removed.</param>
public sealed record ComparedFile(string Path, PackageFile? Before, PackageFile? After);
