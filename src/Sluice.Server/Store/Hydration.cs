using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Schemas;

namespace Sluice.Server.Store;

/// <summary>Prefect's templated values with this server's variables, Jinja rendered.</summary>
internal static class Hydration
{
    public static HydratedParameters Of(Scope scope, IReadOnlyDictionary<string, JsonElement> parameters) =>
        TemplatedValues.Hydrate(parameters, name => Variables.Find(scope, name)?.Value, renders: true);

    /// <summary>With the values that templates stand for.</summary>
    /// <param name="scope">The transaction.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="what">What they are, for the refusal, which Prefect answers with 400.</param>
    /// <exception cref="OrchestrationException">One cannot be told.</exception>
    public static IReadOnlyDictionary<string, JsonElement> Must(Scope scope, IReadOnlyDictionary<string, JsonElement> parameters, string what)
    {
        HydratedParameters hydrated = Of(scope, parameters);
        if (hydrated.Unknown is [var unknown, ..])
            throw Refuse.Invalid("body.parameters", $"Error hydrating {what}: {unknown.Message}"); // Prefect's words
        return hydrated.Invalid is [var invalid, ..]
            ? throw Refuse.Invalid("body.parameters", $"Error hydrating {what}: {invalid.Message} at {invalid.Path}")
            : hydrated.Parameters;
    }

    /// <summary>With the values that templates stand for. What cannot be told stays, and the flow's binder names it: a due run is never left out for it.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Known(Scope scope, IReadOnlyDictionary<string, JsonElement> parameters) =>
        Of(scope, parameters) is { Invalid: [], Unknown: [] } hydrated ? hydrated.Parameters : parameters;
}
