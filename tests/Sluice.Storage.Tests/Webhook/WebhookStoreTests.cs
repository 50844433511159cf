using System.Globalization;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Sluice.Storage.Packages;
using Sluice.Storage.Secrets;
using Sluice.Storage.Tests.Packages;
using Sluice.Storage.Tests.Servers;
using Sluice.Storage.Webhook;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Webhook;

/// <summary>Packages that a web service keeps: a real one in this process, which stores and checks what it is sent.</summary>
public sealed class WebhookStoreTests : IAsyncLifetime
{
    private const string ById = "build_url={0}/upload&id_pointer=/data/0/the~1id&get_url={0}/download/%7Bid%7D&" + Headers;
    private const string JsonOptions = """build_body={"file":{"name":"{name}","content":"{archive}"}}&id_pointer=/id&get_url={0}/json/get&get_method=POST&get_body={"name":"{name}","id":"{id}"}&get_pointer=/file/content&""" + Headers;
    private const string Headers = "build_header_Authorization=Bearer%20$%7BWEBHOOK_TOKEN%7D&get_header_Authorization=Bearer%20$%7BWEBHOOK_TOKEN%7D";

    private readonly TempFolder _temp = new();
    private readonly WebhookServer _server = new();
    private readonly Secrets _secrets = new(("WEBHOOK_TOKEN", WebhookServer.Token));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _temp.Write("bin/a.dll", "assembly");
        _temp.Write("bin/data/cities ä.csv", "Seattle;Paris");
        File.WriteAllBytes(_temp["bin/large.bin"], Noise(3_000_000));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_temp["bin/a.dll"], (UnixFileMode)0b111_101_101);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _temp.Dispose();
    }

    public static TheoryData<string, string, string[]> Ways => new()
    {
        { "/files/{name}/{sha256}.zip", "build_method=PUT&" + Headers, ["PUT /files/test-flow/", "GET /files/test-flow/"] },
        { "/files/{key}", "build_method=PATCH&" + Headers, ["PATCH /files/test-flow/20", "GET /files/test-flow/20"] },
        { "/", ById, ["POST /upload", "GET /download/id%201%2F%C3%A4"] },
        { "/download/{id}", "build_url={0}/upload&id_pointer=/data/0/the~1id&" + Headers, ["POST /upload", "GET /download/id%201%2F%C3%A4"] },
        {
            "/json/build", JsonOptions,
            ["POST /json/build", "POST /json/get"]
        },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_package_is_stored_and_pulled_in_the_ways_that_services_have(string path, string options, string[] requests)
    {
        PackageWritten written = await WriteAsync(Location(options, path));

        CachedPackage pulled = await PullAsync(written.Reference);

        written.IsNew.ShouldBeTrue();
        written.Reference.Digest.ShouldBe((await ContentAsync()).Digest);
        foreach (string file in (string[])["a.dll", "data/cities ä.csv", "large.bin"])
            File.ReadAllBytes(Path.Combine(pulled.Folder, file)).ShouldBe(File.ReadAllBytes(_temp["bin/" + file]));
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Path.Combine(pulled.Folder, "a.dll")).ShouldBe((UnixFileMode)0b111_101_101);
        string[] seen = [.. _server.Requests.Select(request => $"{request.Method} {request.Path}")];
        seen.Length.ShouldBe(requests.Length, string.Join(", ", seen));
        for (int i = 0; i < seen.Length; i++)
            seen[i].ShouldStartWith(requests[i]);
        PackageReference.TryParse(written.Reference.ToString()).ShouldBe(written.Reference);
        written.Reference.ToString().ShouldNotContain("CANARY");
        (await WriteAsync(Location(options, path), written.Reference)).IsNew.ShouldBeFalse("what is there is not sent again");
    }

    [Fact]
    public async Task The_location_of_a_package_holds_what_the_get_request_needs_and_no_secret()
    {
        PackageWritten written = await WriteAsync(Location(ById + "&build_header_X-Note=build+only"));
        string host = $"webhook+http://127.0.0.1:{_server.Port}";
        Uri.UnescapeDataString(written.Reference.Location.AbsoluteUri).ShouldBe(
            $"{host}/?get_header_Authorization=Bearer ${{WEBHOOK_TOKEN}}&get_url=http://127.0.0.1:{_server.Port}/download/{{id}}&id=id 1/ä");
        await PullAsync(written.Reference);
    }

    [Fact]
    public async Task Long_options_may_stand_in_a_file_and_the_URI_wins()
    {
        string config = _temp.Write("sluice.webhook.json", $$"""
            {
              // As for the service's own client.
              "build": { "method": "PUT", "url": "http://127.0.0.1:{{_server.Port}}/files/{name}-{sha256}", "headers": { "Authorization": "Bearer ${WEBHOOK_TOKEN}", "Content-Type": "application/x-flow" } },
              "get": { "url": "http://127.0.0.1:{{_server.Port}}/files/{name}-{sha256}", "headers": { "Authorization": "Bearer ${OVERRIDDEN}" } },
            }
            """);
        PackageWritten written = await WriteAsync(Location($"config={Uri.EscapeDataString(config)}&get_header_Authorization=Bearer+${{WEBHOOK_TOKEN}}".Replace("+", "%20", StringComparison.Ordinal)));

        written.Reference.Location.AbsoluteUri.ShouldNotContain("config");
        (await PullAsync(written.Reference)).Manifest.Digest.ShouldBe(written.Reference.Digest);
        _server.Requests.First().Headers["Content-Type"].ShouldBe("application/x-flow");
        PackageWritten again = await WriteAsync(Location($"config={Uri.EscapeDataString(config)}&get_header_Authorization=Bearer%20${{WEBHOOK_TOKEN}}"), written.Reference);
        again.IsNew.ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, "it does not exist")]
    [InlineData("{", "the config of the storage")]
    [InlineData("[]", "the file is not an object")]
    [InlineData("""{"build":{"methd":"PUT"}}""", "has the option 'build_methd', which webhook+http does not know")]
    [InlineData("""{"get":{"headers":{"Authorization":"CANARY"}}}""", "get_header_Authorization")]
    public async Task A_file_that_cannot_be_used_is_said_so(string? json, string says)
    {
        string path = _temp["sluice.webhook.json"];
        if (json is not null)
            File.WriteAllText(path, json);
        StorageException e = await Should.ThrowAsync<StorageException>(() => WriteAsync(Location($"config={Uri.EscapeDataString(path)}", "/{sha256}")));
        e.Message.ShouldContain(says, Case.Insensitive);
        e.Message.ShouldNotContain("CANARY");
        e.Message.ShouldNotContain('\n');
    }

    [Fact]
    public async Task An_unchanged_package_is_not_sent_again_unless_it_is_gone()
    {
        string location = Location(ById);
        PackageWritten first = await WriteAsync(location);
        PackageWritten unchanged = await WriteAsync(location, first.Reference);
        (unchanged.IsNew, unchanged.UploadedFiles, unchanged.ReusedFiles, unchanged.Reference).ShouldBe((false, 0, 3, first.Reference));

        _server.Kept.Clear();
        (await WriteAsync(location, first.Reference)).IsNew.ShouldBeTrue("somebody deleted it");
        _temp.Write("bin/a.dll", "changed");
        (await WriteAsync(location, first.Reference)).IsNew.ShouldBeTrue();
        (await WriteAsync(Location("build_method=PUT&" + Headers, "/files/{sha256}"), first.Reference)).IsNew.ShouldBeTrue("it is stored elsewhere");
    }

    [Fact]
    public async Task The_same_package_gives_the_same_bytes_and_an_archive_anybody_can_read()
    {
        string location = Location("build_method=PUT&" + Headers, "/files/{key}");
        await WriteAsync(location);
        await WriteAsync(location);

        _server.Kept.Count.ShouldBe(2);
        _server.Kept.Values.First().ShouldBe(_server.Kept.Values.Last());
        using var zip = new ZipArchive(new MemoryStream(_server.Kept.Values.First()));
        zip.Entries.Select(entry => entry.FullName).ShouldBe(["manifest.json", "files/a.dll", "files/data/cities ä.csv", "files/large.bin"]);
    }

    [Fact]
    public async Task A_wrong_secret_is_told_with_what_the_server_says_and_never_shown()
    {
        string location = Location("build_method=PUT&" + Headers, "/files/{sha256}");
        StorageException e = await Should.ThrowAsync<StorageException>(() => WriteAsync(location, secrets: new Secrets(("WEBHOOK_TOKEN", "CANARY-wrong"))));
        e.Kind.ShouldBe(StorageErrorKind.Forbidden);
        e.Message.ShouldStartWith($"The webhook answered 401 Unauthorized to PUT http://127.0.0.1:{_server.Port}/files/{(await ContentAsync()).Digest}: 'Bearer ***' is not my token. Check the secrets");
        e.ToString().ShouldNotContain("CANARY");
        _server.Requests.Count.ShouldBe(1, "it is not tried again");
    }

    [Fact]
    public async Task A_secret_that_nobody_knows_is_named()
    {
        StorageException e = await Should.ThrowAsync<StorageException>(() => WriteAsync(Location("build_method=PUT&" + Headers, "/files/{sha256}"), secrets: new Secrets()));
        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain("The header Authorization of the build request of the storage");
        e.Message.ShouldContain("needs WEBHOOK_TOKEN, which is neither an environment variable nor a secret of the server");
        _server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_secret_of_the_environment_wins_and_dollars_are_escaped()
    {
        Environment.SetEnvironmentVariable("SLUICE_TEST_WEBHOOK", "of the environment");
        await WriteAsync(Location("build_method=PUT&build_header_X-One=$%7BSLUICE_TEST_WEBHOOK%7D&build_header_X-Two=$$5%20$$%7BNO%7D&" + Headers, "/files/{sha256}"), secrets: new EnvironmentSecrets(new Secrets(("SLUICE_TEST_WEBHOOK", "of the server"), ("WEBHOOK_TOKEN", WebhookServer.Token))));
        IReadOnlyDictionary<string, string> headers = _server.Requests.Single().Headers;
        (headers["X-One"], headers["X-Two"]).ShouldBe(("of the environment", "$5 ${NO}"));
    }

    [Fact]
    public async Task An_id_that_looks_like_a_secret_is_an_id()
    {
        _server.MakeId = _ => "${WEBHOOK_TOKEN}$$";
        PackageWritten written = await WriteAsync(Location(ById));
        await PullAsync(written.Reference);
        _server.Requests.Last().Path.ShouldBe("/download/%24%7BWEBHOOK_TOKEN%7D%24%24");
    }

    [Theory]
    [InlineData(429, "Retry-After: 1\r\n")]
    [InlineData(503, "")]
    [InlineData(500, "")]
    [InlineData(408, "")]
    public async Task A_server_that_cannot_now_is_asked_again(int status, string header)
    {
        await using var proxy = new FaultProxy(_server.Port, connection => connection <= 2 ? new Fault(Answer: $"HTTP/1.1 {status} Not now\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n") : null);
        PackageWritten written = await WriteAsync(Location(ById, port: proxy.Port));
        await PullAsync(written.Reference);
        proxy.Connections.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(503, "date", 7)]
    [InlineData(503, "60", 60)]
    public async Task Retry_After_is_waited_for_as_long_as_it_says(int status, string after, int seconds)
    {
        DateTimeOffset start = new(2026, 11, 22, 6, 0, 0, TimeSpan.Zero);
        var time = new FakeTimeProvider(start);
        var asked = new System.Collections.Concurrent.ConcurrentQueue<DateTimeOffset>();
        string value = after == "date" ? start.AddSeconds(seconds).ToString("R", System.Globalization.CultureInfo.InvariantCulture) : after;
        await using var proxy = new FaultProxy(_server.Port, connection =>
        {
            asked.Enqueue(time.GetUtcNow());
            return connection == 1 ? new Fault(Answer: $"HTTP/1.1 {status} Not now\r\nRetry-After: {value}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") : null;
        });
        PackageReference package = At((await WriteAsync(Location(ById))).Reference, proxy.Port);
        await using var store = new WebhookStore(package.Location, _secrets, time);
        Task<Stream> got = store.GetArchiveAsync(package, Cancel);
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); !got.IsCompleted; await Task.WhenAny(got, Task.Delay(20, Cancel)))
        {
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));
            if (!asked.IsEmpty)
                time.Advance(TimeSpan.FromSeconds(seconds / 20.0));
        }
        await (await got).DisposeAsync();

        asked.Count.ShouldBe(2);
        (asked.Last() - start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("as it opens")]
    [InlineData("in the request's head")]
    [InlineData("before the answer")]
    [InlineData("in the answer's head")]
    public async Task A_download_cut_before_its_body_is_asked_for_again(string where)
    {
        PackageWritten written = await WriteAsync(Location(ById));
        Fault cut = where switch
        {
            "as it opens" => new(Refuse: true),
            "in the request's head" => new(CutAfterUp: 60),
            "before the answer" => new(CutAfterDown: 0),
            _ => new(CutAfterDown: 30),
        };
        await using var proxy = new FaultProxy(_server.Port, connection => connection <= 2 ? cut : null);
        (await PullAsync(At(written.Reference, proxy.Port))).Manifest.Digest.ShouldBe(written.Reference.Digest);
        proxy.Connections.ShouldBe(3);
    }

    [Fact]
    public async Task A_server_that_never_can_is_given_up_after_three_more_tries()
    {
        int asked = 0;
        _server.Intercept = async context =>
        {
            asked++;
            context.Response.StatusCode = 503;
            await context.Response.WriteAsync("down for maintenance\n");
            return true;
        };
        StorageException e = await Should.ThrowAsync<StorageException>(() => WriteAsync(Location(ById)));
        (e.Kind, asked).ShouldBe((StorageErrorKind.Unavailable, 4));
        e.Message.ShouldBe($"The webhook answered 503 Service Unavailable to POST http://127.0.0.1:{_server.Port}/upload: down for maintenance.");
    }

    [Fact]
    public async Task A_server_that_asks_to_come_back_much_later_is_not_waited_for()
    {
        _server.Intercept = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "3600";
            return Task.FromResult(true);
        };
        (await Should.ThrowAsync<StorageException>(() => WriteAsync(Location(ById)))).Message.ShouldContain("It asks to come back in 3600 s, which is too long to wait here");
        _server.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(300, null)]
    [InlineData(1_000_000, null)]
    [InlineData(null, 5)]
    public async Task An_upload_whose_connection_is_cut_is_sent_again_and_is_the_same(int? up, int? down)
    {
        await using var proxy = new FaultProxy(_server.Port, connection => connection <= 2 ? new Fault(CutAfterUp: up, CutAfterDown: down) : null);
        PackageWritten written = await WriteAsync(Location(ById, port: proxy.Port));

        proxy.Connections.ShouldBe(3);
        _server.Kept.Count.ShouldBe(1, "the repetition carries the digest as its Idempotency-Key");
        _server.Requests.Select(request => request.Headers.GetValueOrDefault("Idempotency-Key")).Distinct().ShouldBe([written.Reference.Digest]);
        await PullAsync(written.Reference);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_download_whose_connection_is_cut_goes_on_or_begins_again(bool knowsRanges)
    {
        PackageWritten written = await WriteAsync(Location(ById));
        _server.KnowsRanges = knowsRanges;
        await using var proxy = new FaultProxy(_server.Port, connection => connection <= 2 ? new Fault(CutAfterDown: 1_200_000) : null);
        PackageReference through = At(written.Reference, proxy.Port);
        if (knowsRanges)
        {
            (await PullAsync(through)).Manifest.Digest.ShouldBe(written.Reference.Digest);
            proxy.Connections.ShouldBe(3);
            proxy.BytesDown.ShouldBeLessThan(3_200_000);
            return;
        }
        // Without a length the whole is asked for again, by whoever pulls.
        for (int attempt = 1; attempt <= 2; attempt++)
        {
            StorageException e = await Should.ThrowAsync<StorageException>(() => PullAsync(through));
            e.Kind.ShouldBe(StorageErrorKind.Unavailable, e.Message);
            Directory.EnumerateFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
        }
        await PullAsync(through);
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "flipped", "has other content|cannot be read|zip file" },
        { "cut short", "zip file|cannot be read|has other content" },
        { "a page", "what its address gives is no zip file" },
        { "another package", "was asked for" },
        { "no manifest", "its archive has no manifest.json" },
        { "a file less", "its archive has no file 'large.bin'" },
        { "a file changed", "the file 'a.dll' of its archive has other content than its digest says" },
        { "empty", "what its address gives is no zip file" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task What_is_not_the_package_is_refused_and_leaves_nothing(string damage, string says)
    {
        PackageWritten written = await WriteAsync(Location(ById));
        string key = _server.Kept.Keys.Single();
        byte[] archive = _server.Kept[key];
        switch (damage)
        {
            case "flipped": archive[archive.Length / 2] ^= 1; break;
            case "cut short": archive = archive[..^1000]; break;
            case "a page": archive = "<html>Sign in</html>"u8.ToArray(); break;
            case "empty": archive = []; break;
            case "another package":
                _temp.Write("bin/a.dll", "another");
                await WriteAsync(Location("build_method=PUT&" + Headers, "/files/{sha256}"));
                archive = _server.Kept.Single(kept => kept.Key != key).Value;
                break;
            case "no manifest": archive = Edited(archive, zip => zip.GetEntry("manifest.json")!.Delete()); break;
            case "a file less": archive = Edited(archive, zip => zip.GetEntry("files/large.bin")!.Delete()); break;
            case "a file changed":
                archive = Edited(archive, zip =>
                {
                    zip.GetEntry("files/a.dll")!.Delete();
                    using Stream file = zip.CreateEntry("files/a.dll").Open();
                    file.Write("Assembly"u8);
                });
                break;
        }
        _server.Kept[key] = archive;

        StorageException e = await Should.ThrowAsync<StorageException>(() => PullAsync(written.Reference));

        e.Kind.ShouldBe(StorageErrorKind.Damaged, e.Message);
        says.Split('|').ShouldContain(part => e.Message.Contains(part, StringComparison.Ordinal), e.Message);
        e.Message.ShouldNotContain('\n');
        Directory.EnumerateFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_package_that_is_gone_is_NotFound()
    {
        PackageWritten written = await WriteAsync(Location(ById));
        _server.Kept.Clear();
        StorageException e = await Should.ThrowAsync<StorageException>(() => PullAsync(written.Reference));
        e.Kind.ShouldBe(StorageErrorKind.NotFound);
        e.Message.ShouldContain("The webhook answered 404 Not Found to GET");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_download_follows_a_redirection_and_leaves_its_headers_at_the_host(int status)
    {
        await using var other = new WebhookServer();
        await other.InitializeAsync();
        other.Intercept = async context =>
        {
            if (context.Request.Headers.ContainsKey("Authorization"))
                return false;
            await context.Response.Body.WriteAsync(_server.Kept.Values.Single());
            return true;
        };
        PackageWritten written = await WriteAsync(Location(ById));
        _server.Intercept = context =>
        {
            context.Response.StatusCode = status;
            // First to the same host, where the headers go along.
            context.Response.Headers.Location = context.Request.Path.StartsWithSegments("/download", StringComparison.Ordinal) ? "/second" : $"http://127.0.0.1:{other.Port}/third?signature=x";
            return Task.FromResult(true);
        };

        await PullAsync(written.Reference);

        _server.Requests.Last().ShouldSatisfyAllConditions(second => second.Path.ShouldBe("/second"), second => second.Headers.Keys.ShouldContain("Authorization"));
        other.Requests.Single().Headers.Keys.ShouldNotContain("Authorization");
    }

    [Theory]
    [InlineData(307, "http://192.0.2.1/x", "which is not https")]
    [InlineData(307, "ftp://127.0.0.1/x", "which is not https")]
    [InlineData(302, "/elsewhere", "loses the body: name that address")]
    [InlineData(308, "/again", "after 5 redirections it answered with another one")]
    public async Task A_redirection_of_an_upload_that_is_unsafe_or_endless_is_refused(int status, string target, string says)
    {
        _server.Intercept = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = target;
            return Task.FromResult(true);
        };
        StorageException e = await Should.ThrowAsync<StorageException>(() => WriteAsync(Location(ById)));
        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain(says);
    }

    [Fact]
    public async Task An_upload_follows_a_redirection_that_keeps_method_and_body()
    {
        _server.Intercept = context =>
        {
            if (context.Request.Path != "/upload")
                return Task.FromResult(false);
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "/upload/here";
            return Task.FromResult(true);
        };
        await PullAsync((await WriteAsync(Location(ById))).Reference);
    }

    [Theory]
    [InlineData("/data/0/no", "{}", "has nothing at /data/0/no (id_pointer)")]
    [InlineData("/id", """{"id":{}}""", "has at /id (id_pointer) neither a text nor a number")]
    [InlineData("/id", """{"id":""}""", "has at /id (id_pointer) neither a text nor a number")]
    [InlineData("/id", "<html>", "is no JSON, and id_pointer looks for /id in it")]
    public async Task An_answer_without_the_id_is_said_so(string pointer, string answer, string says)
    {
        _server.Intercept = async context =>
        {
            await context.Response.WriteAsync(answer);
            return true;
        };
        (await Should.ThrowAsync<StorageException>(() => WriteAsync(Location(ById.Replace("/data/0/the~1id", pointer, StringComparison.Ordinal))))).Message.ShouldContain(says);
    }

    [Theory]
    [InlineData("https://u:p@h/{sha256}", "names no host, or a password")]
    [InlineData("http://example.com/{sha256}", "neither encrypted nor on this machine")]
    [InlineData("https://h/{sha256}?build_url=http://example.com/{name}", null)]
    [InlineData("https://h/{sha256}?build_method=DELETE", "it can be GET, PATCH, POST, PUT")]
    [InlineData("https://h/{sha256}?build_method=GET", "carries no archive")]
    [InlineData("https://h/flow", "asks for the same archive whatever the package: put {sha256}, {key} or {id} into its address")]
    [InlineData("https://h/{id}", "has {id}")]
    [InlineData("https://h/{sha256}?get_url=https://h/{id}", "say where the answer to the build request has it, as id_pointer=/id")]
    [InlineData("https://h/{sha256}?id_pointer=id", "that is no JSON pointer: it does not begin with '/'")]
    [InlineData("https://h/{flow}?build_url=https://h/up&get_url=https://h/{sha256}", "has {flow} in its path, which stands for nothing, since build_url and get_url say the addresses: leave it out")]
    [InlineData("https://h/{id}?build_url=https://h/up&get_url=https://h/{sha256}", "has {id} in its path, which stands for nothing")]
    [InlineData("https://h/{digest}/{sha256}", "has {digest}, and there are {name}, {key}, {sha256}, {id}")]
    [InlineData("https://h/{sha256}?build_body=x", "write {archive} where it goes")]
    [InlineData("https://h/{sha256}?build_header_Authorization=CANARY", "looks like a secret, and a URI is no place for one")]
    [InlineData("https://h/{sha256}?get_header_X-Api-Key=CANARY", "looks like a secret")]
    [InlineData("https://h/{sha256}?get_header_a%20b=x", "names no header")]
    [InlineData("https://h/{sha256}?get_header_=x", "has the option 'get_header_'")]
    public void What_is_wrong_is_said_in_one_line(string location, string? says)
    {
        if (says is null)
        {
            PackageStores.Open("webhook+" + location).ShouldNotBeNull("an address may be a secret's, so it is judged when it is used");
            return;
        }
        StorageException e = Should.Throw<StorageException>(() => PackageStores.Open("webhook+" + location));
        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("CANARY");
        e.Message.ShouldNotContain('\n');
    }

    [Theory]
    [InlineData("build_url=http://192.0.2.1/{sha256}", "is neither encrypted nor on this machine: use https")]
    [InlineData("build_url=$%7BADDRESS%7D", "is no https address")]
    [InlineData("build_header_X-A=$%7BLINES%7D", "has a line break in its value")]
    public async Task What_a_secret_makes_wrong_is_said_without_it(string option, string says)
    {
        StorageException e = await Should.ThrowAsync<StorageException>(() => WriteAsync(Location(option, "/files/{sha256}"), secrets: new Secrets(("ADDRESS", "CANARY"), ("LINES", "CANARY\r\nX-B: 1"))));
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("CANARY");
        _server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_archive_too_large_for_the_memory_that_a_text_needs_is_refused_before_it_is_read()
    {
        const string asText = """build_body={"content":"{archive}"}&id_pointer=/id&get_url={0}/json/get&get_method=POST&get_body={"id":"{id}"}&get_pointer=/file/content&""";
        await using IPackageStore store = PackageStores.Open(Location(asText + Headers), new(_secrets, StorageSources.Environment.Blocks));
        using (FileStream large = File.Create(_temp["large.zip"]))
        {
            large.SetLength(64 * 1024 * 1024 + 1);
            StorageException e = await Should.ThrowAsync<StorageException>(() => ((IArchiveStore)store).PutArchiveAsync(new("flow", "flow/1"), new('a', 64), large, Cancel));
            e.Kind.ShouldBe(StorageErrorKind.Invalid);
            e.Message.ShouldContain("is larger than 64 MiB, which is the most that build_body sends: leave build_body out");
            (large.Position, _server.Requests.Count).ShouldBe((0, 0));
        }

        PackageWritten written = await WriteAsync(Location(JsonOptions, "/json/build"));
        _server.Intercept = async context =>
        {
            context.Response.ContentLength = 200L * 1024 * 1024;
            await context.Response.StartAsync();
            return true;
        };
        StorageException got = await Should.ThrowAsync<StorageException>(() => PullAsync(written.Reference));
        got.Kind.ShouldBe(StorageErrorKind.Invalid, got.Message);
        got.Message.ShouldContain("is larger than get_pointer takes, which is an archive of 64 MiB");
    }

    [Fact]
    public async Task It_keeps_packages_and_nothing_else()
    {
        await using IPackageStore store = PackageStores.Open(Location(ById));
        Should.Throw<StorageException>(() => store.ListAsync("", Cancel)).Message.ShouldContain("is a webhook, which keeps whole packages and nothing else");
        (await store.PresignAsync("key", PresignedUse.Read, TimeSpan.FromHours(1), Cancel)).ShouldBeNull();
    }

    private static byte[] Noise(int size)
    {
        byte[] noise = new byte[size];
        new Random(5).NextBytes(noise);
        return noise;
    }

    private static byte[] Edited(byte[] archive, Action<ZipArchive> edit)
    {
        var stream = new MemoryStream();
        stream.Write(archive);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
            edit(zip);
        return stream.ToArray();
    }

    private string Location(string options, string path = "/", int? port = null) =>
        $"webhook+http://127.0.0.1:{port ?? _server.Port}{path}?{options.Replace("{0}", $"http://127.0.0.1:{port ?? _server.Port}", StringComparison.Ordinal)}";

    private PackageReference At(PackageReference package, int port) => package with
    {
        Location = new(package.Location.AbsoluteUri.Replace(
            _server.Port.ToString(CultureInfo.InvariantCulture), port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)),
    };

    private async Task<PackageContent> ContentAsync() => await PackageContent.ReadAsync(
        [.. Directory.EnumerateFiles(_temp["bin"], "*", SearchOption.AllDirectories).Select(f => new PackageSource(Path.GetRelativePath(_temp["bin"], f).Replace('\\', '/'), f))],
        Cancel);

    private async Task<PackageWritten> WriteAsync(string location, PackageReference? live = null, ISecretSource? secrets = null)
    {
        await using IPackageStore store = PackageStores.Open(location, new(secrets ?? _secrets, StorageSources.Environment.Blocks));
        return await new PackageWriter(store, TimeProvider.System).WriteAsync(Drafts.Of(await ContentAsync()), live is null ? [] : [live], null, Cancel);
    }

    private Task<CachedPackage> PullAsync(PackageReference reference) => new PackageCache(_temp["cache"], _secrets).GetAsync(reference, Cancel);
}
