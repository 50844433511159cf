using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Planning;

/// <summary>What real Prefect servers answered to a deployment that was sent to them (recorded, tests/data/conversations2 and 3): it is what was sent, in their words.</summary>
public sealed class RecordedNormalisationTests
{
    public static TheoryData<string, int> Conversations
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (int generation in (int[])[2, 3])
            {
                foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "data", $"conversations{generation}"), "*.json").Order(StringComparer.Ordinal))
                {
                    if (Sent(file, generation).Any())
                        data.Add(Path.GetFileNameWithoutExtension(file), generation);
                }
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Conversations))]
    public void What_was_sent_and_read_back_has_no_difference(string conversation, int generation)
    {
        ApiInfo server = new("prefect", generation == 2 ? "2.10.21" : "3.8.3", "http://prefect.example", 0);
        int compared = 0;
        foreach ((DeploymentCreate sent, Deployment answered) in Sent(Path.Combine(Repository.Root, "tests", "data", $"conversations{generation}", conversation + ".json"), generation))
        {
            MergedDeployment merged = DeploymentMerge.Of(sent, sent, answered, server, ConflictRule.Fail);
            merged.Fields.Where(field => field.Class != FieldClass.Normalised).Select(field => $"{field.Path} {field.Class} {field.Code} {field.Live}").ShouldBeEmpty($"{conversation}, {sent.Name}");
            merged.IsChanged.ShouldBeFalse();
            // Sending it again would say the same: what the merge sends is what the server has.
            DeploymentMerge.Of(merged.Body, merged.Body, answered, server, ConflictRule.Fail).IsChanged.ShouldBeFalse();
            compared++;
        }
        compared.ShouldBePositive();
    }

    [Fact]
    public void Both_generations_were_recorded() => Conversations.Select(row => row.Data.Item2).Distinct().Order().ShouldBe([2, 3]);

    /// <summary>The deployments that were created, or replaced by a body that says all of them.</summary>
    private static IEnumerable<(DeploymentCreate Sent, Deployment Answered)> Sent(string file, int generation)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(file))!;
        foreach (JsonNode? exchange in root as JsonArray ?? root["exchanges"]!.AsArray())
        {
            if (exchange is not JsonObject { } one || one["method"]?.GetValue<string>() != "POST" || one["path"]?.GetValue<string>() != "/api/deployments/"
                || one["status"]?.GetValue<int>() != 201 || one["request"] is not JsonObject request || one["response"] is not JsonObject answer)
                continue;
            if (generation == 2)
            {
                AsPrefect3(request);
                AsPrefect3(answer);
            }
            // Ours always have slugs; Prefect leaves those of others as they are.
            foreach ((int i, JsonNode? schedule) in new[] { request, answer }.SelectMany(side => (side["schedules"]?.AsArray() ?? []).Index()))
                schedule!["slug"] ??= $"schedule-{i + 1}";
            yield return (request.Deserialize(OrchestrationJson.Default.DeploymentCreate)!, answer.Deserialize(OrchestrationJson.Default.Deployment)!);
        }
    }

    // One schedule, one switch, another name of the job variables: as the client reads 2.10.
    private static void AsPrefect3(JsonObject deployment)
    {
        JsonNode? schedule = deployment["schedule"], active = deployment["is_schedule_active"], variables = deployment["infra_overrides"];
        foreach (string name in (string[])["schedule", "is_schedule_active", "infra_overrides"])
            deployment.Remove(name);
        deployment["schedules"] = schedule is null ? [] : new JsonArray(new JsonObject { ["id"] = Guid.Empty, ["slug"] = "schedule", ["schedule"] = schedule });
        if (active is not null)
            deployment["paused"] = !active.GetValue<bool>();
        deployment["job_variables"] = variables ?? new JsonObject();
    }
}
