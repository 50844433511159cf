using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Fixes;

/// <summary>Code fixes of storage, applied; each row is rule, title, and the attribute's arguments before and after.</summary>
public class StorageFixTests
{
    public static TheoryData<string, string, string, string> Rows => new()
    {
        { "SLC0501", "Change to \"gs://b/flows\"", "Storage = \"gcs://b/flows\"", "Storage = \"gs://b/flows\"" },
        { "SLC0502", "Change to \"s3://b/flows\"", "Storage = @\"s3:/b/flows\"", "Storage = @\"s3://b/flows\"" },
        { "SLC0502", "Change to \"s3://b/flows\"", "Storage = \"s3://me:p@b/flows\"", "Storage = \"s3://b/flows\"" },
        { "SLC0502", "Change to \"s3/dev-bucket\"", "Storage = \"s3/Dev_Bucket\"", "Storage = \"s3/dev-bucket\"" },
        { "SLC0503", "Change to \"s3://b?region=x\"", "Storage = \"\"\"s3://b?regoin=x\"\"\"", "Storage = \"\"\"s3://b?region=x\"\"\"" },
        { "SLC0504", "Change to \"az://c?overwrite=true\"", "Storage = \"az://c?overwrite=True\"", "Storage = \"az://c?overwrite=true\"" },
        { "SLC0506", "Change to \"github://o/r?access_token=${GITHUB_ACCESS_TOKEN}\"", "Storage = \"github://o/r?access_token=hunter2\"", "Storage = \"github://o/r?access_token=${GITHUB_ACCESS_TOKEN}\"" },
        { "SLC0508", "Change to \"smb://f/s?smb_password=${PASSWORD}\"", "Storage = \"smb://f/s?smb_password=${PASSWORD\"", "Storage = \"smb://f/s?smb_password=${PASSWORD}\"" },
        { "SLC0508", "Change to \"gs://b?project=a$$\"", "Storage = \"gs://b?project=a$\"", "Storage = \"gs://b?project=a$$\"" },
        { "SLC0509", "Change to \"flows/prod\"", "StorageKey = @\"\\flows\\prod\"", "StorageKey = @\"flows/prod\"" },
        { "SLC0511", "Change to \"team/flows:1.0-RC\"", "Image = \"docker://Team/Flows:1.0-RC\"", "Image = \"team/flows:1.0-RC\"" },
        { "SLC0512", "Change to \"gitlab-repository/flows\"", "Storage = \"gitlab/flows\"", "Storage = \"gitlab-repository/flows\"" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public Task A_fix_of_storage_changes_what_it_says_in_the_literals_own_form(string id, string title, string before, string after) => CodeFixTest.Apply(id, title, Source(before), Source(after));

    private static string Source(string arguments) => $"public class C {{ [Flow] [Deployment(\"a\", {arguments})] public static void Run() {{ }} }}";
}
