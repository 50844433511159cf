using System.Text.Json;
using Sluice.Deploy.Journal;
using Sluice.Storage;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Tests.Journal;

/// <summary>Journals in a store that fails, and publishers that come too late.</summary>
public sealed class JournalStoreTests : IDisposable
{
    private const string Server = "http://127.0.0.1:1/api";
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_journal_that_cannot_be_deleted_at_first_is_deleted_at_the_second_try()
    {
        WatchedStore watched = Watched();
        await using var store = new JournalStore(watched, Server);
        await using ApplyJournal journal = await BegunAsync(store);
        int refused = 0;
        watched.Before = (call, key) => call == "DeleteAsync" && refused++ == 0 ? throw new StorageException(StorageErrorKind.Unavailable, $"Cannot delete {key}.") : Task.CompletedTask;

        await journal.EndAsync(Cancel);

        refused.ShouldBeGreaterThan(1);
        Files().ShouldBeEmpty();
        _bench.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_journal_that_is_done_and_stays_is_nobodys_to_complete_and_keeps_saying_what_is_missing_until_it_is_deleted()
    {
        WatchedStore watched = Watched();
        await using var store = new JournalStore(watched, Server);
        DeployEnvironment environment = _bench.Environment();
        await using ApplyJournal journal = await BegunAsync(store, environment);
        await journal.ReplaceAsync("""{"long":"entry"}""", Cancel);
        watched.Before = (call, key) => call == "DeleteAsync" ? throw new StorageException(StorageErrorKind.Forbidden, $"Cannot delete {key}: forbidden.") : Task.CompletedTask;

        await journal.EndAsync(Cancel);
        await journal.DisposeAsync();

        string line = _bench.Output.TrimEnd('\n');
        line.ShouldStartWith("Sluice: the journal ");
        line.ShouldContain("001.json is done with and could not be deleted: the next publish deletes it (Cannot delete ");
        line.ShouldNotContain("\n");
        FoundJournal found = (await store.FindAsync("Weather", tidies: true, Cancel)).ShouldNotBeNull();
        (found.Document.Done, found.Document.Released).ShouldBe((true, true));
        (await MeantAsync(store, found, tidies: false)).ShouldBeNull("a plan looks only");
        DeployException refused = await Should.ThrowAsync<DeployException>(() => MeantAsync(store, found, tidies: true));
        (string code, string message) = refused.Errors.ShouldHaveSingleItem();
        code.ShouldBe(DeployCodes.StorageFailed);
        message.ShouldContain("001.json. Publishing to Prefect servers needs credentials that may delete under journal/; delete it, and publish again. (Cannot delete ");

        watched.Before = (_, _) => Task.CompletedTask;
        (await ApplyJournal.TakeOverAsync(store, environment, found, Cancel)).ShouldBeNull();
        (await MeantAsync(store, (await store.FindAsync("Weather", tidies: true, Cancel)).ShouldNotBeNull(), tidies: true)).ShouldBeNull();
        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_journal_goes_though_the_store_takes_nothing_new()
    {
        WatchedStore watched = Watched();
        await using var store = new JournalStore(watched, Server);
        await using ApplyJournal journal = await BegunAsync(store);
        watched.Before = (call, key) => call == "PutAsync" ? throw new StorageException(StorageErrorKind.Full, $"Cannot write {key}: the disk is full.") : Task.CompletedTask;

        await journal.EndAsync(Cancel);

        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_takes_over_too_late_disturbs_nobody_that_began_since()
    {
        await using var store = new JournalStore(Watched(), Server);
        await using ApplyJournal dead = await BegunAsync(store);
        FoundJournal seen = (await store.FindAsync("Weather", tidies: true, Cancel)).ShouldNotBeNull();
        await dead.EndAsync(Cancel);
        await using ApplyJournal next = await BegunAsync(store);
        // The late one is killed right here.
        (await store.CreateAsync(seen.Folder, 2, seen.Document, Cancel)).ShouldBeTrue();

        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        await next.CheckAsync(Cancel);
        next.Lost.IsCancellationRequested.ShouldBeFalse();
        FoundJournal found = (await store.FindAsync("Weather", tidies: false, Cancel)).ShouldNotBeNull();
        (found.Number, found.Document.Id).ShouldBe((1, next.Id));
        Files().Count(file => file.EndsWith(".json", StringComparison.Ordinal)).ShouldBe(2, "it was looked at only");

        found = (await store.FindAsync("Weather", tidies: true, Cancel)).ShouldNotBeNull();
        await using ApplyJournal? taker = await ApplyJournal.TakeOverAsync(store, _bench.Environment(), found, Cancel);
        await taker.ShouldNotBeNull().EndAsync(Cancel);
        Files().Where(file => file.EndsWith(".json", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_number_whose_first_one_is_gone_means_nothing()
    {
        await using var store = new JournalStore(Watched(), Server);
        await using ApplyJournal dead = await BegunAsync(store);
        FoundJournal seen = (await store.FindAsync("Weather", tidies: true, Cancel)).ShouldNotBeNull();
        await dead.EndAsync(Cancel);
        (await store.CreateAsync(seen.Folder, 2, seen.Document, Cancel)).ShouldBeTrue();

        (await store.FindAsync("Weather", tidies: false, Cancel)).ShouldBeNull();
        Files().ShouldHaveSingleItem();
        (await store.FindAsync("Weather", tidies: true, Cancel)).ShouldBeNull();
        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_two_that_find_the_same_dead_lock_one_deletes_it_and_the_other_waits()
    {
        WatchedStore watched = Watched();
        await using var slow = new JournalStore(watched, Server);
        await using var fast = new JournalStore(Watched(), Server);
        var locked = new JournalDocument
        {
            JournalVersion = JournalDocument.Format, Id = Guid.NewGuid(), App = "South", Main = "North", Server = Server, Publisher = JournalPublisher.This() with { Process = int.MaxValue },
            Created = _bench.Time.GetUtcNow(), Renewed = _bench.Time.GetUtcNow(), Entry = JsonElement.Parse("{}"),
        };
        (await slow.CreateAsync(slow.Folder("South"), 1, locked, Cancel)).ShouldBeTrue();
        FoundJournal found = (await slow.FindAsync("South", tidies: true, Cancel)).ShouldNotBeNull();
        FoundJournal? other = null;
        watched.Before = async (call, key) =>
        {
            if (call != "DeleteAsync" || !key.EndsWith("/001.json", StringComparison.Ordinal))
                return;
            watched.Before = (_, _) => Task.CompletedTask;
            other = (await fast.FindAsync("South", tidies: true, Cancel)).ShouldNotBeNull();
            other = await MeantAsync(fast, other, tidies: true);
        };

        (await MeantAsync(slow, found, tidies: true)).ShouldBeNull();

        other.ShouldNotBeNull("its taker lives, and is about to delete what is there").Document.Publisher.Process.ShouldBe(Environment.ProcessId);
        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Whatever_a_sign_of_life_meets_the_apply_comes_to_its_end()
    {
        WatchedStore watched = Watched();
        await using var store = new JournalStore(watched, Server);
        await using ApplyJournal journal = await BegunAsync(store);
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watched.Before = (_, _) =>
        {
            met.TrySetResult();
            throw new InvalidOperationException("Broken on purpose");
        };
        // Less than the lease in all, however late the beat comes on a loaded machine.
        for (int second = 0; second < 80 && !met.Task.IsCompleted; second++)
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(met.Task, Task.Delay(100, Cancel));
        }
        await met.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        watched.Before = (_, _) => Task.CompletedTask;

        await journal.EndAsync(Cancel);

        Files().ShouldBeEmpty();
    }

    [Fact]
    public void A_publisher_is_asked_for_on_its_own_running_system_alone()
    {
        JournalPublisher own = JournalPublisher.This();
        own.Machine.ShouldNotBeEmpty();
        own.IsRunning().ShouldBe(true);
        (own with { Process = int.MaxValue }).IsRunning().ShouldBe(false);
        (own with { Started = own.Started.AddHours(-1) }).IsRunning().ShouldBe(false, "its number came again");
        (own with { Process = int.MaxValue, Machine = "another one of the same image" }).IsRunning().ShouldBeNull("it is watched");
        (own with { Process = int.MaxValue, Host = "build-7" }).IsRunning().ShouldBeNull();
    }

    private WatchedStore Watched() => new(PackageStores.Open(StoreUri.OfFolder(_bench.Home.Storage)));

    private async Task<ApplyJournal> BegunAsync(JournalStore store, DeployEnvironment? environment = null)
    {
        var journal = new ApplyJournal(store, environment ?? _bench.Environment(), "Weather", Server);
        await journal.BeginAsync("{}", Cancel);
        return journal;
    }

    private Task<FoundJournal?> MeantAsync(JournalStore store, FoundJournal found, bool tidies) =>
        JournaledApplies.MeantAsync(store, _bench.Environment(), found, new(_bench.Time), tidies, Cancel);

    private string[] Files() => Directory.Exists(Path.Combine(_bench.Home.Storage, "journal")) ? Directory.GetFiles(Path.Combine(_bench.Home.Storage, "journal"), "*", SearchOption.AllDirectories) : [];
}
