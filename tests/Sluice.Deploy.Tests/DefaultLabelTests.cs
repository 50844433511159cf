using System.Text.Json;
using Sluice.Deploy.Planning;
using Sluice.Orchestration;
using Sluice.Server;

namespace Sluice.Deploy.Tests;

/// <summary>The labels that a deployment gets from where its package is.</summary>
public sealed class DefaultLabelTests : IDisposable
{
    private readonly DeployBench _bench = new();

    public DefaultLabelTests() => _bench.Variables["SLUICE_HOST"] = "laptop";

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_deployment_stored_on_a_local_disk_carries_its_host()
    {
        await _bench.DeployAsync();
        Deployment live = (await _bench.LiveAsync("daily"))!;
        live.Labels["sluice.host"].GetString().ShouldBe("laptop");
        live.Labels.ContainsKey("sluice.storage").ShouldBeFalse();
        live.JobVariables["env"].GetProperty("SLUICE_PACKAGE_HOST").GetString().ShouldBe("laptop");

        (await _bench.DeployAsync()).HasChanges.ShouldBeFalse();
        _bench.Variables["SLUICE_HOST"] = "server";
        (await _bench.DeployAsync()).Deployments[0].Changes.ShouldBe(["job variables", "labels"]);
        (await HostAsync()).ShouldBe("server");

        // What is not stored anew stays where it is.
        _bench.Variables["SLUICE_HOST"] = "desktop";
        (await _bench.DeployAsync(_bench.Request with { SkipUpload = true })).HasChanges.ShouldBeFalse();
        (await HostAsync()).ShouldBe("server");
    }

    [Fact]
    public async Task Without_SLUICE_HOST_it_is_the_machines_name()
    {
        _bench.Variables.Clear();
        await _bench.DeployAsync();
        (await HostAsync()).ShouldBe(Environment.MachineName);
    }

    [Fact]
    public async Task Default_labels_can_be_refused_for_one_deployment_and_for_all()
    {
        await _bench.DeployAsync();
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["add_default_labels"] = false);
        (await _bench.DeployAsync()).Deployments.Select(d => d.Outcome).ShouldBe(["updated", "unchanged"]);
        (await HostAsync()).ShouldBeNull();
        (await HostAsync("manual")).ShouldBe("laptop");

        await _bench.DeployAsync(_bench.Request with { AddDefaultLabels = false });
        (await HostAsync("manual")).ShouldBeNull();
        (await _bench.LiveAsync("manual"))!.JobVariables["env"].TryGetProperty("SLUICE_PACKAGE_HOST", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Publishing_to_a_server_says_that_only_this_host_takes_the_runs()
    {
        await using IOrchestrationApi api = await _bench.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(api, new(), TestContext.Current.CancellationToken);
        (await _bench.RunAsync(server: host.Url)).Outcome.ShouldNotBeNull();
        _bench.Output.ShouldContain("only workers on 'laptop' take its runs");
        (await _bench.RunAsync(_bench.Request with { AddDefaultLabels = false }, host.Url)).Outcome.ShouldNotBeNull();
        _bench.Output.ShouldNotContain("laptop");
    }

    [Fact]
    public async Task A_plan_for_another_storage_shows_what_a_publish_would_change()
    {
        await using IOrchestrationApi api = await _bench.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(api, new(), TestContext.Current.CancellationToken);
        DeployRequest plan = _bench.Request with { PlanOnly = true, Storage = "s3://bucket/flows?region=eu-central-1" };
        (await _bench.RunAsync(plan, host.Url)).Outcome.ShouldNotBeNull().Deployments.ShouldAllBe(d => d.Outcome == "created");
        _bench.Output.ShouldContain("Its label is s3-flow-storage.\n");
        _bench.Output.ShouldNotContain("the disk of this machine");

        // The same files are elsewhere: they would be stored anew.
        await _bench.DeployAsync();
        (await _bench.RunAsync(plan, host.Url)).Outcome.ShouldNotBeNull().Deployments.ShouldAllBe(d => d.Outcome == "updated" && d.Changes.Contains("labels"));
        _bench.Output.ShouldContain("Its label is s3-flow-storage.\n");
        (await _bench.DeployAsync(plan with { Storage = _bench.Home.Storage })).HasChanges.ShouldBeFalse();
    }

    [Theory]
    [InlineData("file:///srv/store/flow", "laptop", null)]
    [InlineData("file://server/share/flow", null, null)]
    [InlineData("s3://bucket/flow?region=x", null, "s3-flow-storage")]
    [InlineData("gs://bucket/flow", null, "gcs-flow-storage")]
    [InlineData("az://container/flow", null, "azure-flow-storage")]
    [InlineData("block://s3/dev-bucket/flow", null, "s3-flow-storage")]
    [InlineData("block://gcs/dev-bucket/flow", null, "gcs-flow-storage")]
    [InlineData("block://azure/dev/flow", null, "azure-flow-storage")]
    [InlineData("webhook+https://files.example/flow.zip", null, "webhook-flow-storage")]
    [InlineData("rclone://backup/flow", null, "rclone-flow-storage")]
    [InlineData("smb://files/share/flow", null, "smb-flow-storage")]
    [InlineData("github://owner/repository/flow.cs", null, "github-flow-storage")]
    [InlineData("gitlab://group/project/flow.cs", null, "gitlab-flow-storage")]
    [InlineData("bitbucket://workspace/repository/flow.cs", null, "bitbucket-flow-storage")]
    [InlineData("codecommit://eu-central-1/repository/flow.cs", null, "codecommit-flow-storage")]
    [InlineData("git+ssh://git@host/flow.cs", null, "git-flow-storage")]
    public void Every_storage_system_has_its_label(string place, string? host, string? system)
    {
        var planned = new PlannedDeployment { Flow = new() { Name = "f", Entrypoint = "x" }, Declared = new() { Name = "d" } };
        string package = place + "#sha256=" + new string('a', 64);
        DefaultLabels.Of(planned, package, _bench.Request, "laptop").ShouldBe(new DefaultLabels(host, system));
        DefaultLabels.Of(planned, package, _bench.Request with { AddDefaultLabels = false }, "laptop").ShouldBe(new DefaultLabels(null, null));
    }

    private async Task<string?> HostAsync(string name = "daily") =>
        (await _bench.LiveAsync(name))!.Labels.TryGetValue("sluice.host", out JsonElement host) ? host.GetString() : null;
}
