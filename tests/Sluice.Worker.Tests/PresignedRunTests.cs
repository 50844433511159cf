using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Blocks;
using Sluice.Storage.Secrets;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Tests;

/// <summary>Which variables of the worker a run gets that pulls its package by presigned URLs.</summary>
public sealed class PresignedRunTests
{
    private static readonly string s_digest = new('a', 64);

    [Fact]
    public async Task What_a_block_refers_to_is_taken_away_as_what_the_storage_itself_refers_to()
    {
        var blocks = new OnceBlock(new("remote-file-system", "dev", JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
            """{"basepath":"sftp://host/folder","settings":{"username":"me","password":"${PASSWORD_OF_STORE}","deep":{"token":"${TOKEN_OF_STORE}"},"note":"a $HOME of one"}}""")!));
        Dictionary<string, string?> environment = Environment("PASSWORD_OF_STORE", "TOKEN_OF_STORE", "HOME", "AWS_SECRET_ACCESS_KEY");

        await Should.ThrowAsync<LaunchException>(() => PrepareAsync($"block://remote-file-system/dev/flows#sha256={s_digest}", environment, blocks));

        environment.Keys.ShouldBe(["HOME"]);
    }

    [Fact]
    public async Task A_source_keeps_what_the_run_fetches_it_with()
    {
        Dictionary<string, string?> environment = Environment("AWS_SECRET_ACCESS_KEY", "GIT_TOKEN");

        await PrepareAsync($"codecommit://flows?region=eu-west-1&path=flow.cs#commit={s_digest[..40]}", environment, NoBlock.Instance);
        await PrepareAsync($"github://acme/flows?access_token=${{GIT_TOKEN}}&path=flow.cs#commit={s_digest[..40]}", environment, NoBlock.Instance);

        environment.Keys.ShouldBe(["AWS_SECRET_ACCESS_KEY", "GIT_TOKEN"]);
    }

    private static Dictionary<string, string?> Environment(params string[] names) => names.ToDictionary(name => name, _ => (string?)"canary");

    private static Task PrepareAsync(string reference, Dictionary<string, string?> environment, IBlockSource blocks) => new PresignedRuns(new(EnvironmentSecrets.Only, blocks)).PrepareAsync(
        new RunRequest(new FlowRun { Id = Guid.NewGuid(), Name = "bare", FlowId = Guid.NewGuid() }, null, JobVariables.Merge(), new Dictionary<string, string?>(), (_, _) => Task.CompletedTask), reference, environment, default);

    /// <summary>Answers once, and is out of reach when the store asks.</summary>
    private sealed class OnceBlock(StorageBlock block) : IBlockSource
    {
        private StorageBlock? _block = block;

        public ValueTask<StorageBlock?> FindAsync(string type, string name, CancellationToken cancellationToken) =>
            new(Interlocked.Exchange(ref _block, null) ?? throw new StorageException(StorageErrorKind.Unavailable, "No server answers."));
    }

    private sealed class NoBlock : IBlockSource
    {
        public static readonly NoBlock Instance = new();

        public ValueTask<StorageBlock?> FindAsync(string type, string name, CancellationToken cancellationToken) => default;
    }
}
