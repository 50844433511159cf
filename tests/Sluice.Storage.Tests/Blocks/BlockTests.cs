using System.Text;
using Sluice.Storage.Blocks;
using Sluice.Storage.Git;
using Sluice.Storage.Packages;
using Sluice.Storage.Secrets;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Blocks;

public sealed class BlockTests
{
    private const string Canary = "CANARY-block-secret-77a3";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Blocks as Prefect's own clients store them, and as ours do: text, fields, what they stand for. A secret shows as <c>!</c> and its value.</summary>
    public static TheoryData<string, string, string> Meanings => new()
    {
        { "s3/dev", """{"bucket_path":"my-bucket/flows","aws_access_key_id":"AK","aws_secret_access_key":"S K"}""", "s3://my-bucket/flows?aws_access_key_id=!AK&aws_secret_access_key=!S K" },
        { "s3/dev/below/it", """{"bucket_path":"my-bucket","aws_access_key_id":null,"region":"eu-central-1"}""", "s3://my-bucket/below/it?region=eu-central-1" },
        { "s3/dev/a b#c", """{"bucket_path":"s3://my-bucket/","endpoint_url":"http://127.0.0.1:9000"}""", "s3://my-bucket/a%20b%23c?endpoint_url=http://127.0.0.1:9000" },
        { "s3/dev", """{"bucket_path":"b","aws_secret_access_key":"pa$$word$","region":"a$b"}""", "s3://b?region=a$$b&aws_secret_access_key=!pa$$word$" },
        { "s3/dev", """{"bucket_path":"b","aws_access_key_id":"${KEY}","region":"${REGION}"}""", "s3://b?region=${REGION}&aws_access_key_id=${KEY}" },
        { "gcs/dev/x", """{"bucket_path":"b/c","service_account_info":"{\"type\":\"service_account\"}","project":"p"}""", "gs://b/c/x?service_account_info=!{\"type\":\"service_account\"}&project=p" },
        { "azure/dev", """{"bucket_path":"c/d","azure_storage_connection_string":"UseIt","azure_storage_anon":true,"azure_storage_account_name":null}""", "az://c/d?azure_storage_connection_string=!UseIt" },
        { "azure/dev", """{"bucket_path":"c","azure_storage_account_name":"acc","azure_storage_tenant_id":"t","azure_storage_client_id":"i","azure_storage_client_secret":"s"}""", "az://c?azure_storage_account_name=acc&azure_storage_tenant_id=t&azure_storage_client_id=i&azure_storage_client_secret=!s" },
        { "smb/dev/x", """{"share_path":"/SHARE/dir","smb_host":"files","smb_username":"u","smb_password":"p","smb_port":1445}""", "smb://files/SHARE/dir/x?smb_username=u&smb_password=!p&smb_port=1445" },
        { "remote-file-system/dev", """{"basepath":"s3://b/c/","settings":{"key":"AK","secret":"SK","client_kwargs":{"endpoint_url":"http://h:1"}}}""", "s3://b/c?endpoint_url=http://h:1&aws_access_key_id=!AK&aws_secret_access_key=!SK" },
        { "remote-file-system/dev/x", """{"basepath":"gcs://b","settings":{"token":{"type":"service_account"},"project":"p"}}""", "gs://b/x?service_account_info=!{\"type\":\"service_account\"}&project=p" },
        { "remote-file-system/dev", """{"basepath":"abfs://cont@acc.dfs.core.windows.net/d","settings":{"account_key":"K"}}""", "az://cont/d?azure_storage_account_name=acc&azure_storage_account_key=!K" },
        { "remote-file-system/dev", """{"basepath":"smb://files/SHARE","settings":{"username":"u","password":"p","port":445}}""", "smb://files/SHARE?smb_username=u&smb_password=!p&smb_port=445" },
        { "remote-file-system/dev", """{"basepath":"rclone://backup/flows"}""", "rclone://backup/flows" },
        { "remote-file-system/dev/x", """{"basepath":"sftp://deploy@files.example:2222/srv/flows","settings":{"password":"p","key_filename":"/k"}}""", "rclone://remote//srv/flows/x?type=sftp&host=files.example&port=2222&user=deploy&pass=!p&key_file=/k" },
        { "remote-file-system/dev", """{"basepath":"ftp://files.example/pub","settings":{"username":"u","password":"p"}}""", "rclone://remote//pub?type=ftp&host=files.example&user=u&pass=!p" },
        { "local-file-system/dev/x", """{"basepath":"/srv/flows"}""", "file:///srv/flows/x" },
        { "github/dev/src/App.csproj", """{"repository":"https://github.com/o/r.git","reference":"main","access_token":"T","include_git_objects":true}""", "github://o/r?access_token=!T&ref=main&include_git_objects=true&path=src/App.csproj" },
        { "github/dev", """{"repository":"https://git.example:8443/o/r"}""", "github://o/r?host=https://git.example:8443" },
        { "github/dev", """{"repository":"git@github.com:o/r.git"}""", "git+ssh://git@github.com/o/r.git" },
        { "gitlab-repository/dev", """{"repository":"https://gitlab.com/g/s/p","git_depth":1,"credentials":{"token":"T","url":null}}""", "gitlab://g/s/p?access_token=!T" },
    };

    [Theory]
    [MemberData(nameof(Meanings))]
    public async Task A_block_of_Prefects_stands_for_a_URI(string text, string fields, string expected)
    {
        (BlockKind kind, string name, string? path) = BlockUri.Read(StorageLocation.Parse(text));
        (Uri location, StorageSources sources) = await ResolvedBlock.ReadAsync(kind, name, path, new(new Secrets(), new NamedBlocks(($"{kind.Slug}/{name}", fields))), Cancel);

        (await ShownAsync(location, sources)).ShouldBe(expected);
        if (kind.Use == BlockUse.Source)
            CodeSources.Open(location, sources).Location.ShouldBe(location);
        else
            PackageStores.Open(location, sources).Location.Scheme.ShouldBe(location.Scheme);
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "s3/dev", "{}", "The block s3/dev has no bucket_path: set it with 'sluice block update s3/dev bucket_path=…'." },
        { "s3/dev", """{"bucket_path":"b","addressing_style":"sideways"}""", "The block s3/dev has addressing_style 'sideways', which can be path, virtual." },
        { "s3/other", "{}", "The server has no block s3/other: create it with 'sluice block create s3/other …', or mend the name ('sluice block ls' shows all)." },
        { "local-file-system/dev", """{"basepath":"flows"}""", "The block local-file-system/dev has the basepath 'flows', which is not absolute: publisher and worker run in different folders." },
        { "local-file-system/dev/../up", """{"basepath":"/srv"}""", "The server has no block local-file-system/up: create it with 'sluice block create local-file-system/up …', or mend the name ('sluice block ls' shows all)." },
        { "remote-file-system/dev", """{"basepath":"file:///srv"}""", "The block remote-file-system/dev has a basepath of the scheme file: use a local-file-system block." },
        { "remote-file-system/dev", """{"basepath":"hdfs://namenode/x"}""", "The block remote-file-system/dev has a basepath of the scheme hdfs, and Sluice knows s3, s3a, gs, gcs, az, abfs, adl, smb, sftp, ssh, ftp, rclone: reach anything else through rclone, as rclone://remote/folder." },
        { "remote-file-system/dev", $$"""{"basepath":"smb://u:{{Canary}}@h/s"}""", "The block remote-file-system/dev has a password in its basepath: move it to settings." },
        { "remote-file-system/dev", """{"basepath":"my-bucket"}""", "The block remote-file-system/dev has the basepath 'my-bucket', which is no URI: write it as s3://my-bucket/flows." },
        { "github/dev", $$"""{"repository":"https://{{Canary}}@github.com/o/r"}""", "The block github/dev has a user or token in its repository: move it to access_token." },
        { "github/dev", $$"""{"repository":"git@github.com:o/r.git","access_token":"{{Canary}}"}""", "The block github/dev has an access_token, which goes with an https address and not with ssh: change repository, or remove the token." },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_is_wrong_with_a_block_is_said_in_one_line(string text, string fields, string expected)
    {
        Uri location = StorageLocation.Parse(text);
        StorageSources sources = new(new Secrets(), new NamedBlocks(($"{location.Host}/dev", fields)));
        (BlockKind kind, string name, string? path) = BlockUri.Read(location);
        StorageException e = await Should.ThrowAsync<StorageException>(() => ResolvedBlock.ReadAsync(kind, name, path, sources, Cancel));
        e.Message.ShouldBe(expected);
        e.ToString().ShouldNotContain(Canary);
    }

    [Theory]
    [InlineData("s3/dev?region=x", "has its options itself")]
    [InlineData("secret/token", "is a secret and no storage")]
    [InlineData("github/dev", "names source in a repository")]
    [InlineData("block://s3", "names no block")]
    [InlineData("block://s3/Dev_Bucket", "names no block")]
    [InlineData("block://what/dev", "'what' in 'block://what/dev' is no type of blocks")]
    [InlineData("flows/prod", "neither a URI, nor an absolute folder, nor a named block")]
    [InlineData("s3", "neither a URI, nor an absolute folder, nor a named block")]
    public void A_text_that_can_be_no_store_is_refused_before_anybody_is_asked(string text, string expected)
    {
        var blocks = new NamedBlocks();
        Should.Throw<StorageException>(() => PackageStores.Open(text, new(new Secrets(), blocks))).Message.ShouldContain(expected);
        blocks.Questions.ShouldBe(0);
    }

    [Fact]
    public async Task A_package_is_stored_in_a_block_and_pulled_from_what_the_block_is_then()
    {
        using var temp = new TempFolder();
        string first = temp["first"], second = temp["second"];
        Directory.CreateDirectory(temp["app"]);
        await File.WriteAllTextAsync(Path.Combine(temp["app"], "a.dll"), "content", Cancel);
        PackageReference package;
        var blocks = new NamedBlocks(("local-file-system/dev", $$"""{"basepath":"{{first}}"}"""));
        await using (IPackageStore store = PackageStores.Open("local-file-system/dev/flows", new(new Secrets(), blocks)))
        {
            store.Location.AbsoluteUri.ShouldBe("block://local-file-system/dev/flows");
            blocks.Questions.ShouldBe(0);
            package = (await new PackageWriter(store, TimeProvider.System).WriteAsync(Packages.Drafts.Of(await PackageContent.ReadAsync([new("a.dll", Path.Combine(temp["app"], "a.dll"))], Cancel)), [], null, Cancel)).Reference;
        }
        blocks.Questions.ShouldBe(1);
        package.Location.AbsoluteUri.ShouldStartWith("block://local-file-system/dev/flows/");
        PackageReference.TryParse(package.ToString()).ShouldBe(package);

        // The files move, and only the block is told.
        Directory.Move(first, second);
        StorageSources moved = new(new Secrets(), new NamedBlocks(("local-file-system/dev", $$"""{"basepath":"{{second}}"}""")));
        CachedPackage pulled = await new PackageCache(temp["cache"], moved).GetAsync(package, Cancel);
        (await File.ReadAllTextAsync(Path.Combine(pulled.Folder, "a.dll"), Cancel)).ShouldBe("content");

        StorageException gone = await Should.ThrowAsync<StorageException>(() => new PackageCache(temp["cache2"], new(new Secrets(), new NamedBlocks())).GetAsync(package, Cancel));
        gone.Message.ShouldContain("The server has no block local-file-system/dev");
        (await Should.ThrowAsync<StorageException>(() => new PackageCache(temp["cache3"]).GetAsync(package, Cancel))).Message.ShouldContain("is kept by an orchestration server, and none is asked here");
    }

    [Fact]
    public void A_path_in_a_repository_goes_with_the_blocks_URI()
    {
        StorageSources sources = new(new Secrets(), new NamedBlocks());
        ICodeSource source = CodeSources.Open(StorageLocation.Parse("github/dev"), sources);
        source.Path.ShouldBeNull();
        Uri pinned = source.LocationOf("src/My App/App.csproj");
        pinned.AbsoluteUri.ShouldBe("block://github/dev?path=src/My%20App/App.csproj");
        CodeSources.Open(pinned, sources).Path.ShouldBe("src/My App/App.csproj");
        CodeSources.Serves(pinned).ShouldBeTrue();
        CodeSources.Serves(StorageLocation.Parse("s3/dev")).ShouldBeFalse();
        Should.Throw<StorageException>(() => CodeSources.Open(StorageLocation.Parse("s3/dev"), sources)).Message.ShouldContain("names no repository");
    }

    [Fact]
    public void Every_kind_but_the_secret_can_be_resolved_and_names_each_field_once()
    {
        foreach (BlockKind kind in BlockKinds.All)
        {
            (kind.Locate is null).ShouldBe(kind.Use == BlockUse.Secret, kind.Slug);
            kind.Fields.Select(field => field.Name).ShouldBeUnique(kind.Slug);
        }
        BlockKinds.All.Select(kind => kind.Slug).ShouldBe(["azure", "gcs", "github", "gitlab-repository", "local-file-system", "remote-file-system", "s3", "secret", "smb"]);
    }

    /// <summary>The URI with its options unescaped, and the secrets that stand for fields in place.</summary>
    private static async Task<string> ShownAsync(Uri location, StorageSources sources)
    {
        location.AbsoluteUri.ShouldNotContain("AK", Case.Sensitive);
        var shown = new StringBuilder(location.GetLeftPart(UriPartial.Path).TrimEnd('/'));
        char separator = '?';
        foreach (string pair in location.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string text = Uri.UnescapeDataString(pair);
            string? field = SecretTemplate.NamesIn(text.Replace("$$", "", StringComparison.Ordinal)).FirstOrDefault(name => name.StartsWith("SLUICE_BLOCK_FIELD_", StringComparison.Ordinal));
            shown.Append(separator).Append(field is null ? text : $"{text[..text.IndexOf('=', StringComparison.Ordinal)]}=!{await sources.Secrets.FindAsync(field, Cancel)}");
            separator = '&';
        }
        return shown.ToString();
    }
}
