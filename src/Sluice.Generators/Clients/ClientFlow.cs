using Sluice.Generators.Json;

namespace Sluice.Generators.Clients;

/// <summary>A flow that clients are written for, as a manifest or a server describes it.</summary>
internal sealed record ClientFlow(string Name, IReadOnlyList<ClientDeployment> Deployments);

/// <summary>A deployment of it.</summary>
/// <param name="Schema">Its <c>parameter_openapi_schema</c>; null where it has none.</param>
/// <param name="Parameters">The parameters that it gives; null for none.</param>
internal sealed record ClientDeployment(string Name, string? Description, JsonNode? Schema, JsonNode? Parameters);
