using System.Runtime.InteropServices;
using Sluice.Storage.Docker;
using Sluice.Storage.Packages;
using Sluice.Testing;
using Sluice.Testing.Containers;

namespace Sluice.Storage.Tests.Docker;

/// <summary>What every place of images must do.</summary>
public abstract class ImageTargetContract(ImageServers servers) : IDisposable
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ImageServers Servers { get; } = servers;

    protected TempFolder Temp { get; } = new();

    /// <summary>Names tags; pauses take the time they take.</summary>
    protected TimeProvider Time { get; } = new Six();

    /// <summary>The URI of the target, with further options.</summary>
    protected abstract string Location(string options = "");

    /// <summary>The image's labels, its entry point and the files below <c>/app</c>, as the place has them.</summary>
    protected abstract Task<(IReadOnlyDictionary<string, string> Labels, string[] Entrypoint, string[] Environment, string[] Files)> LookAsync(PublishedImage image);

    protected abstract Task DeleteAsync(PublishedImage image);

    public void Dispose()
    {
        Temp.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_image_holds_exactly_the_package_and_says_what_it_was_made_of()
    {
        ImageDraft draft = await DraftAsync() with { Settings = new() { Labels = new Dictionary<string, string> { ["team"] = "weather; and 100% of it" }, Environment = new Dictionary<string, string> { ["TZ"] = "UTC" } } };
        await using IImageTarget target = Open("&env_vars=" + Uri.EscapeDataString("""{"LEVEL":"debug","RETRIES":3,"PRICE":"$$5"}"""));
        await target.CheckAsync(draft, Cancel);

        PublishedImage image = await target.PublishAsync(draft, Cancel);

        image.IsNew.ShouldBeTrue();
        image.Name.ShouldEndWith("weather-report:2026-11-22t06-00-00-000000-00-00");
        image.Command.ShouldBe(["dotnet", "/app/Weather.dll"]);
        var (labels, entrypoint, environment, files) = await LookAsync(image);
        files.ShouldBe(["/app/Weather", "/app/Weather.dll", "/app/data/städte.csv"]);
        entrypoint.ShouldBe(image.Command);
        environment.ShouldBeSubsetOf(["TZ=UTC", "LEVEL=debug", "RETRIES=3", "PRICE=$5", .. environment.Where(v => v.StartsWith("PATH=", StringComparison.Ordinal) || v.StartsWith("DOTNET_", StringComparison.Ordinal))]);
        environment.ShouldContain("TZ=UTC");
        environment.ShouldContain("RETRIES=3");
        labels["sluice.package"].ShouldBe(draft.Content.Digest);
        labels["sluice.app"].ShouldBe("Weather");
        labels["org.opencontainers.image.version"].ShouldBe("1.2.3");
        labels["org.opencontainers.image.revision"].ShouldBe("0123456789abcdef");
        labels["team"].ShouldBe("weather; and 100% of it");
    }

    [Fact]
    public async Task The_same_again_is_found_and_anything_else_is_not()
    {
        ImageDraft draft = await DraftAsync();
        await using IImageTarget target = Open();
        PublishedImage image = await target.PublishAsync(draft, Cancel);
        string[] live = ["another.example/weather-report:1", image.Reference];

        PublishedImage? same = await target.FindAsync(draft with { Version = "2.0.0", Commit = "fedcba" }, live, Cancel);

        same.ShouldNotBeNull().ShouldBe(image with { Name = image.Reference, IsNew = false, Command = same!.Command });
        (await target.FindAsync(draft with { Name = "Other" }, live, Cancel)).ShouldBeNull();
        (await target.FindAsync(draft with { Settings = new() { User = "1000" } }, live, Cancel)).ShouldBeNull();
        (await target.FindAsync(await DraftAsync("changed"), live, Cancel)).ShouldBeNull();
        await using (IImageTarget other = Open("&env_vars=" + Uri.EscapeDataString("""{"A":"1"}""")))
            (await other.FindAsync(draft, live, Cancel)).ShouldBeNull();
        await DeleteAsync(image);
        (await target.FindAsync(draft, live, Cancel)).ShouldBeNull("it is gone");
    }

    [Fact]
    public async Task An_image_that_is_kept_is_started_as_it_was_when_it_was_made()
    {
        ImageDraft draft = await NativeDraftAsync();
        await using IImageTarget target = Open();
        PublishedImage made = await target.PublishAsync(draft, Cancel);
        (string.Join(' ', made.Command), made.WithoutPrefect).ShouldBe(("prefect flow-run execute", null));
        PublishedImage kept = (await target.FindAsync(draft, [made.Reference], Cancel)).ShouldNotBeNull();
        (string.Join(' ', kept.Command), kept.WithoutPrefect).ShouldBe(("prefect flow-run execute", null));
    }

    [Fact]
    public async Task Name_and_tag_may_be_chosen()
    {
        await using IImageTarget target = Open("&image_name=team-a/report&image_tag=Stable_1");
        (await target.PublishAsync(await DraftAsync(), Cancel)).Name.ShouldEndWith("team-a/report:Stable_1");
    }

    [Theory]
    [InlineData("&image_name=Report", "'", "capital letters")]
    [InlineData("&image_name=a//b", "'", "segments parted by '/'")]
    [InlineData("&image_tag=-x", "'-x' is no tag", "")]
    [InlineData("&env_vars=[1]", "no JSON object", "")]
    [InlineData("&env_vars=1", "no JSON object", "")]
    [InlineData("""&env_vars={"API_TOKEN":"${REGISTRY_PASSWORD}"}""", "refers to REGISTRY_PASSWORD, and its value would stand in the image for all who pull it", "have it given to containers when they start, by the work pool or the cluster")]
    public async Task What_is_wrong_is_said_in_one_line(string options, string says, string also)
    {
        await using IImageTarget target = Open(options);
        StorageException e = await Should.ThrowAsync<StorageException>(async () => await target.PublishAsync(await DraftAsync(), Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain(says);
        e.Message.ShouldContain(also);
        e.Message.ShouldNotContain("\n");
        e.ToString().ShouldNotContain("CANARY");
    }

    [Fact]
    public async Task A_base_image_that_is_not_there_is_named()
    {
        await using IImageTarget target = ImageTargets.Open(Location($"base_image={Servers.Registry.Host}/base/none:7"), Servers.Secrets, Time);
        StorageException e = await Should.ThrowAsync<StorageException>(async () => await target.PublishAsync(await DraftAsync(), Cancel));
        e.Kind.ShouldBe(StorageErrorKind.NotFound, e.Message);
        e.Message.ShouldContain("base/none:7");
        e.Message.ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_stops_the_image()
    {
        ImageDraft draft = await DraftAsync();
        Temp.Write("publish/Weather.dll", "another program");
        await using IImageTarget target = Open();
        StorageException e = await Should.ThrowAsync<StorageException>(() => target.PublishAsync(draft, Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Changed);
        e.Message.ShouldContain("Weather.dll");
    }

    [Fact]
    public async Task Cancelling_ends_it()
    {
        ImageDraft draft = await DraftAsync();
        await using IImageTarget target = Open();
        using var cancelled = new CancellationTokenSource();
        Task publishing = target.PublishAsync(draft, cancelled.Token);
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => publishing);
    }

    protected IImageTarget Open(string options = "") => ImageTargets.Open(Location($"base_image={Servers.Base}{options}"), Servers.Secrets, Time);

    protected async Task<ImageDraft> DraftAsync(string program = "the program")
    {
        Temp.Write("publish/Weather.dll", program);
        Temp.Write("publish/Weather", "its apphost");
        Temp.Write("publish/data/städte.csv", "Köln");
        Temp.Write("publish/leftover.txt", "not listed");
        PackageSource[] sources = [.. ((string[])["Weather.dll", "Weather", "data/städte.csv"]).Select(path => new PackageSource(path, Temp["publish", path], Executable: path == "Weather"))];
        return new()
        {
            Content = await PackageContent.ReadAsync(sources, Cancel),
            Name = "Weather report",
            Assembly = "Weather",
            Launch = new("Weather", "Weather.dll"),
            TargetFramework = "net10.0",
            DeploymentMode = "framework-dependent",
            Version = "1.2.3",
            Commit = "0123456789abcdef",
        };
    }

    /// <summary>One whose executable is for this machine, as far as its first bytes tell, so that the image answers to <c>prefect</c>.</summary>
    protected async Task<ImageDraft> NativeDraftAsync()
    {
        ImageDraft draft = await DraftAsync();
        byte[] elf = new byte[64];
        "\u007FELF"u8.CopyTo(elf);
        // 64 bits, little-endian, and e_machine of the ELF specification.
        (elf[4], elf[5], elf[18]) = (2, 1, RuntimeInformation.OSArchitecture == Architecture.Arm64 ? (byte)183 : (byte)62);
        await File.WriteAllBytesAsync(Temp["publish", "Weather"], elf, Cancel);
        return draft with { Content = await PackageContent.ReadAsync([.. draft.Content.Files.Select(file => new PackageSource(file.Path, Temp["publish", file.Path], Executable: file.Path == "Weather"))], Cancel) };
    }

    private sealed class Six : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 22, 6, 0, 0, TimeSpan.Zero);
    }
}
