using System.Text;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Tests;

public sealed class BlockTests
{
    private const string Canary = "CANARY-at-rest-91f2";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_file_of_the_home_holds_the_values_of_a_block_in_plain_text()
    {
        await using Home home = await Home.OpenAsync();
        Guid id = await CreateAsync(home.Api);
        await home.Api.UpdateBlockDocumentAsync(id, new() { Data = Data($$"""{"more":"{{Canary}}"}""") }, Cancel);

        foreach (string file in Directory.EnumerateFiles(home.Where.Root, "*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Cancel);
            bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)).ShouldBe(-1, file);
        }
        (await home.Api.ReadBlockDocumentAsync(id, includeSecrets: true, Cancel)).ShouldNotBeNull().Data["more"].GetString().ShouldBe(Canary);
    }

    [Fact]
    public async Task The_key_is_its_owners_alone_and_another_process_reads_with_it()
    {
        await using Home home = await Home.OpenAsync();
        File.Exists(home.Where.EncryptionKey).ShouldBeFalse("a home without blocks needs none");
        Guid id = await CreateAsync(home.Api);

        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(home.Where.EncryptionKey).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        EmbeddedStore other = await home.OpenAnotherAsync();
        (await other.ReadBlockDocumentAsync(id, includeSecrets: true, Cancel)).ShouldNotBeNull().Data["value"].GetString().ShouldBe(Canary);
    }

    [Fact]
    public async Task Stores_that_make_the_key_at_once_agree_on_one()
    {
        await using Home home = await Home.OpenAsync();
        EmbeddedStore[] stores = [home.Api, await home.OpenAnotherAsync(), await home.OpenAnotherAsync(), await home.OpenAnotherAsync()];
        (BlockType type, BlockSchema schema) = await TypeAsync(home.Api);
        BlockDocument[] made = await Task.WhenAll(stores.Select((store, i) => store.CreateBlockDocumentAsync(
            new() { Name = $"b{i}", BlockTypeId = type.Id, BlockSchemaId = schema.Id, Data = Data("""{"value":"x"}""") }, Cancel)));

        EmbeddedStore fresh = await home.OpenAnotherAsync();
        foreach (BlockDocument block in made)
            (await fresh.ReadBlockDocumentAsync(block.Id, includeSecrets: true, Cancel)).ShouldNotBeNull().Data["value"].GetString().ShouldBe("x");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    public async Task A_block_whose_key_is_lost_says_so_and_can_still_be_deleted(string? anotherKey)
    {
        await using Home home = await Home.OpenAsync();
        Guid id = await CreateAsync(home.Api);
        File.Delete(home.Where.EncryptionKey);
        if (anotherKey is not null)
            await File.WriteAllTextAsync(home.Where.EncryptionKey, anotherKey, Cancel);
        EmbeddedStore store = await home.OpenAnotherAsync();

        OrchestrationException e = await Should.ThrowAsync<OrchestrationException>(() => store.ReadBlockDocumentAsync(id, includeSecrets: true, Cancel));
        e.Kind.ShouldBe(OrchestrationErrorKind.Storage);
        e.Message.ShouldContain("secret/token");
        e.Message.ShouldContain(home.Where.EncryptionKey);
        (await store.FindBlockDocumentAsync("secret", "token", includeSecrets: false, Cancel)).ShouldNotBeNull().Data.ShouldBeEmpty();
        (await store.DeleteBlockDocumentAsync(id, Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_lost_key_is_not_replaced_while_there_are_blocks_that_need_it()
    {
        await using Home home = await Home.OpenAsync();
        Guid id = await CreateAsync(home.Api);
        byte[] key = await File.ReadAllBytesAsync(home.Where.EncryptionKey, Cancel);
        File.Delete(home.Where.EncryptionKey);
        BlockDocument lost = (await home.Api.ReadBlockDocumentAsync(id, includeSecrets: false, Cancel)).ShouldNotBeNull();
        var next = new BlockDocumentCreate { Name = "next", BlockTypeId = lost.BlockTypeId, BlockSchemaId = lost.BlockSchemaId, Data = Data("""{"value":"x"}""") };

        EmbeddedStore store = await home.OpenAnotherAsync();
        OrchestrationException e = await Should.ThrowAsync<OrchestrationException>(() => store.CreateBlockDocumentAsync(next, Cancel));
        e.Kind.ShouldBe(OrchestrationErrorKind.Storage);
        e.Message.ShouldContain($"{home.Where.EncryptionKey}, is gone");
        await Should.ThrowAsync<OrchestrationException>(() => store.UpdateBlockDocumentAsync(id, new() { Data = next.Data, MergeExistingData = false }, Cancel));
        File.Exists(home.Where.EncryptionKey).ShouldBeFalse();

        await File.WriteAllBytesAsync(home.Where.EncryptionKey, key, Cancel);
        await store.CreateBlockDocumentAsync(next, Cancel);
        (await store.ReadBlockDocumentAsync(id, includeSecrets: true, Cancel)).ShouldNotBeNull().Data["value"].GetString().ShouldBe(Canary);
    }

    [Fact]
    public async Task A_new_key_is_made_when_the_blocks_of_a_lost_one_are_deleted()
    {
        await using Home home = await Home.OpenAsync();
        Guid id = await CreateAsync(home.Api);
        File.Delete(home.Where.EncryptionKey);
        EmbeddedStore store = await home.OpenAnotherAsync();
        BlockDocument lost = (await store.ReadBlockDocumentAsync(id, includeSecrets: false, Cancel)).ShouldNotBeNull();
        await store.DeleteBlockDocumentAsync(id, Cancel);

        BlockDocument made = await store.CreateBlockDocumentAsync(new() { Name = "next", BlockTypeId = lost.BlockTypeId, BlockSchemaId = lost.BlockSchemaId, Data = Data("""{"value":"x"}""") }, Cancel);
        (await store.ReadBlockDocumentAsync(made.Id, includeSecrets: true, Cancel)).ShouldNotBeNull().Data["value"].GetString().ShouldBe("x");
    }

    [Fact]
    public async Task A_damaged_key_file_is_said_and_never_replaced()
    {
        await using Home home = await Home.OpenAsync();
        await File.WriteAllTextAsync(home.Where.EncryptionKey, "no key", Cancel);

        OrchestrationException e = await Should.ThrowAsync<OrchestrationException>(() => CreateAsync(home.Api));
        e.Message.ShouldContain("32 bytes in base64");
        (await File.ReadAllTextAsync(home.Where.EncryptionKey, Cancel)).ShouldBe("no key");
    }

    private static async Task<Guid> CreateAsync(EmbeddedStore store)
    {
        (BlockType type, BlockSchema schema) = await TypeAsync(store);
        BlockDocument made = await store.CreateBlockDocumentAsync(
            new() { Name = "token", BlockTypeId = type.Id, BlockSchemaId = schema.Id, Data = Data($$"""{"value":"{{Canary}}"}""") }, Cancel);
        return made.Id;
    }

    private static async Task<(BlockType Type, BlockSchema Schema)> TypeAsync(EmbeddedStore store)
    {
        BlockType type = await store.CreateBlockTypeAsync(new() { Name = "Secret", Slug = "secret" }, Cancel);
        return (type, await store.EnsureBlockSchemaAsync(new() { BlockTypeId = type.Id, Fields = JsonElement.Parse("""{"secret_fields":["value"]}""") }, Cancel));
    }

    private static Dictionary<string, JsonElement> Data(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
}
