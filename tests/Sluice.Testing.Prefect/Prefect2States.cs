using System.Text.Json.Nodes;

namespace Sluice.Testing.Prefect;

/// <summary>Where 2.10 decides on a proposed state otherwise than 3.x (transitions2_no_deployment.json beside transitions3_no_deployment.json): once a run is cancelled.</summary>
internal static class Prefect2States
{
    public static async Task<(int Status, JsonNode? Body)> ProposeAsync(Prefect2Exchange exchange)
    {
        JsonObject body = exchange.Body!.AsObject();
        bool force = body["force"]?.GetValue<bool>() == true;
        string run = exchange.Request.Path[..^"/set_state".Length];
        string? wanted = body["state"]?["type"]?.GetValue<string>();
        JsonNode? live = (await exchange.SendAsync("GET", run)).Body;
        if (!force && wanted is "PENDING" or "RUNNING" or "COMPLETED" or "FAILED" && (string?)live?["state_type"] == "CANCELLED")
        {
            return (200, Prefect2Shapes.Answer(new JsonObject
            {
                ["state"] = live!["state"]!.DeepClone(),
                ["status"] = "REJECT",
                ["details"] = new JsonObject { ["type"] = "reject_details", ["reason"] = "Cannot transition flows that are cancelling to a state other than Cancelled." },
            }));
        }

        (int status, JsonNode? answer) = await exchange.ForwardAsync(body);
        if (status == 201 && (string?)answer!["state"]?["id"] == (string?)live?["state_id"])
        {
            status = 200; // nothing was written
        }

        return (status, Prefect2Shapes.Answer(answer));
    }
}
