namespace Sluice.Orchestration.Tests.Contract;

public sealed class ConcurrencyContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task A_limit_is_created_changed_listed_and_deleted(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string name = NewName();
        (await api.FindConcurrencyLimitAsync(name, Cancel)).ShouldBeNull();
        GlobalConcurrencyLimit made = await api.CreateConcurrencyLimitAsync(new() { Name = name, Limit = 3 }, Cancel);
        (made.Name, made.Limit, made.ActiveSlots, made.Active, made.SlotDecayPerSecond).ShouldBe((name, 3, 0, true, 0));
        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.CreateConcurrencyLimitAsync(new() { Name = name, Limit = 1 }, Cancel));

        await api.UpdateConcurrencyLimitAsync(name, new() { Limit = 5, SlotDecayPerSecond = 0.5, Active = false }, Cancel);
        GlobalConcurrencyLimit changed = (await api.FindConcurrencyLimitAsync(name, Cancel)).ShouldNotBeNull();
        (changed.Id, changed.Limit, changed.Active, changed.SlotDecayPerSecond).ShouldBe((made.Id, 5, false, 0.5));
        await api.UpdateConcurrencyLimitAsync(name, new() { Name = name + "-b" }, Cancel);
        var names = (await api.ListConcurrencyLimitsAsync(new(), Cancel)).Select(limit => limit.Name).ToArray();
        names.ShouldContain(name + "-b");
        names.ShouldNotContain(name);

        (await api.DeleteConcurrencyLimitAsync(name + "-b", Cancel)).ShouldBeTrue();
        (await api.DeleteConcurrencyLimitAsync(name + "-b", Cancel)).ShouldBeFalse();
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpdateConcurrencyLimitAsync(name, new() { Limit = 1 }, Cancel));
    }

    [Theory, AllDoors]
    public async Task Slots_are_held_by_a_lease_until_it_is_released(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string name = await NewLimitAsync(api, 2);
        SlotsAnswer first = await api.AcquireSlotsAsync(new() { Names = [name], Slots = 1, Holder = new() { Type = "flow_run", Id = Guid.NewGuid() } }, Cancel);
        SlotsAnswer second = await api.AcquireSlotsAsync(new() { Names = [name], Slots = 1, LeaseDuration = 60 }, Cancel);
        first.Acquired.ShouldBeTrue();
        first.Limits.ShouldHaveSingleItem().Name.ShouldBe(name);
        second.Acquired.ShouldBeTrue();
        (await ActiveAsync(api, name)).ShouldBe(2);

        SlotsAnswer refused = await api.AcquireSlotsAsync(new() { Names = [name], Slots = 1 }, Cancel);
        refused.Acquired.ShouldBeFalse();
        refused.LeaseId.ShouldBeNull();
        refused.RetryAfter.ShouldBeGreaterThan(TimeSpan.Zero);
        (await ActiveAsync(api, name)).ShouldBe(2);

        (await api.RenewSlotsAsync(first.LeaseId!.Value, TimeSpan.FromSeconds(600), Cancel)).ShouldBeTrue();
        await api.ReleaseSlotsAsync(first.LeaseId.Value, Cancel);
        (await ActiveAsync(api, name)).ShouldBe(1);
        await api.ReleaseSlotsAsync(first.LeaseId.Value, Cancel);
        (await ActiveAsync(api, name)).ShouldBe(1);
        (await api.RenewSlotsAsync(first.LeaseId.Value, TimeSpan.FromSeconds(600), Cancel)).ShouldBeFalse();
        (await api.AcquireSlotsAsync(new() { Names = [name], Slots = 1 }, Cancel)).Acquired.ShouldBeTrue();
        await api.DeleteConcurrencyLimitAsync(name, Cancel);
    }

    [Theory, AllDoors]
    public async Task Slots_of_several_limits_are_taken_together_or_not_at_all(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string wide = await NewLimitAsync(api, 5), narrow = await NewLimitAsync(api, 1);
        (await api.AcquireSlotsAsync(new() { Names = [narrow], Slots = 1 }, Cancel)).Acquired.ShouldBeTrue();
        (await api.AcquireSlotsAsync(new() { Names = [wide, narrow], Slots = 1 }, Cancel)).Acquired.ShouldBeFalse();
        (await ActiveAsync(api, wide)).ShouldBe(0);
        SlotsAnswer partly = await api.AcquireSlotsAsync(new() { Names = [wide, NewName()], Slots = 2 }, Cancel);
        partly.Acquired.ShouldBeTrue();
        partly.Limits.ShouldHaveSingleItem().Name.ShouldBe(wide);
        (await api.AcquireSlotsAsync(new() { Names = [NewName()], Slots = 2 }, Cancel)).Limits.ShouldBeEmpty();
        foreach (string name in new[] { wide, narrow })
            await api.DeleteConcurrencyLimitAsync(name, Cancel);
    }

    [Theory, AllDoors]
    public async Task Slots_without_a_lease_are_given_back_and_a_limit_that_is_not_active_refuses_nobody(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string name = await NewLimitAsync(api, 2);
        (await api.TakeSlotsAsync(new() { Names = [name], Slots = 2 }, Cancel)).Acquired.ShouldBeTrue();
        (await api.TakeSlotsAsync(new() { Names = [name], Slots = 1 }, Cancel)).Acquired.ShouldBeFalse();
        (await api.GiveSlotsAsync(new() { Names = [name], Slots = 2, OccupancySeconds = 1.5 }, Cancel)).ShouldHaveSingleItem().Name.ShouldBe(name);
        (await ActiveAsync(api, name)).ShouldBe(0);
        (await api.GiveSlotsAsync(new() { Names = [name], Slots = 2 }, Cancel)).Count.ShouldBe(1);
        (await ActiveAsync(api, name)).ShouldBe(0);

        await api.UpdateConcurrencyLimitAsync(name, new() { Limit = 0, Active = false }, Cancel);
        (await api.TakeSlotsAsync(new() { Names = [name], Slots = 1 }, Cancel)).Acquired.ShouldBeTrue();
        await api.UpdateConcurrencyLimitAsync(name, new() { Active = true, Limit = 3, ActiveSlots = 3 }, Cancel);
        (await api.TakeSlotsAsync(new() { Names = [name], Slots = 1 }, Cancel)).Acquired.ShouldBeFalse();
        await api.DeleteConcurrencyLimitAsync(name, Cancel);
    }

    [Theory, AllDoors]
    public async Task What_cannot_be_is_refused(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string name = await NewLimitAsync(api, 2);
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.CreateConcurrencyLimitAsync(new() { Name = "a/b", Limit = 1 }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.CreateConcurrencyLimitAsync(new() { Name = NewName(), Limit = -1 }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.UpdateConcurrencyLimitAsync(name, new() { SlotDecayPerSecond = -1 }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.AcquireSlotsAsync(new() { Names = [name], Slots = 0 }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.AcquireSlotsAsync(new() { Names = [name], Slots = 3 }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.AcquireSlotsAsync(new() { Names = [name], Slots = 1, LeaseDuration = 59 }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.AcquireSlotsAsync(new() { Names = [name], Slots = 1, LeaseDuration = 86_401 }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.TakeSlotsAsync(new() { Names = [name], Slots = 1, Mode = "rate_limit" }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.TakeSlotsAsync(new() { Names = [name], Slots = 1, Mode = "other" }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.RenewSlotsAsync(Guid.NewGuid(), TimeSpan.FromSeconds(1), Cancel));
        (await ActiveAsync(api, name)).ShouldBe(0);
        await api.DeleteConcurrencyLimitAsync(name, Cancel);
    }

    private static string NewName() => $"limit-{Guid.NewGuid():N}-{ApiDoors.Mark}";

    private static async Task<string> NewLimitAsync(IOrchestrationApi api, int slots) =>
        (await api.CreateConcurrencyLimitAsync(new() { Name = NewName(), Limit = slots }, Cancel)).Name!;

    private static async Task<int?> ActiveAsync(IOrchestrationApi api, string name) => (await api.FindConcurrencyLimitAsync(name, Cancel))!.ActiveSlots;
}
