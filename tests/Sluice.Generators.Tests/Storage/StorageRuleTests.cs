using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Storage;

/// <summary>What is said of storage while one types, on the exact characters.</summary>
public class StorageRuleTests
{
    /// <summary>Arguments of the attribute with their marks, and what the messages contain.</summary>
    public static TheoryData<string, string> Wrong => new()
    {
        { "Storage = \"{|SLC0501:gcs|}://bucket/flows\"", "did you mean 'gs'?" },
        { "Storage = \"{|SLC0501:s4|}://bucket/flows\"", "did you mean 's3'?" },
        { "Storage = \"{|SLC0501:sftp|}://host/flows\"", "rclone reaches it" },
        { "Storage = \"{|SLC0501:https|}://host/flows\"", "webhook+https:// for a webhook" },
        { "Storage = \"{|SLC0501:carrierpigeon|}://host/flows\"", "there are file, s3" },
        { "Storage = \"{|SLC0501:my bucket|}\"", "neither a URI, nor an absolute folder, nor a named block" },
        { "Storage = \"{|SLC0502:s3://|}/flows\"", "names no bucket: write it as s3://bucket/folder" },
        { "Storage = \"{|SLC0502:az://|}?overwrite=true\"", "names no container" },
        { "Storage = \"{|SLC0502:s3:|}/bucket/flows\"", "Two slashes" },
        { "Storage = \"s3://{|SLC0502:deploy:hunter2@|}bucket/flows\"", "no place for a user or password" },
        { "Storage = \"git+ssh://{|SLC0502:git:hunter2@|}host/flows.git\"", "no place for a user or password" },
        { "Storage = \"s3://bucket{|SLC0502::9000|}/flows\"", "endpoint_url" },
        { "Storage = \"github://{|SLC0502:owner|}\"", "names no repository: write it as github://owner/repository" },
        { "Storage = \"smb://{|SLC0502:host|}\"", "names no share" },
        { "Storage = \"s3://bucket{|SLC0502:/.git/flows|}\"", "a segment begins with '.'" },
        { "Storage = \"file:///srv/c{|SLC0502:#1|}\"", "is written %23" },
        { "Storage = \"s3/{|SLC0502:Dev_Bucket|}/flows\"", "lower-case letters, digits and dashes" },
        { "Storage = \"s3://bucket?{|SLC0503:regoin|}=eu-central-1\"", "did you mean 'region'?" },
        { "Storage = \"gs://bucket?{|SLC0503:storage_class|}=X\"", "it has service_account_info, project, endpoint_url" },
        { "Storage = \"file:///srv/flows?{|SLC0503:mode|}=1\"", "it has none" },
        { "Storage = \"s3/dev-bucket/flows{|SLC0503:?region=x|}\"", "has its options itself" },
        { "Storage = \"s3://bucket?addressing_style={|SLC0504:paths|}\"", "can be path, virtual; did you mean 'path'?" },
        { "Storage = \"s3://bucket?{|SLC0504:region|}\"", "has no value" },
        { "Storage = \"s3://bucket?region=a&{|SLC0504:region=b|}\"", "is given twice" },
        { "Storage = \"bitbucket://team/flows?{|SLC0505:access_token|}=${TOKEN}\"", "Bitbucket Server's" },
        { "Storage = \"bitbucket://TEAM/flows?host=git.example&{|SLC0505:cloud_username|}=me\"", "Bitbucket Cloud's" },
        { "Storage = \"rclone://remote/flows?{|SLC0505:host|}=files.example\"", "needs type" },
        { "Storage = \"bitbucket://team/flows?{|SLC0505:project|}=X&host=git.example\"", "leave one out" },
        { "Storage = \"git+http://host/flows.git?{|SLC0505:access_token|}=${T}\"", "in plain text" },
        { "Storage = \"docker://registry.example/team?{|SLC0505:username|}=me\"", "without password" },
        { "Storage = \"codecommit://eu-west-1/flows?{|SLC0505:aws_access_key_id|}=${KEY}\"", "without aws_secret_access_key" },
        { "Storage = \"smb://files/flows?smb_username=me&smb_password={|SLC0506:hunter2|}\"", "smb_password=${SMB_PASSWORD}" },
        { "Storage = \"s3://bucket?aws_access_key_id={|SLC0506:AKIAIOSFODNN7EXAMPLE|}&aws_secret_access_key=${S}\"", "compiled into the assembly" },
        { "Storage = \"webhook+https://host/{sha256}?get_header_Authorization={|SLC0506:Bearer%20abc|}\"", "Bearer ${WEBHOOK_AUTHORIZATION}" },
        { "Storage = \"webhook+https://host/{sha256}?get_header_X-From={|SLC0507:glpat-0123456789abcdefghij|}\"", "a GitLab token" },
        { "JobVariables = \"{\\\"env\\\": {\\\"T\\\": \\\"{|SLC0507:ghp_0123456789abcdefghij0123456789abcdef|}\\\"}}\"", "a GitHub token" },
        { "Secrets = {|SLC0510:[\"Bearer x\"]|}", "never their values" },
        { "Storage = \"smb://files/flows?smb_password={|SLC0508:${SMB_PASSWORD|}\"", "$$ for the sign itself" },
        { "Storage = \"gs://bucket?project=a{|SLC0508:$|}-b\"", "begins no name" },
        { "StorageKey = \"{|SLC0509:/flows|}\"", "it is rooted" },
        { "StorageKey = @\"{|SLC0509:flows\\prod|}\"", "it contains '\\'" },
        { "StorageKey = \"{|SLC0509:blobs/x|}\"", "'blobs' holds the contents" },
        { "Secrets = {|SLC0510:[\"AWS_CREDENTIALS\", \"${TOKEN}\"]|}", "names alone, as \"TOKEN\"" },
        { "Image = \"{|SLC0511:docker://team/flows|}\"", "is no image" },
        { "Image = \"{|SLC0511:Team/Flows:1.0|}\"", "is no image" },
        { "Storage = \"{|SLC0512:gitlab|}/flows\"", "did you mean 'gitlab-repository'?" },
        { "Storage = \"{|SLC0512:s33|}/dev-bucket\"", "did you mean 's3'?" },
        { "Storage = \"{|SLC0512:folder|}/of/flows\"", "a folder is written from its root" },
        { "Storage = \"{|SLC0512:secret|}/token\"", "a secret is no storage" },
        { "Storage = \"block://{|SLC0512:s33|}/dev-bucket\"", "did you mean 's3'?" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_a_store_would_refuse_is_marked(string argument, string says)
    {
        IReadOnlyList<string> messages = await AnalyzerTest.Run(Source(argument));
        messages.ShouldHaveSingleItem().ShouldContain(says, Case.Sensitive);
        messages[0].ShouldNotContain("hunter2");
    }

    public static TheoryData<string> Right => new()
    {
        "Storage = \"s3://my-bucket/flows?region=eu-central-1&server_side_encryption=aws:kms&sse_kms_key_id=${KEY}\"",
        "Storage = \"S3://my-bucket\"",
        "Storage = \"gs://my-bucket/flows\"",
        "Storage = \"az://container/flows?overwrite=true&azure_storage_connection_string=$CONNECTION\"",
        "Storage = \"smb://files/share/flows?smb_username=deploy&smb_password=${SMB_PASSWORD}\"",
        "Storage = \"rclone://backup//srv/flows\"",
        "Storage = \"file:///mnt/share/flows\"",
        "Storage = \"file:/mnt/share\"",
        "Storage = \"file://server/share\"",
        "Storage = \"/mnt/share/flows\"",
        "Storage = @\"C:\\flows\"",
        "Storage = @\"\\\\server\\share\"",
        "Storage = \"docker://\"",
        "Storage = \"docker://registry.example:5000/team?username=me&password=${PASSWORD}\"",
        "Storage = \"webhook+https://host/{sha256}?build_method=PUT&get_header_Authorization=Bearer%20${TOKEN}&build_header_X=$$5\"",
        "Storage = \"github://owner/repository/src/App?ref=main&access_token=${GITHUB_ACCESS_TOKEN}\"",
        "Storage = \"gitlab://group/sub/project?path=src/App.csproj\"",
        "Storage = \"bitbucket://repository?project=~jane&host=git.example\"",
        "Storage = \"codecommit://eu-west-1/flows?profile=deploy\"",
        "Storage = \"git+ssh://git@host/flows.git\"",
        "Storage = \"git+https://host:8443/flows.git?include_git_objects=true\"",
        "Storage = \"s3/dev-bucket/flows\"",
        "Storage = \"github/our-source?path=src/App.csproj\"",
        "Storage = \"block://gcs/bucket\"",
        "StorageKey = \"flows/prod-1\"",
        "Secrets = [\"AWS_CREDENTIALS\", \"token\"]",
        "Image = \"registry.example:5000/team/flows:1.0-rc.1\"",
        "Image = \"flows\"",
        "Image = \"mcr.example.com/dotnet/runtime@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"",
        "Image = \"{{ image }}\"",
        "Infrastructure = \"docker\"",
    };

    [Theory]
    [MemberData(nameof(Right))]
    public async Task What_stores_take_is_left_alone(string argument) => (await AnalyzerTest.Run(Source(argument))).ShouldBeEmpty();

    /// <summary>The exact characters, in every way to write a constant string.</summary>
    [Theory]
    [InlineData("@\"s3://bucket?{|SLC0503:regoin|}=x\"")]
    [InlineData("\"s3://bucket\\u003f{|SLC0503:re\\u0067oin|}=x\"")]
    [InlineData("\"\"\"s3://bucket?{|SLC0503:regoin|}=x\"\"\"")]
    [InlineData("\"s3://bucket?\" + \"{|SLC0503:regoin|}=x\"")]
    [InlineData("$\"s3://{Bucket}?{|SLC0503:regoin|}=x\"")]
    [InlineData("Base + \"?{|SLC0503:regoin|}=x\"")]
    [InlineData("{|SLC0503:Whole|}")]
    public async Task An_option_is_marked_on_its_own_characters(string literal) => (await AnalyzerTest.Run($$"""
        public class C
        {
            const string Bucket = "bucket", Base = "s3://bucket", Whole = "s3://bucket?regoin=x";
            [Flow] [Deployment("a", Storage = {{literal}})] public static void Run() { }
        }
        """)).ShouldHaveSingleItem().ShouldContain("did you mean 'region'?");

    [Fact]
    public async Task Several_mistakes_are_marked_each() => (await AnalyzerTest.Run(Source(
        "Storage = \"s3://{|SLC0502:me@|}bucket?{|SLC0503:regoin|}=x&aws_secret_access_key={|SLC0506:hunter2|}\", StorageKey = \"{|SLC0509:/a|}\""))).Count.ShouldBe(4);

    /// <summary>Half-typed texts, each prefix of a long one and each with a character left out.</summary>
    [Fact]
    public async Task Half_typed_storage_is_survived()
    {
        const string whole = "s3://user:p@bucket:1/a/../b?region=x&aws_secret_access_key=${KEY}&checksums=a%20b&x#y";
        string[] texts = [.. Enumerable.Range(0, whole.Length).SelectMany(i => new[] { whole[..i], whole.Remove(i, 1), whole[i..] }).Distinct()];
        string source = "public class C\n{\n" + string.Concat(texts.Select((text, i) => $"    [Flow] [Deployment(\"a\", Storage = \"{text}\", StorageKey = \"{text}\", Image = \"{text}\", Secrets = [\"{text}\"])] public static void Run{i}() {{ }}\n")) + "}";
        // It asserts that no analyzer throws.
        (await AnalyzerTest.Of(source)).Count.ShouldBeGreaterThan(texts.Length);
    }

    private static string Source(string argument) => $"public class C {{ [Flow] [Deployment(\"a\", {argument})] public static void Run() {{ }} }}";
}
