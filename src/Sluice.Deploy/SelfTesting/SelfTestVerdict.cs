using System.Text.Json;
using Sluice.Deploy.Manifest;

namespace Sluice.Deploy.SelfTesting;

/// <summary>Holds what the program says of itself against the manifest that is about to be deployed.</summary>
internal static class SelfTestVerdict
{
    /// <summary>All that is wrong; empty when nothing is.</summary>
    public static IReadOnlyList<(string Code, string Message)> Of(JsonElement answer, FlowsManifest manifest, IReadOnlyList<SelfTestBinding> bindings, string? targetFramework)
    {
        var errors = new List<(string, string)>();
        JsonElement[] flows = [.. answer.GetProperty("flows").EnumerateArray()];
        Dictionary<string, string> found = flows.ToDictionary(f => f.GetProperty("entrypoint").GetString()!, f => f.GetProperty("name").GetString()!, StringComparer.Ordinal);
        string[] missing = [.. manifest.Flows.Where(f => found.GetValueOrDefault(f.Entrypoint) != f.Name).Select(f => $"'{f.Name}' ({f.Entrypoint})")];
        string[] extra = [.. found.Where(f => manifest.Flows.All(m => m.Entrypoint != f.Key || m.Name != f.Value)).Select(f => $"'{f.Value}' ({f.Key})")];
        if (missing.Length + extra.Length > 0)
        {
            errors.Add((DeployCodes.SelfTestDiffers, $"The published program is not the one that was compiled: {string.Join("; ", new[]
            {
                missing.Length > 0 ? $"it lacks {string.Join(", ", missing)}" : null,
                extra.Length > 0 ? $"it has {string.Join(", ", extra)}, which the manifest lacks" : null,
            }.OfType<string>())}. Publish again without --no-build; a Main of its own has to pass on FlowList.All."));
        }
        foreach (JsonElement flow in flows.Where(f => f.TryGetProperty("error", out _)))
            errors.Add((DeployCodes.SelfTestFailed, $"The flow '{flow.GetProperty("name").GetString()}' cannot be called: its type does not load: {flow.GetProperty("error").GetString()}"));
        if (FrameworkOf(targetFramework) is { } wanted && Version.TryParse(answer.GetProperty("framework").GetString(), out Version? ran) && ran < wanted)
            errors.Add((DeployCodes.SelfTestDiffers, $"The published program runs on .NET {ran} and was built for {targetFramework}: correct its runtimeconfig.json."));
        foreach ((SelfTestBinding binding, JsonElement problems) in bindings.Zip(answer.GetProperty("bindings").EnumerateArray()))
        {
            string[] texts = [.. problems.EnumerateArray()
                .Select(p => (Path: p.GetProperty("path").GetString()!, Message: p.GetProperty("message").GetString()))
                .Where(p => !binding.IsLeftOpen(p.Path)).Select(p => $"{p.Path}: {p.Message}")];
            if (texts.Length > 0)
                errors.Add((DeployCodes.SelfTestDoesNotBind, $"{binding.Where}: the program refuses the parameters: {string.Join("; ", texts)}"));
        }
        return errors;
    }

    private static Version? FrameworkOf(string? targetFramework) =>
        targetFramework is { } tfm && tfm.StartsWith("net", StringComparison.Ordinal) && Version.TryParse(tfm[3..].Split('-')[0], out Version? version) ? version : null;
}
