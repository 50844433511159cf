using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary><c>block …</c> on the embedded API. Secrets are canaries, looked for in all that is printed and stored.</summary>
public sealed class BlockTests : IDisposable
{
    private const string Canary = "canary/block+7e2f";

    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task A_block_is_created_listed_changed_replaced_and_deleted_and_its_secrets_are_masked()
    {
        await File.WriteAllTextAsync(_sluice.Folder["secret.txt"], Canary + "\n", TestContext.Current.CancellationToken);
        _sluice.With("TEST_KEY", Canary);
        List<SluiceProgram.Outcome> shown =
        [
            await _sluice.RunAsync("block", "create", "s3/dev-bucket", "bucket_path=my-bucket/flows", "region=eu-central-1", "aws_access_key_id=@env:TEST_KEY", $"aws_secret_access_key=@file:{_sluice.Folder["secret.txt"]}"),
            await _sluice.RunAsync("block", "ls"),
            await _sluice.RunAsync("block", "ls", "--type", "s3", "--output", "json"),
            await _sluice.RunAsync("block", "inspect", "s3/dev-bucket"),
            await _sluice.RunAsync("block", "inspect", "s3/dev-bucket", "--output", "json"),
            await _sluice.RunAsync("block", "update", "s3/dev-bucket", "region=", "endpoint_url=http://127.0.0.1:9000"),
            await _sluice.RunAsync("block", "inspect", "s3/dev-bucket", "--output", "json"),
            await _sluice.RunAsync("block", "create", "s3/dev-bucket", "bucket_path=other", "--overwrite", "--output", "json"),
        ];
        foreach (SluiceProgram.Outcome outcome in shown)
        {
            outcome.Succeeded().ToString().ShouldNotContain(Canary);
            outcome.Error.ShouldBeEmpty();
        }
        shown[0].Output.ShouldContain("-p:SluiceStorage=s3/dev-bucket");
        shown[1].Output.ShouldContain("my-bucket/flows");
        shown[2].Json.EnumerateArray().Single().Text("full_name").ShouldBe("s3/dev-bucket");
        shown[3].Output.ShouldContain("aws_secret_access_key  ********");
        JsonElement data = shown[4].Json.GetProperty("data");
        data.Text("aws_access_key_id").ShouldBe("********");
        data.Text("region").ShouldBe("eu-central-1");
        data = shown[6].Json.GetProperty("data");
        data.GetProperty("region").ValueKind.ShouldBe(JsonValueKind.Null);
        data.Text("endpoint_url").ShouldBe("http://127.0.0.1:9000");
        data.Text("aws_secret_access_key").ShouldBe("********", "what is not named stays");
        shown[7].Json.GetProperty("data").EnumerateObject().Select(field => field.Name).ShouldBe(["bucket_path"], "--overwrite replaces all");

        (await _sluice.RunAsync("block", "delete", "s3/dev-bucket")).Succeeded();
        (await _sluice.RunAsync("block", "ls", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(0);
        (await _sluice.RunAsync("block", "ls")).Succeeded().Error.ShouldContain("There are no blocks");
        NoFileHolds(Canary);
    }

    [Fact]
    public async Task A_secret_is_read_from_standard_input_and_a_plain_one_is_warned_of()
    {
        await using (ProgramRun run = _sluice.StartWithInput("block", "create", "secret/my-token"))
        {
            await run.Process.StandardInput.WriteLineAsync(Canary);
            run.Process.StandardInput.Close();
            (await run.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, run.Error);
            run.Output.ShouldContain("${MY_TOKEN}");
            (run.Output + run.Error).ShouldNotContain(Canary);
        }
        await using (Orchestration.IOrchestrationApi api = await _sluice.OpenApiAsync())
            (await api.FindBlockDocumentAsync("secret", "my-token", includeSecrets: true, TestContext.Current.CancellationToken)).ShouldNotBeNull().Data["value"].GetString().ShouldBe(Canary);

        SluiceProgram.Outcome plain = (await _sluice.RunAsync("block", "create", "secret/other", "value=" + Canary)).Succeeded();
        plain.Error.ShouldContain("value stands on the command line");
        plain.ToString().ShouldNotContain(Canary);
        (await _sluice.RunAsync("block", "update", "secret/other", "value=${REFERENCE}")).Succeeded().Error.ShouldBeEmpty();
        NoFileHolds(Canary);
    }

    [Fact]
    public async Task A_secret_that_is_pasted_at_a_terminal_is_not_shown()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "script, which gives a program a terminal, is not installed (bsdutils).");
        var start = new ProcessStartInfo("/usr/bin/script", ["-qec", $"'{SluiceProgram.Path}' block create secret/typed", "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["SLUICE_HOME"] = _sluice.Home.Root;
        start.Environment.Remove("PREFECT_API_URL");
        using Process terminal = Process.Start(start)!;
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(SluiceProgram.Bound);
        var shown = new StringBuilder();
        char[] buffer = new char[256];
        try
        {
            bool isTyped = false;
            while (await terminal.StandardOutput.ReadAsync(buffer, bound.Token) is > 0 and var read)
            {
                shown.Append(buffer, 0, read);
                if (isTyped || !shown.ToString().Contains("value: ", StringComparison.Ordinal))
                    continue;
                await terminal.StandardInput.WriteAsync(Canary + "\r");
                await terminal.StandardInput.FlushAsync(bound.Token);
                isTyped = true;
            }
            await terminal.WaitForExitAsync(bound.Token);
        }
        finally
        {
            terminal.Kill(entireProcessTree: true);
        }
        terminal.ExitCode.ShouldBe(0, shown.ToString());
        shown.ToString().ShouldContain("Created block 'secret/typed'");
        shown.ToString().ShouldNotContain(Canary);
        await using Orchestration.IOrchestrationApi api = await _sluice.OpenApiAsync();
        (await api.FindBlockDocumentAsync("secret", "typed", includeSecrets: true, TestContext.Current.CancellationToken)).ShouldNotBeNull().Data["value"].GetString().ShouldBe(Canary);
    }

    [Theory]
    [InlineData(2, "is not a block's full name, which is written type/name", "create", "dev-bucket", "bucket_path=b")]
    [InlineData(2, "there is no type of blocks 's4'. Did you mean 's3'?", "create", "s4/dev", "bucket_path=b")]
    [InlineData(2, "'Dev_Bucket' cannot be the name of a block: names have lower-case letters, digits and dashes. Did you mean 's3/dev-bucket'?", "create", "s3/Dev_Bucket", "bucket_path=b")]
    [InlineData(2, "s3 has no field 'bucket_pth'. Did you mean 'bucket_path'?", "create", "s3/dev", "bucket_pth=b")]
    [InlineData(2, "s3/dev needs bucket_path: write bucket_path=…; 'sluice block types s3' explains the fields", "create", "s3/dev", "region=x")]
    [InlineData(2, "smb/dev needs share_path and smb_host", "create", "smb/dev")]
    [InlineData(2, "write fields as NAME=TEXT", "create", "s3/dev", "canary")]
    [InlineData(2, "there is no option '--overwite'. Did you mean '--overwrite'?", "create", "s3/dev", "bucket_path=b", "--overwite")]
    [InlineData(2, "region is given twice", "create", "s3/dev", "bucket_path=b", "region=x", "region=y")]
    [InlineData(2, "addressing_style is 'sideways', and it can be path, virtual", "create", "s3/dev", "bucket_path=b", "addressing_style=sideways")]
    [InlineData(2, "smb_port is 'x' and should be a whole number", "create", "smb/dev", "share_path=s", "smb_host=h", "smb_port=x")]
    [InlineData(2, "settings should be a JSON object, or be written settings.KEY=VALUE", "create", "remote-file-system/dev", "basepath=s3://b", "settings=[1]")]
    [InlineData(2, "the environment variable NO_SUCH_VARIABLE for region is not set", "create", "s3/dev", "bucket_path=b", "region=@env:NO_SUCH_VARIABLE")]
    [InlineData(2, "the file '/no/such/file' for region cannot be read", "create", "s3/dev", "bucket_path=b", "region=@file:/no/such/file")]
    [InlineData(2, "the value of region begins with '@', which stands before env: and file:", "create", "s3/dev", "bucket_path=b", "region=@ENV:X")]
    [InlineData(2, "standard input holds nothing for value", "create", "secret/dev")]
    [InlineData(2, "only one field can come from standard input", "create", "s3/dev", "bucket_path=b", "region=-", "profile=-")]
    [InlineData(2, "has a basepath of the scheme hdfs", "create", "remote-file-system/dev", "basepath=hdfs://n/x")]
    [InlineData(2, "names no bucket", "create", "s3/dev", "bucket_path=/")]
    [InlineData(1, "there is no block 's3/dve'. Did you mean 's3/dev'?", "inspect", "s3/dve")]
    [InlineData(1, "there is no block 's3/dve'", "delete", "s3/dve")]
    [InlineData(1, "there is no block 's3/dve'", "update", "s3/dve", "region=x")]
    [InlineData(1, "there is a block 's3/dev' already: write --overwrite to replace it", "create", "s3/dev", "bucket_path=b")]
    [InlineData(2, "s3/dev needs bucket_path", "update", "s3/dev", "bucket_path=")]
    [InlineData(2, "there is no type of blocks 'gsc'. Did you mean 'gcs'?", "types", "gsc")]
    public async Task Wrong_usage_is_explained_in_one_line(int exitCode, string expected, params string[] arguments)
    {
        if (expected.Contains("'s3/dev'", StringComparison.Ordinal) || arguments[0] == "update")
            (await _sluice.RunAsync("block", "create", "s3/dev", "bucket_path=b")).Succeeded();
        string error;
        if (arguments.Contains("region=-"))
        {
            await using ProgramRun run = _sluice.StartWithInput(["block", .. arguments]);
            await run.Process.StandardInput.WriteLineAsync("x");
            run.Process.StandardInput.Close();
            (await run.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(exitCode);
            error = run.Error;
        }
        else
        {
            error = (await _sluice.RunAsync(["block", .. arguments])).FailedWith(exitCode);
        }
        error.ShouldContain(expected);
        error.ShouldNotContain("canary");
    }

    [Fact]
    public async Task Types_explain_every_field()
    {
        (await _sluice.RunAsync("block", "types")).Succeeded().Output.ShouldContain("gitlab-repository");
        string s3 = (await _sluice.RunAsync("block", "types", "s3")).Succeeded().Output;
        s3.ShouldContain("bucket_path");
        s3.ShouldContain("required");
        s3.ShouldContain("One of path, virtual.");
        JsonElement json = (await _sluice.RunAsync("block", "types", "smb", "--output", "json")).Succeeded().Json;
        json.GetProperty("fields").Where("name", "smb_password").GetProperty("secret").GetBoolean().ShouldBeTrue();
        (await _sluice.RunAsync("block", "types", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(9);
    }

    [Fact]
    public async Task Settings_of_a_remote_file_system_are_given_one_by_one_or_as_JSON()
    {
        _sluice.With("TEST_SECRET", Canary);
        (await _sluice.RunAsync("block", "create", "remote-file-system/dev", "basepath=s3://my-bucket/flows", "settings.key=@env:TEST_SECRET", "settings.endpoint_url=http://127.0.0.1:9000")).Succeeded();
        JsonElement data = (await _sluice.RunAsync("block", "inspect", "remote-file-system/dev", "--output", "json")).Succeeded().Json.GetProperty("data");
        data.GetRawText().ShouldNotContain(Canary);
        await using Orchestration.IOrchestrationApi api = await _sluice.OpenApiAsync();
        (await api.FindBlockDocumentAsync("remote-file-system", "dev", includeSecrets: true, TestContext.Current.CancellationToken)).ShouldNotBeNull()
            .Data["settings"].GetProperty("key").GetString().ShouldBe(Canary);

        // One is changed, added and removed; the others stay, secrets too.
        (await _sluice.RunAsync("block", "update", "remote-file-system/dev", "settings.region=eu-central-1", "settings.endpoint_url=")).Succeeded();
        JsonElement settings = (await api.FindBlockDocumentAsync("remote-file-system", "dev", includeSecrets: true, TestContext.Current.CancellationToken)).ShouldNotBeNull().Data["settings"];
        settings.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()).ShouldBe(new Dictionary<string, string?> { ["key"] = Canary, ["region"] = "eu-central-1" }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_type_that_Prefect_registered_is_used_where_it_has_the_fields_and_masks_the_secrets()
    {
        Guid prefects;
        await using (Orchestration.IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            Orchestration.BlockType type = await api.CreateBlockTypeAsync(new() { Name = "S3", Slug = "s3" }, TestContext.Current.CancellationToken);
            // The fields of Prefect 2.10's own class.
            prefects = (await api.EnsureBlockSchemaAsync(
                new()
                {
                    BlockTypeId = type.Id,
                    Version = "2.10.21",
                    Fields = JsonElement.Parse("""{"title":"S3","type":"object","properties":{"bucket_path":{},"aws_access_key_id":{},"aws_secret_access_key":{}},"required":["bucket_path"],"block_type_slug":"s3","secret_fields":["aws_access_key_id","aws_secret_access_key"],"block_schema_references":{}}"""),
                },
                TestContext.Current.CancellationToken)).Id;
        }
        _sluice.With("TEST_SECRET", Canary);
        async Task<Guid> SchemaOfAsync(params string[] fields) =>
            (await _sluice.RunAsync(["block", "create", "s3/dev", "--overwrite", "--output", "json", "bucket_path=b", .. fields])).Succeeded().Json.GetProperty("block_schema_id").GetGuid();

        (await SchemaOfAsync("aws_secret_access_key=@env:TEST_SECRET")).ShouldBe(prefects);
        (await SchemaOfAsync("region=eu-central-1")).ShouldNotBe(prefects, "it does not know the field");
        (await SchemaOfAsync("aws_session_token=@env:TEST_SECRET")).ShouldNotBe(prefects, "it would show the secret");
        (await _sluice.RunAsync("block", "inspect", "s3/dev")).Succeeded().Output.ShouldNotContain(Canary);
        (await SchemaOfAsync()).ShouldNotBe(Guid.Empty);
    }

    [Fact]
    public async Task A_variable_is_set_read_changed_and_deleted()
    {
        (await _sluice.RunAsync("variable", "ls")).Succeeded().Error.ShouldContain("There are no variables");
        (await _sluice.RunAsync("variable", "set", "region", "eu-central-1", "--tag", "aws")).Succeeded();
        (await _sluice.RunAsync("variable", "set", "limits", """{"rows": 100}""")).Succeeded();
        (await _sluice.RunAsync("variable", "get", "region")).Succeeded().Output.ShouldBe("eu-central-1\n");
        (await _sluice.RunAsync("variable", "get", "limits")).Succeeded().Json.GetProperty("rows").GetInt32().ShouldBe(100);
        (await _sluice.RunAsync("variable", "set", "region", "x")).FailedWith(1).ShouldContain("there is a variable 'region' already: write --overwrite to change it");
        (await _sluice.RunAsync("variable", "set", "region", "12", "--overwrite")).Succeeded();
        JsonElement variable = (await _sluice.RunAsync("variable", "inspect", "region", "--output", "json")).Succeeded().Json;
        variable.GetProperty("value").GetInt32().ShouldBe(12);
        variable.GetProperty("tags")[0].GetString().ShouldBe("aws", "tags that are not given stay");
        (await _sluice.RunAsync("variable", "inspect", "limits")).Succeeded().Output.ShouldContain("rows");
        (await _sluice.RunAsync("variable", "ls", "--output", "json")).Succeeded().Json.EnumerateArray().Select(one => one.Text("name")).ShouldBe(["limits", "region"]);
        (await _sluice.RunAsync("variable", "get", "regoin")).FailedWith(1).ShouldContain("there is no variable 'regoin'. Did you mean 'region'?");
        (await _sluice.RunAsync("variable", "set", "Not A Name", "x")).FailedWith(1).ShouldContain("lowercase letters, numbers, and dashes or underscores");
        (await _sluice.RunAsync("variable", "unset", "region")).Succeeded();
        (await _sluice.RunAsync("variable", "delete", "limits")).Succeeded();
        (await _sluice.RunAsync("variable", "ls", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(0);
    }

    private void NoFileHolds(string text)
    {
        foreach (string file in Directory.EnumerateFiles(_sluice.Home.Root, "*", SearchOption.AllDirectories))
            File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)).ShouldBe(-1, file);
    }
}
