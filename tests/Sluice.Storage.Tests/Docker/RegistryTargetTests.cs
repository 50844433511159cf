using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Sluice.Storage.Docker;
using Sluice.Testing;
using Sluice.Testing.Containers;

namespace Sluice.Storage.Tests.Docker;

/// <summary>Images in a real registry with users and passwords, and in the ways of a network.</summary>
[Collection(nameof(ImageServers))]
public sealed class RegistryTargetTests(ImageServers servers) : ImageTargetContract(servers)
{
    private readonly string _team = "team-" + Guid.NewGuid().ToString("N")[..8];

    protected override string Location(string options = "") => $"docker://{Servers.Registry.Host}/{_team}?{options}";

    private string Signed(int port, string secret = "REGISTRY_PASSWORD") => $"docker://127.0.0.1:{port}/{_team}?base_image={Servers.Base}&username={ContainerRegistry.User}&password=${{{secret}}}";

    protected override async Task<(IReadOnlyDictionary<string, string> Labels, string[] Entrypoint, string[] Environment, string[] Files)> LookAsync(PublishedImage image)
    {
        using HttpClient client = Servers.Registry.Client();
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.oci.image.manifest.v1+json"));
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.docker.distribution.manifest.v2+json"));
        string repository = image.Reference[(Servers.Registry.Host.Length + 1)..].Split('@')[0], digest = image.Reference.Split('@')[1];
        JsonElement manifest = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri($"/v2/{repository}/manifests/{digest}", UriKind.Relative))).RootElement;
        JsonElement config = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri($"/v2/{repository}/blobs/{manifest.GetProperty("config").GetProperty("digest").GetString()}", UriKind.Relative))).RootElement.GetProperty("config");
        var files = new List<string>();
        await using (Stream layer = await client.GetStreamAsync(new Uri($"/v2/{repository}/blobs/{manifest.GetProperty("layers").EnumerateArray().Last().GetProperty("digest").GetString()}", UriKind.Relative)))
        await using (var tar = new TarReader(new GZipStream(layer, CompressionMode.Decompress)))
        {
            while (await tar.GetNextEntryAsync() is { } entry)
            {
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                    files.Add("/" + entry.Name.TrimStart('/'));
            }
        }
        return (config.GetProperty("Labels").Deserialize<Dictionary<string, string>>()!, config.GetProperty("Entrypoint").Deserialize<string[]>()!, config.GetProperty("Env").Deserialize<string[]>()!, [.. files.Order(StringComparer.Ordinal)]);
    }

    protected override async Task DeleteAsync(PublishedImage image)
    {
        using HttpClient client = Servers.Registry.Client();
        string repository = image.Reference[(Servers.Registry.Host.Length + 1)..].Split('@')[0], digest = image.Reference.Split('@')[1];
        (await client.DeleteAsync(new Uri($"/v2/{repository}/manifests/{digest}", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_deployment_names_the_image_by_its_digest_whatever_becomes_of_the_tag()
    {
        await using IImageTarget target = Open("&image_tag=latest");
        PublishedImage first = await target.PublishAsync(await DraftAsync(), Cancel);
        first.Reference.ShouldMatch($"^{Servers.Registry.Host}/{_team}/weather-report@sha256:[0-9a-f]{{64}}$");

        PublishedImage second = await target.PublishAsync(await DraftAsync("changed"), Cancel);

        second.Reference.ShouldNotBe(first.Reference);
        (await LookAsync(first)).Labels["sluice.package"].ShouldNotBe((await LookAsync(second)).Labels["sluice.package"]);
    }

    /// <summary>What cannot be read is not looked at again: the image that is kept is started as it was the first time.</summary>
    [Fact]
    public async Task An_image_that_is_kept_keeps_its_command_where_the_PATH_of_its_base_could_not_be_read()
    {
        // The first connection finds out whether the registry speaks TLS, the second asks for the base image.
        await using var proxy = new FaultProxy(Servers.Registry.Port, connection => connection == 2 ? new Fault(Answer: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") : null);
        ContainerRegistry.Trust(proxy.Port);
        string location = Signed(proxy.Port).Replace($"base_image={Servers.Registry.Host}", $"base_image=127.0.0.1:{proxy.Port}", StringComparison.Ordinal);
        ImageDraft draft = await NativeDraftAsync();
        await using IImageTarget target = ImageTargets.Open(location, Servers.Secrets, Time);

        PublishedImage made = await target.PublishAsync(draft, Cancel);

        made.Command.ShouldBe(["dotnet", "/app/Weather.dll"]);
        made.WithoutPrefect.ShouldBe($"the PATH of the base image 127.0.0.1:{proxy.Port}/base/tiny:1 could not be read: set it by the project's ContainerEnvironmentVariable items");
        PublishedImage kept = (await target.FindAsync(draft, [made.Reference], Cancel)).ShouldNotBeNull();
        (kept.IsNew, string.Join(' ', kept.Command), kept.WithoutPrefect).ShouldBe((false, "dotnet /app/Weather.dll", made.WithoutPrefect));
    }

    [Fact]
    public async Task A_secret_of_the_URI_signs_in_and_shows_nowhere()
    {
        await using IImageTarget target = ImageTargets.Open(Signed(Servers.Registry.Port), Servers.Secrets, Time);
        ImageDraft draft = await DraftAsync();
        await target.CheckAsync(draft, Cancel);
        PublishedImage image = await target.PublishAsync(draft, Cancel);
        (image.ToString() + target.Location + target.Description).ShouldNotContain("CANARY");
        string labels = string.Join(' ', (await LookAsync(image)).Labels);
        labels.ShouldNotContain("CANARY");
    }

    [Fact]
    public async Task One_image_for_several_processors_is_an_index_of_them()
    {
        string several = await BaseImage.PushTinyAsync(Servers.Registry, "amd64", "arm64");
        ImageDraft draft = await DraftAsync() with { Settings = new() { RuntimeIdentifiers = "linux-x64;linux-arm64" } };
        await using IImageTarget target = ImageTargets.Open(Location($"base_image={several}"), Servers.Secrets, Time);

        PublishedImage image = await target.PublishAsync(draft, Cancel);

        using HttpClient client = Servers.Registry.Client();
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.oci.image.index.v1+json"));
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.docker.distribution.manifest.list.v2+json"));
        JsonElement index = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri($"/v2/{_team}/weather-report/manifests/{image.Reference.Split('@')[1]}", UriKind.Relative))).RootElement;
        index.GetProperty("manifests").EnumerateArray().Select(one => one.GetProperty("platform").GetProperty("architecture").GetString()).ShouldBe(["amd64", "arm64"], ignoreOrder: true);
        (await target.FindAsync(draft, [image.Reference], Cancel)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_wrong_password_none_and_an_unknown_host_are_told_apart()
    {
        await FailsAsync(Signed(Servers.Registry.Port, "WRONG"), StorageErrorKind.Forbidden, $"Cannot push to {Servers.Registry.Host}/{_team}/weather-report: the registry refused the user '{ContainerRegistry.User}' (401): the password or token is wrong");
        await using var proxy = new FaultProxy(Servers.Registry.Port, _ => null);
        ContainerRegistry.Trust(proxy.Port);
        // Docker's configuration has no entry for this address.
        await FailsAsync($"docker://127.0.0.1:{proxy.Port}/{_team}", StorageErrorKind.Forbidden, $"the registry wants credentials (401). Run docker login 127.0.0.1:{proxy.Port}");
        await FailsAsync("docker://no-such-registry.invalid/team", StorageErrorKind.Unavailable, "there is no host 'no-such-registry.invalid'");
        int nobody = FreePort.Take(1)[0];
        ContainerRegistry.Trust(nobody);
        await FailsAsync($"docker://127.0.0.1:{nobody}/team", StorageErrorKind.Unavailable, "cannot be reached");
    }

    [Fact]
    public async Task A_registry_that_takes_no_images_says_so_before_anything_is_made()
    {
        await using ContainerRegistry registry = await ContainerRegistry.StartAsync(ImageServers.Canary, readOnly: true);
        await FailsAsync(Signed(registry.Port), StorageErrorKind.Forbidden, "the registry takes no images (405");
    }

    [Theory]
    [InlineData("403 Forbidden", """{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}""", StorageErrorKind.Forbidden, "lets the user 'deploy' read at most (403: DENIED, requested access to the resource is denied)")]
    [InlineData("507 Insufficient Storage", "full", StorageErrorKind.Full, "no space left, or its quota is used up (507)")]
    [InlineData("404 Not Found", """{"errors":[{"code":"NAME_UNKNOWN"}]}""", StorageErrorKind.NotFound, "has no such repository and makes none (404: NAME_UNKNOWN)")]
    [InlineData("503 Service Unavailable", "", StorageErrorKind.Unavailable, "the registry is failing (503)")]
    [InlineData("429 Too Many Requests", "", StorageErrorKind.Unavailable, "wants fewer requests (429)")]
    public async Task A_refusal_is_explained(string status, string body, StorageErrorKind kind, string says)
    {
        // The first connection finds out whether the registry speaks TLS.
        await using var proxy = new FaultProxy(Servers.Registry.Port, connection => connection == 1 ? null : new Fault(Answer: $"HTTP/1.1 {status}\r\nRetry-After: 0\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        ContainerRegistry.Trust(proxy.Port);
        await FailsAsync(Signed(proxy.Port), kind, says);
    }

    private const string TokenFirst = "401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"s\"";

    [Theory]
    [InlineData("is no answer of a registry", "200 OK", "<html>Sign in</html>")]
    [InlineData("is no answer of a registry", "200 OK", "")]
    [InlineData("gave no token", TokenFirst, "", "200 OK", "<html>Sign in</html>")]
    [InlineData("gave no token", TokenFirst, "", "200 OK", "[]")]
    [InlineData("gave no token", TokenFirst, "", "200 OK", """{"token":7}""")]
    [InlineData(null, "200 OK", """{"schemaVersion":1,"name":"team/report","fsLayers":[]}""")]
    [InlineData(null, "200 OK", "[]")]
    [InlineData(null, "200 OK", """{"config":"x"}""")]
    [InlineData(null, "200 OK", """{"config":{"digest":7}}""")]
    [InlineData(null, "200 OK", """{"manifests":{}}""")]
    [InlineData(null, "200 OK", """{"manifests":[{"platform":{}}]}""")]
    [InlineData(null, "200 OK", """{"config":{"digest":"sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"}}""", "200 OK", "[]")]
    public async Task Odd_answers_are_no_image_of_ours_or_said_in_one_line(string? says, params string[] answers)
    {
        int port = 0;
        // The first connection finds out whether the registry speaks TLS.
        await using var proxy = new FaultProxy(Servers.Registry.Port, connection =>
        {
            if (connection == 1)
                return null;
            int answer = Math.Min((connection - 2) * 2, answers.Length - 2);
            string head = answers[answer].Replace("{port}", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal), body = answers[answer + 1];
            return new Fault(Answer: $"HTTP/1.1 {head}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
        });
        port = proxy.Port;
        ContainerRegistry.Trust(port);
        await using IImageTarget target = ImageTargets.Open(Signed(port), Servers.Secrets);
        ImageDraft draft = await DraftAsync();
        if (says is null)
        {
            (await target.FindAsync(draft, [$"127.0.0.1:{port}/{_team}/weather-report:1"], Cancel)).ShouldBeNull();
            return;
        }
        StorageException e = await Should.ThrowAsync<StorageException>(() => target.FindAsync(draft, [$"127.0.0.1:{port}/{_team}/weather-report:1"], Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Unavailable);
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("\n");
        e.ToString().ShouldNotContain("CANARY");
    }

    [Fact]
    public async Task What_fails_for_a_while_is_tried_again()
    {
        const string busy = "HTTP/1.1 503 Not now\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        await using var proxy = new FaultProxy(Servers.Registry.Port, connection => connection switch { 2 or 3 => new Fault(Answer: busy), 5 or 7 => new Fault(CutAfterUp: 300), 9 => new Fault(CutAfterDown: 100), _ => null });
        ContainerRegistry.Trust(proxy.Port);
        ImageDraft draft = await DraftAsync();
        await using IImageTarget target = ImageTargets.Open(Signed(proxy.Port), Servers.Secrets);
        await target.CheckAsync(draft, Cancel);

        PublishedImage image = await target.PublishAsync(draft, Cancel);

        image.Reference.ShouldStartWith($"127.0.0.1:{proxy.Port}/{_team}/weather-report@sha256:");
        (await LookAsync(image with { Reference = image.Reference.Replace($"127.0.0.1:{proxy.Port}", Servers.Registry.Host, StringComparison.Ordinal) })).Files.ShouldContain("/app/Weather.dll");
    }

    [Fact]
    public async Task A_token_that_expires_is_asked_for_anew()
    {
        int port = 0;
        const string manifest = """{"schemaVersion":2}""";
        // The second manifest is asked for with the token of the first, which is no longer taken.
        (string Head, string Body)[] answers =
        [
            (TokenFirst, ""), ("200 OK", """{"token":"first","expires_in":60}"""), ("200 OK", manifest),
            (TokenFirst, ""), ("200 OK", """{"token":"second"}"""), ("200 OK", manifest),
            (TokenFirst, ""), ("200 OK", """{"token":"third"}"""), (TokenFirst, ""),
        ];
        await using var proxy = new FaultProxy(Servers.Registry.Port, connection =>
        {
            // The first connection finds out whether the registry speaks TLS.
            if (connection == 1)
                return null;
            (string head, string body) = answers[connection - 2];
            head = head.Replace("{port}", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
            return new Fault(Answer: $"HTTP/1.1 {head}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
        });
        port = proxy.Port;
        ContainerRegistry.Trust(port);
        using var client = new RegistryClient($"127.0.0.1:{port}", new(ContainerRegistry.User, ImageServers.Canary), TimeProvider.System);

        (await client.FindManifestAsync("team/image", "1", Cancel)).ShouldNotBeNull();
        (await client.FindManifestAsync("team/image", "1", Cancel)).ShouldNotBeNull();
        // What is refused with a new token as well is refused.
        StorageException e = await Should.ThrowAsync<StorageException>(() => client.FindManifestAsync("team/image", "1", Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Forbidden, e.Message);
        e.Message.ShouldContain("the password or token is wrong, or no longer valid");
        e.ToString().ShouldNotContain("CANARY");
        proxy.Connections.ShouldBe(answers.Length + 1);
    }

    public static TheoryData<int> Stages => [.. Enumerable.Range(2, 5)];

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task An_image_whose_connection_is_cut_at_any_stage_is_whole(int cut)
    {
        // In turn: as it opens, in a request's head, in its body, before the answer, and in it.
        Fault[] faults = [new(Refuse: true), new(CutAfterUp: 60), new(CutAfterUp: 2000), new(CutAfterDown: 0), new(CutAfterDown: 100)];
        await using var proxy = new FaultProxy(Servers.Registry.Port, connection => connection == cut ? faults[cut % faults.Length] : null);
        ContainerRegistry.Trust(proxy.Port);
        ImageDraft draft = await DraftAsync(Guid.NewGuid().ToString());
        await using IImageTarget target = ImageTargets.Open(Signed(proxy.Port), Servers.Secrets);
        await target.CheckAsync(draft, Cancel);

        PublishedImage image = await target.PublishAsync(draft, Cancel);

        proxy.Connections.ShouldBeGreaterThan(cut);
        (await LookAsync(image with { Reference = image.Reference.Replace($"127.0.0.1:{proxy.Port}", Servers.Registry.Host, StringComparison.Ordinal) })).Files.ShouldContain("/app/Weather.dll");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public async Task A_registry_that_falls_silent_is_asked_again(long passed)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        // The first connection finds out whether the registry speaks TLS.
        await using var proxy = new FaultProxy(Servers.Registry.Port, connection => connection == 2 ? new Fault(HoldAfterDown: passed) : null);
        ContainerRegistry.Trust(proxy.Port);
        using var client = new RegistryClient($"127.0.0.1:{proxy.Port}", new(ContainerRegistry.User, ImageServers.Canary), time);
        Task<(string Digest, JsonElement Manifest)?> asked = client.FindManifestAsync("base/tiny", "1", Cancel);
        await UntilAsync(() => proxy.Held == 1);
        asked.IsCompleted.ShouldBeFalse();

        time.Advance(TimeSpan.FromSeconds(101));
        // The pause before it is asked again.
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            return asked.IsCompleted;
        });

        (await asked).ShouldNotBeNull().Digest.ShouldStartWith("sha256:");
        proxy.Connections.ShouldBe(3);
    }

    [Fact]
    public async Task A_registry_that_goes_in_the_middle_leaves_no_image_under_the_name()
    {
        bool down = false;
        await using var proxy = new FaultProxy(Servers.Registry.Port, _ => Volatile.Read(ref down) ? new Fault(CutAfterUp: 0) : new Fault(CutAfterUp: 2000));
        ContainerRegistry.Trust(proxy.Port);
        ImageDraft draft = await DraftAsync(new string('x', 100_000) + Guid.NewGuid());
        await using IImageTarget target = ImageTargets.Open(Signed(proxy.Port) + "&image_tag=gone", Servers.Secrets);
        await target.CheckAsync(draft, Cancel);
        Volatile.Write(ref down, true);

        StorageException e = await Should.ThrowAsync<StorageException>(() => target.PublishAsync(draft, Cancel));

        e.Kind.ShouldBe(StorageErrorKind.Unavailable, e.Message);
        e.Message.ShouldContain("could not be made");
        e.Message.ShouldNotContain("\n");
        e.Message.ShouldNotContain("CANARY");
        using HttpClient client = Servers.Registry.Client();
        (await client.GetAsync(new Uri($"/v2/{_team}/weather-report/manifests/gone", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_image_that_is_not_what_was_sent_is_refused()
    {
        ImageDraft draft = await DraftAsync();
        await using IImageTarget target = Open();
        PublishedImage image = await target.PublishAsync(draft, Cancel);
        // A bit of the registry's disk flips: the manifest is no longer that of its digest.
        string digest = image.Reference.Split(':')[^1];
        string blob = Path.Combine(Servers.Registry.Data, "docker", "registry", "v2", "blobs", "sha256", digest[..2], digest, "data");
        byte[] content = await File.ReadAllBytesAsync(blob, Cancel);
        content[content.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(blob, content, Cancel);

        StorageException e = await Should.ThrowAsync<StorageException>(() => target.FindAsync(draft, [image.Reference], Cancel));
        e.Message.ShouldNotContain("\n");
        e.Kind.ShouldBeOneOf(StorageErrorKind.Damaged, StorageErrorKind.Unavailable);
    }

    [Theory]
    [InlineData("docker://user:word@registry.example/team", "a URI is no place for credentials")]
    [InlineData("docker://registry.example/team?password=CANARY", "is a secret, and a URI is no place for one")]
    [InlineData("docker://registry.example/team?tag=x", "has the option 'tag', which docker does not know. It knows base_image, image_name, image_tag")]
    [InlineData("docker:registry.example/team", "is no address of images: write docker://registry.example/team")]
    public void A_URI_that_is_wrong_is_refused(string location, string says)
    {
        StorageException e = Should.Throw<StorageException>(() => ImageTargets.Open(location));
        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("CANARY");
        e.Message.ShouldNotContain("word@");
    }

    [Fact]
    public void A_store_of_packages_is_not_opened_there() =>
        Should.Throw<StorageException>(() => PackageStores.Open("docker://registry.example/team")).Message.ShouldContain("holds container images, and no packages");

    private static async Task UntilAsync(Func<bool> done)
    {
        for (var clock = Stopwatch.StartNew(); !done(); await Task.Delay(10, Cancel))
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    private async Task FailsAsync(string location, StorageErrorKind kind, string says)
    {
        await using IImageTarget target = ImageTargets.Open(location, Servers.Secrets);
        StorageException e = await Should.ThrowAsync<StorageException>(async () => await target.CheckAsync(await DraftAsync(), Cancel));
        e.Kind.ShouldBe(kind, e.Message);
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("CANARY");
        e.Message.ShouldNotContain("\n");
    }
}
