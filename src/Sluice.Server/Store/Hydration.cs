using System.Text.Json;
using Sluice.Schemas;

namespace Sluice.Server.Store;

/// <summary>Prefect's templated values with this server's variables.</summary>
internal static class Hydration
{
    public static HydratedParameters Of(Scope scope, IReadOnlyDictionary<string, JsonElement> parameters) =>
        TemplatedValues.Hydrate(parameters, name => Variables.Find(scope, name)?.Value);
}
