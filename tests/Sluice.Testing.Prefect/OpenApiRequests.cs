using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Testing.Prefect;

/// <summary>
/// The requests that a Prefect server takes, by the OpenAPI document it serves (tests/data/openapi: the paths, parameters and request bodies of the
/// documents of 3.8.3 and 2.10.21).
/// </summary>
public sealed partial class OpenApiRequests
{
    private static readonly Lazy<OpenApiRequests> s_prefect2 = new(() => new("prefect2"));
    private static readonly Lazy<OpenApiRequests> s_prefect3 = new(() => new("prefect3"));
    private readonly List<(Regex Path, string Template, JsonElement Methods)> _paths;
    private readonly OpenApiValues _values;
    private readonly bool _isPrefect2;

    private OpenApiRequests(string name)
    {
        using Stream resource = typeof(OpenApiRequests).Assembly.GetManifestResourceStream(name)!;
        using JsonDocument document = JsonDocument.Parse(resource);
        JsonElement root = document.RootElement.Clone();
        _isPrefect2 = name == "prefect2";
        _values = new OpenApiValues(root, _isPrefect2);
        // The literal path before the one with a parameter in the same place.
        _paths = [.. root.GetProperty("paths").EnumerateObject()
            .Select(path => (new Regex("^" + Parameter().Replace(Regex.Escape(path.Name).Replace("\\{", "{", StringComparison.Ordinal), "(?<$1>[^/]+)") + "$"), path.Name, path.Value))
            .OrderBy(path => path.Name.Count(c => c == '{'))];
    }

    /// <summary>Those of 2.10.21.</summary>
    public static OpenApiRequests Prefect2 => s_prefect2.Value;

    /// <summary>Those of 3.8.3.</summary>
    public static OpenApiRequests Prefect3 => s_prefect3.Value;

    /// <summary>The path as the document writes it, as <c>/flows/{id}</c>; null where there is none for that method.</summary>
    public string? Template(string method, string path) => Find(method, path)?.Template;

    /// <summary>What the server would not take of a request. An unknown path or method is one misfit without a place.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path below <c>/api</c>, without query.</param>
    /// <param name="body">JSON, or empty.</param>
    public IReadOnlyList<Misfit> Check(string method, string path, ReadOnlyMemory<byte> body)
    {
        if (Find(method, path) is not { } found)
        {
            return [new("unknown", [], $"{method} {path} does not exist")];
        }

        List<Misfit> misfits = [];
        if (_isPrefect2 && found.Operation.TryGetProperty("parameters", out JsonElement parameters))
        {
            CheckPath(found, parameters, misfits);
        }

        if (!found.Operation.TryGetProperty("requestBody", out JsonElement wanted))
        {
            return body.IsEmpty ? misfits : [.. misfits, new("unexpected_body", ["body"], $"{method} {found.Template} takes no body")];
        }

        if (body.IsEmpty)
        {
            return wanted.GetProperty("required").GetBoolean() ? [.. misfits, _values.Missing(["body"])] : misfits;
        }

        JsonElement value;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            value = document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            return [.. misfits, new(_isPrefect2 ? "value_error.jsondecode" : "json_invalid", ["body", $"{error.BytePositionInLine ?? 0}"], "JSON decode error")];
        }

        _values.Check(value, wanted.GetProperty("content").GetProperty("application/json").GetProperty("schema"), ["body"], misfits);
        return misfits;
    }

    private (string Template, JsonElement Operation, Match Path)? Find(string method, string path)
    {
        foreach (var (pattern, template, methods) in _paths)
        {
            if (pattern.Match(path) is { Success: true } match && methods.TryGetProperty(method.ToLowerInvariant(), out JsonElement operation))
            {
                return (template, operation, match);
            }
        }

        return null;
    }

    /// <summary>2.10 refuses an id that is none with 422; for 3.x it is a path that does not exist.</summary>
    private void CheckPath((string Template, JsonElement Operation, Match Path) found, JsonElement parameters, List<Misfit> misfits)
    {
        foreach (JsonElement parameter in parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").ValueEquals("path")))
        {
            string name = parameter.GetProperty("name").GetString()!;
            using JsonDocument text = JsonDocument.Parse(JsonSerializer.Serialize(Uri.UnescapeDataString(found.Path.Groups[name].Value)));
            _values.Check(text.RootElement, parameter.GetProperty("schema"), ["path", name], misfits);
        }
    }

    [GeneratedRegex(@"\{([a-z_]+)\}")]
    private static partial Regex Parameter();
}
