using System.Text.Json;

namespace Sluice.Orchestration.Tests.Contract;

public sealed class BlockContract(ApiDoors doors) : ContractTest(doors)
{
    private const string Canary = "CANARY-block-5b1d";

    [Theory, AllDoors]
    public async Task A_block_keeps_its_values_and_shows_secrets_only_when_asked(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, BlockSchema schema) = await NewTypeAsync(api);
        BlockDocument made = await api.CreateBlockDocumentAsync(Block(type, schema, "dev-bucket", $$"""{"bucket_path":"dev/flows","secret":"{{Canary}}","nested":{"key":"{{Canary}}","plain":[1,null,"Zürich"]},"empty":null}"""), Cancel);

        made.Name.ShouldBe("dev-bucket");
        made.BlockTypeId.ShouldBe(type.Id);
        made.BlockSchema.ShouldNotBeNull().Checksum.ShouldBe(schema.Checksum);
        made.BlockType.ShouldNotBeNull().Slug.ShouldBe(type.Slug);
        BlockDocument masked = (await api.FindBlockDocumentAsync(type.Slug, "dev-bucket", includeSecrets: false, Cancel)).ShouldNotBeNull();
        foreach (BlockDocument shown in new[] { made, masked, (await api.ReadBlockDocumentAsync(made.Id, includeSecrets: false, Cancel)).ShouldNotBeNull() })
        {
            shown.Data["secret"].GetString().ShouldBe(BlockDocument.Mask);
            shown.Data["nested"].GetProperty("key").GetString().ShouldBe(BlockDocument.Mask);
            JsonElement.DeepEquals(shown.Data["nested"].GetProperty("plain"), Json("""[1,null,"Zürich"]""")).ShouldBeTrue();
            shown.Data["bucket_path"].GetString().ShouldBe("dev/flows");
        }

        foreach (BlockDocument open in new[]
        {
            (await api.FindBlockDocumentAsync(type.Slug, "dev-bucket", includeSecrets: true, Cancel)).ShouldNotBeNull(),
            (await api.ReadBlockDocumentAsync(made.Id, includeSecrets: true, Cancel)).ShouldNotBeNull(),
        })
        {
            open.Data["secret"].GetString().ShouldBe(Canary);
            open.Data["nested"].GetProperty("key").GetString().ShouldBe(Canary);
        }
    }

    [Theory, AllDoors]
    public async Task What_does_not_exist_is_null_and_deleting_it_answers_false(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, BlockSchema schema) = await NewTypeAsync(api);
        (await api.FindBlockTypeAsync("no-such-type", Cancel)).ShouldBeNull();
        (await api.FindBlockSchemaAsync("sha256:00", "1", Cancel)).ShouldBeNull();
        (await api.FindBlockDocumentAsync(type.Slug, "none", includeSecrets: true, Cancel)).ShouldBeNull();
        (await api.FindBlockDocumentAsync("no-such-type", "none", includeSecrets: true, Cancel)).ShouldBeNull();
        (await api.ReadBlockDocumentAsync(Guid.NewGuid(), includeSecrets: true, Cancel)).ShouldBeNull();
        (await api.DeleteBlockDocumentAsync(Guid.NewGuid(), Cancel)).ShouldBeFalse();

        BlockDocument made = await api.CreateBlockDocumentAsync(Block(type, schema, "gone", "{}"), Cancel);
        (await api.DeleteBlockDocumentAsync(made.Id, Cancel)).ShouldBeTrue();
        (await api.ReadBlockDocumentAsync(made.Id, includeSecrets: true, Cancel)).ShouldBeNull();
        (await api.DeleteBlockTypeAsync(type.Id, Cancel)).ShouldBeTrue();
        (await api.DeleteBlockTypeAsync(type.Id, Cancel)).ShouldBeFalse();
        (await api.ListBlockSchemasAsync(new() { BlockSchemas = new() { BlockTypeId = new() { Any = [type.Id] } } }, Cancel)).ShouldBeEmpty();
    }

    [Theory, AllDoors]
    public async Task A_schema_of_the_same_fields_is_the_same_and_another_one_is_added(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, BlockSchema schema) = await NewTypeAsync(api);

        (await api.EnsureBlockSchemaAsync(new() { BlockTypeId = type.Id, Fields = schema.Fields, Capabilities = ["get-directory"], Version = "1" }, Cancel)).Id.ShouldBe(schema.Id);
        BlockSchema wider = await api.EnsureBlockSchemaAsync(new() { BlockTypeId = type.Id, Fields = Fields(type.Slug, """{"more":{"type":"string"}}"""), Version = "1" }, Cancel);

        wider.Id.ShouldNotBe(schema.Id);
        wider.Checksum.ShouldStartWith("sha256:");
        (await api.FindBlockSchemaAsync(wider.Checksum, "1", Cancel)).ShouldNotBeNull().Id.ShouldBe(wider.Id);
        (await api.FindBlockSchemaAsync(wider.Checksum, null, Cancel)).ShouldNotBeNull().Id.ShouldBe(wider.Id);
        (await api.ListBlockSchemasAsync(new() { BlockSchemas = new() { BlockTypeId = new() { Any = [type.Id] } } }, Cancel)).Select(s => s.Id).ShouldBe([wider.Id, schema.Id], "newest first");
    }

    [Theory, AllDoors]
    public async Task Changing_a_block_merges_unless_told_otherwise_and_a_mask_sent_back_keeps_the_secret(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, BlockSchema schema) = await NewTypeAsync(api);
        Guid id = (await api.CreateBlockDocumentAsync(Block(type, schema, "b", $$"""{"bucket_path":"old","secret":"{{Canary}}"}"""), Cancel)).Id;

        await api.UpdateBlockDocumentAsync(id, new() { Data = Object($$"""{"bucket_path":"new","secret":"{{BlockDocument.Mask}}"}""") }, Cancel);
        BlockDocument merged = (await api.ReadBlockDocumentAsync(id, includeSecrets: true, Cancel)).ShouldNotBeNull();
        merged.Data["bucket_path"].GetString().ShouldBe("new");
        merged.Data["secret"].GetString().ShouldBe(Canary);

        await api.UpdateBlockDocumentAsync(id, new() { Data = Object("""{"secret":"another"}"""), MergeExistingData = false }, Cancel);
        (await api.ReadBlockDocumentAsync(id, includeSecrets: true, Cancel)).ShouldNotBeNull().Data.Keys.ShouldBe(["secret"]);
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpdateBlockDocumentAsync(Guid.NewGuid(), new() { Data = Object("{}") }, Cancel));
    }

    [Theory, AllDoors]
    public async Task A_mask_sent_back_within_an_object_keeps_the_secret(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, BlockSchema schema) = await NewTypeAsync(api);
        Guid id = (await api.CreateBlockDocumentAsync(
            Block(type, schema, "b", $$"""{"nested":{"key":"{{Canary}}-1","plain":1},"settings":{"user":"{{Canary}}-2","more":{"deep":"{{Canary}}-3"},"gone":"x"} }"""), Cancel)).Id;
        BlockDocument shown = (await api.ReadBlockDocumentAsync(id, includeSecrets: false, Cancel)).ShouldNotBeNull();
        shown.Data["settings"].GetProperty("user").GetString().ShouldBe(BlockDocument.Mask);

        await api.UpdateBlockDocumentAsync(id, new()
        {
            Data = Object($$"""{"nested":{"key":"{{BlockDocument.Mask}}","plain":2},"settings":{"user":"{{BlockDocument.Mask}}","more":{{shown.Data["settings"].GetProperty("more").GetRawText()}},"added":"y"} }"""),
        }, Cancel);

        BlockDocument kept = (await api.ReadBlockDocumentAsync(id, includeSecrets: true, Cancel)).ShouldNotBeNull();
        JsonElement.DeepEquals(kept.Data["nested"], Json($$"""{"key":"{{Canary}}-1","plain":2}""")).ShouldBeTrue();
        JsonElement.DeepEquals(kept.Data["settings"], Json($$"""{"user":"{{Canary}}-2","more":{"deep":"{{Canary}}-3"},"added":"y"}""")).ShouldBeTrue();
    }

    [Theory, AllDoors]
    public async Task A_taken_name_is_a_conflict_and_a_name_with_other_characters_is_refused(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, BlockSchema schema) = await NewTypeAsync(api);
        await api.CreateBlockDocumentAsync(Block(type, schema, "taken", "{}"), Cancel);

        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.CreateBlockDocumentAsync(Block(type, schema, "taken", "{}"), Cancel));
        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.CreateBlockTypeAsync(new() { Name = type.Name, Slug = type.Slug }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Forbidden, () => api.CreateBlockTypeAsync(new() { Name = "Prefect's own", Slug = "prefects-own" }, Cancel));
        foreach (string name in new[] { "MY_TOKEN", "a b", "ä", "a/b" })
            await FailsAsync(OrchestrationErrorKind.Invalid, () => api.CreateBlockDocumentAsync(Block(type, schema, name, "{}"), Cancel));
    }

    [Theory, AllDoors]
    public async Task Blocks_are_listed_by_name_with_filters_and_pages_and_without_anonymous_ones(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, BlockSchema schema) = await NewTypeAsync(api);
        foreach (string name in new[] { "c", "a", "b" })
            await api.CreateBlockDocumentAsync(Block(type, schema, name, $$"""{"secret":"{{Canary}}"}"""), Cancel);
        BlockDocument anonymous = await api.CreateBlockDocumentAsync(new() { BlockTypeId = type.Id, BlockSchemaId = schema.Id, Data = Object("{}"), IsAnonymous = true }, Cancel);
        anonymous.Name.ShouldNotBeNull().ShouldStartWith("anonymous-");
        BlockDocumentsQuery ofType = new() { BlockTypes = new() { Slug = new() { Any = [type.Slug] } } };

        IReadOnlyList<BlockDocument> listed = await api.ListBlockDocumentsAsync(ofType, Cancel);
        listed.Select(block => block.Name).ShouldBe(["a", "b", "c"]);
        listed.ShouldAllBe(block => block.Data["secret"].GetString() == BlockDocument.Mask);
        (await api.ListBlockDocumentsAsync(ofType with { Limit = 1, Offset = 1 }, Cancel)).ShouldHaveSingleItem().Name.ShouldBe("b");
        (await api.ListBlockDocumentsAsync(ofType with { IncludeSecrets = true, Limit = 1 }, Cancel)).ShouldHaveSingleItem().Data["secret"].GetString().ShouldBe(Canary);
        (await api.ListBlockDocumentsAsync(ofType with { BlockDocuments = new() { IsAnonymous = new() { Eq = true } } }, Cancel)).ShouldHaveSingleItem().Id.ShouldBe(anonymous.Id);
        (await api.ListBlockDocumentsAsync(new() { BlockDocuments = new() { Name = new() { Any = ["b"] }, BlockTypeId = new() { Any = [type.Id] } } }, Cancel)).ShouldHaveSingleItem().Name.ShouldBe("b");
        (await api.ListBlockTypesAsync(new() { BlockTypes = new() { Slug = new() { Any = [type.Slug] } } }, Cancel)).ShouldHaveSingleItem().Id.ShouldBe(type.Id);
    }

    [Theory, AllDoors]
    public async Task A_block_that_refers_to_another_shows_its_values_and_its_secrets_only_when_asked(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, BlockSchema schema) = await NewTypeAsync(api);
        BlockDocument credentials = await api.CreateBlockDocumentAsync(Block(type, schema, "credentials", $$"""{"secret":"{{Canary}}","url":"https://git.example"}"""), Cancel);
        string reference = $$"""{"$ref":{"block_document_id":"{{credentials.Id}}"} }""";
        Guid id = (await api.CreateBlockDocumentAsync(Block(type, schema, "repository", $"{{\"repository\":\"r\",\"credentials\":{reference}}}"), Cancel)).Id;

        BlockDocument open = (await api.ReadBlockDocumentAsync(id, includeSecrets: true, Cancel)).ShouldNotBeNull();
        open.Data["credentials"].GetProperty("secret").GetString().ShouldBe(Canary);
        open.BlockDocumentReferences["credentials"].GetProperty("block_document").GetProperty("id").GetGuid().ShouldBe(credentials.Id);
        BlockDocument masked = (await api.FindBlockDocumentAsync(type.Slug, "repository", includeSecrets: false, Cancel)).ShouldNotBeNull();
        masked.Data["credentials"].GetProperty("secret").GetString().ShouldBe(BlockDocument.Mask);
        masked.Data["credentials"].GetProperty("url").GetString().ShouldBe("https://git.example");

        await api.UpdateBlockDocumentAsync(credentials.Id, new() { Data = Object("""{"url":"https://other.example"}""") }, Cancel);
        (await api.ReadBlockDocumentAsync(id, includeSecrets: false, Cancel)).ShouldNotBeNull().Data["credentials"].GetProperty("url").GetString().ShouldBe("https://other.example");
    }

    [Theory, MemberData(nameof(ApiDoors.Ours), MemberType = typeof(ApiDoors))]
    public async Task References_that_lead_nowhere_or_in_a_circle_do_no_harm(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, BlockSchema schema) = await NewTypeAsync(api);
        string To(Guid id) => $$"""{"other":{"$ref":{"block_document_id":"{{id}}"} } }""";
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.CreateBlockDocumentAsync(Block(type, schema, "a", To(Guid.NewGuid())), Cancel));
        Guid first = (await api.CreateBlockDocumentAsync(Block(type, schema, "b", "{}"), Cancel)).Id;
        Guid second = (await api.CreateBlockDocumentAsync(Block(type, schema, "c", To(first)), Cancel)).Id;
        await api.UpdateBlockDocumentAsync(first, new() { Data = Object(To(second)) }, Cancel);
        (await api.ReadBlockDocumentAsync(first, includeSecrets: true, Cancel)).ShouldNotBeNull().Data.ContainsKey("other").ShouldBeTrue();

        (await api.DeleteBlockDocumentAsync(second, Cancel)).ShouldBeTrue();
        (await api.ReadBlockDocumentAsync(first, includeSecrets: true, Cancel)).ShouldNotBeNull().Data.ShouldBeEmpty();
    }

    [Theory, AllDoors]
    public async Task A_type_is_described_anew_without_losing_what_is_not_named(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        (BlockType type, _) = await NewTypeAsync(api);
        await api.UpdateBlockTypeAsync(type.Id, new() { Description = "new", LogoUrl = type.LogoUrl, DocumentationUrl = type.DocumentationUrl, CodeExample = type.CodeExample }, Cancel);

        BlockType read = (await api.FindBlockTypeAsync(type.Slug, Cancel)).ShouldNotBeNull();
        read.Description.ShouldBe("new");
        read.DocumentationUrl.ShouldBe(type.DocumentationUrl);
        read.Name.ShouldBe(type.Name);
    }

    private static async Task<(BlockType Type, BlockSchema Schema)> NewTypeAsync(IOrchestrationApi api)
    {
        string slug = $"test-{Guid.NewGuid():N}-{ApiDoors.Mark}";
        BlockType type = await api.CreateBlockTypeAsync(new() { Name = slug, Slug = slug, Description = "d", DocumentationUrl = "https://docs.example/blocks", LogoUrl = "https://docs.example/logo.png", CodeExample = "c" }, Cancel);
        return (type, await api.EnsureBlockSchemaAsync(new() { BlockTypeId = type.Id, Fields = Fields(slug, """{"bucket_path":{"type":"string"}}"""), Capabilities = ["get-directory"], Version = "1" }, Cancel));
    }

    private static JsonElement Fields(string slug, string properties) => Json(
        $$"""{"title":"Test","type":"object","properties":{{properties}},"block_type_slug":"{{slug}}","secret_fields":["secret","nested.key","empty","settings.*"]}""");

    private static BlockDocumentCreate Block(BlockType type, BlockSchema schema, string name, string data) =>
        new() { Name = name, BlockTypeId = type.Id, BlockSchemaId = schema.Id, Data = Object(data) };
}
