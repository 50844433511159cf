using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Tests;

/// <summary>What time does to slots; what holds at once for all doors is in the contract suite.</summary>
public sealed class ConcurrencyTests
{
    [Fact]
    public async Task A_lease_that_ran_out_holds_nothing_also_for_another_server_that_opens_the_database_later()
    {
        await using Home home = await Home.OpenAsync();
        await LimitAsync(home, 1);
        SlotsAnswer held = await AcquireAsync(home.Api, lease: 60);
        home.Clock.Advance(TimeSpan.FromSeconds(59));
        EmbeddedStore other = await home.OpenAnotherAsync();
        (await AcquireAsync(other)).Acquired.ShouldBeFalse();
        (await ActiveAsync(other)).ShouldBe(1);

        home.Clock.Advance(TimeSpan.FromSeconds(1));
        (await ActiveAsync(other)).ShouldBe(0);
        SlotsAnswer taken = await AcquireAsync(other);
        taken.Acquired.ShouldBeTrue();

        // The one who lost it is told so, and frees nothing of the new holder's.
        (await home.Api.RenewSlotsAsync(held.LeaseId!.Value, TimeSpan.FromSeconds(60), default)).ShouldBeFalse();
        await home.Api.ReleaseSlotsAsync(held.LeaseId.Value, default);
        (await ActiveAsync(home.Api)).ShouldBe(1);
        await other.ReleaseSlotsAsync(taken.LeaseId!.Value, default);
        (await ActiveAsync(home.Api)).ShouldBe(0);
    }

    [Fact]
    public async Task A_renewed_lease_counts_from_its_renewal_and_one_that_is_over_is_not_renewed()
    {
        await using Home home = await Home.OpenAsync();
        await LimitAsync(home, 1);
        Guid lease = (await AcquireAsync(home.Api, lease: 60)).LeaseId!.Value;
        for (int i = 0; i < 5; i++)
        {
            home.Clock.Advance(TimeSpan.FromSeconds(50));
            (await home.Api.RenewSlotsAsync(lease, TimeSpan.FromSeconds(60), default)).ShouldBeTrue();
            (await AcquireAsync(home.Api)).Acquired.ShouldBeFalse();
        }
        home.Clock.Advance(TimeSpan.FromSeconds(60));
        (await home.Api.RenewSlotsAsync(lease, TimeSpan.FromSeconds(60), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Slots_with_a_decay_become_free_by_themselves()
    {
        await using Home home = await Home.OpenAsync();
        await LimitAsync(home, 4, decay: 0.5);
        for (int i = 0; i < 4; i++)
            (await TakeAsync(home.Api)).Acquired.ShouldBeTrue();
        SlotsAnswer refused = await TakeAsync(home.Api);
        refused.Acquired.ShouldBeFalse();
        refused.RetryAfter.TotalSeconds.ShouldBeInRange(1, 4);
        int taken = 0;
        // Asked far more often than one becomes free: nothing of the decay is lost.
        for (int i = 0; i < 100; i++)
        {
            home.Clock.Advance(TimeSpan.FromSeconds(0.2));
            taken += (await TakeAsync(home.Api)).Acquired ? 1 : 0;
        }
        taken.ShouldBe(10);
        home.Clock.Advance(TimeSpan.FromSeconds(60));
        (await ActiveAsync(home.Api)).ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_refused_is_told_to_wait_the_longer_the_more_are_refused_but_never_long()
    {
        await using Home home = await Home.OpenAsync();
        await LimitAsync(home, 1);
        await AcquireAsync(home.Api);
        TimeSpan first = (await AcquireAsync(home.Api)).RetryAfter;
        for (int i = 0; i < 5; i++)
            await AcquireAsync(home.Api);
        TimeSpan later = (await AcquireAsync(home.Api)).RetryAfter;
        for (int i = 0; i < 100; i++)
            await AcquireAsync(home.Api);
        TimeSpan last = (await AcquireAsync(home.Api)).RetryAfter;
        first.TotalSeconds.ShouldBeInRange(0.1, 2 * 1.3);
        later.ShouldBeGreaterThan(first);
        last.TotalSeconds.ShouldBeInRange(30 * 0.7, 30 * 1.3);
    }

    [Fact]
    public async Task Slots_that_a_person_resets_are_not_given_back_twice()
    {
        await using Home home = await Home.OpenAsync();
        await LimitAsync(home, 2);
        Guid lease = (await AcquireAsync(home.Api)).LeaseId!.Value;
        await home.Api.UpdateConcurrencyLimitAsync("db", new() { ActiveSlots = 0 }, default);
        await AcquireAsync(home.Api);
        await home.Api.ReleaseSlotsAsync(lease, default);
        (await ActiveAsync(home.Api)).ShouldBe(1);
    }

    [Fact]
    public async Task Of_many_who_ask_two_servers_at_once_no_more_get_a_slot_than_there_are()
    {
        await using Home home = await Home.OpenAsync();
        await LimitAsync(home, 3);
        EmbeddedStore[] servers = [home.Api, await home.OpenAnotherAsync()];
        SlotsAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => AcquireAsync(servers[i % 2]))));
        answers.Count(answer => answer.Acquired).ShouldBe(3);
        (await ActiveAsync(home.Api)).ShouldBe(3);
    }

    [Fact]
    public async Task A_limit_that_is_deleted_or_reset_ends_no_lease_of_others()
    {
        await using Home home = await Home.OpenAsync();
        await LimitAsync(home, 1);
        await home.Api.CreateConcurrencyLimitAsync(new() { Name = "other", Limit = 1 }, default);
        Guid none = (await home.Api.AcquireSlotsAsync(new() { Names = ["nope"], Slots = 1 }, default)).LeaseId!.Value;
        Guid both = (await home.Api.AcquireSlotsAsync(new() { Names = ["db", "other"], Slots = 1 }, default)).LeaseId!.Value;
        await home.Api.UpdateConcurrencyLimitAsync("db", new() { ActiveSlots = 0 }, default);
        Guid own = (await AcquireAsync(home.Api)).LeaseId!.Value;
        await home.Api.DeleteConcurrencyLimitAsync("db", default);
        foreach (Guid lease in new[] { none, both, own })
            (await home.Api.RenewSlotsAsync(lease, TimeSpan.FromSeconds(60), default)).ShouldBeTrue();
        await home.Api.ReleaseSlotsAsync(both, default);
        (await home.Api.FindConcurrencyLimitAsync("other", default))!.ActiveSlots.ShouldBe(0);
        home.Clock.Advance(TimeSpan.FromSeconds(60));
        await home.Api.AcquireSlotsAsync(new() { Names = ["other"], Slots = 1 }, default);
        home.Sql("SELECT COUNT(*) FROM concurrency_lease").ShouldBe(1L);
    }

    [Fact]
    public async Task A_decay_of_next_to_nothing_makes_nobody_wait_longer_than_a_day()
    {
        await using Home home = await Home.OpenAsync();
        await LimitAsync(home, 1, decay: 1e-300);
        await TakeAsync(home.Api);
        (await TakeAsync(home.Api)).RetryAfter.TotalHours.ShouldBeInRange(24 * 0.7, 24 * 1.3);
    }

    [Fact]
    public async Task A_task_run_that_asks_again_for_its_tag_holds_one_slot_and_gives_all_back()
    {
        await using Home home = await Home.OpenAsync();
        var slots = new TagSlots { Names = ["team/db"], TaskRunId = Guid.NewGuid() };
        await home.Api.Write(scope => TagLimits.Set(scope, new() { Tag = "team/db", ConcurrencyLimit = 2 }), default); // Prefect's tags are any text
        for (int i = 0; i < 3; i++)
        {
            var (taken, refusal) = await home.Api.Write(scope => TagLimits.Take(scope, slots), default);
            (taken.Count, refusal).ShouldBe((1, null));
        }
        (await home.Api.FindConcurrencyLimitAsync("tag:team/db", default))!.ActiveSlots.ShouldBe(1);
        (await home.Api.Write(scope => TagLimits.Take(scope, slots with { TaskRunId = Guid.NewGuid() }), default)).Refusal.ShouldBeNull();
        (await home.Api.Write(scope => TagLimits.Take(scope, slots), default)).Refusal.ShouldBeNull(); // it is full, but with itself
        await home.Api.Write(scope => TagLimits.Give(scope, slots), default);
        (await home.Api.FindConcurrencyLimitAsync("tag:team/db", default))!.ActiveSlots.ShouldBe(1);
        await home.Api.Write(scope => TagLimits.Reset(scope, "team/db", []), default);
        home.Sql("SELECT COUNT(*) FROM concurrency_lease").ShouldBe(0L); // nobody would renew them
    }


    private static Task LimitAsync(Home home, int slots, double decay = 0) => home.Api.CreateConcurrencyLimitAsync(new() { Name = "db", Limit = slots, SlotDecayPerSecond = decay }, default);

    private static Task<SlotsAnswer> AcquireAsync(EmbeddedStore store, double? lease = null) => store.AcquireSlotsAsync(new() { Names = ["db"], Slots = 1, LeaseDuration = lease }, default);

    private static Task<SlotsAnswer> TakeAsync(EmbeddedStore store) => store.TakeSlotsAsync(new() { Names = ["db"], Slots = 1, Mode = "rate_limit" }, default);

    private static async Task<int?> ActiveAsync(EmbeddedStore store) => (await store.FindConcurrencyLimitAsync("db", default))!.ActiveSlots;
}
