using System.Text.Json;

namespace Sluice.Orchestration.Tests.Contract;

public sealed class VariableContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task A_variable_keeps_any_JSON_value_and_is_changed_and_deleted(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        foreach (string value in new[] { "\"Zürich\"", "12.5", "true", "null", """{"a":[1,null]}""", "[]" })
        {
            string name = NewName();
            Variable made = await api.CreateVariableAsync(new() { Name = name, Value = Json(value), Tags = ["t"] }, Cancel);
            JsonElement.DeepEquals(made.Value, Json(value)).ShouldBeTrue(value);
            (await api.ReadVariableAsync(made.Id, Cancel)).ShouldNotBeNull().Name.ShouldBe(name);

            await api.UpdateVariableAsync(made.Id, new() { Value = Json("\"other\"") }, Cancel);
            Variable changed = (await api.FindVariableAsync(name, Cancel)).ShouldNotBeNull();
            changed.Value.GetString().ShouldBe("other");
            changed.Tags.ShouldBe(["t"]);
            changed.Id.ShouldBe(made.Id);

            (await api.DeleteVariableAsync(made.Id, Cancel)).ShouldBeTrue();
            (await api.DeleteVariableAsync(made.Id, Cancel)).ShouldBeFalse();
            (await api.FindVariableAsync(name, Cancel)).ShouldBeNull();
        }
    }

    [Theory, MemberData(nameof(ApiDoors.Ours), MemberType = typeof(ApiDoors))]
    public async Task A_taken_name_a_bad_name_and_a_long_value_are_refused(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Variable made = await api.CreateVariableAsync(new() { Name = NewName(), Value = Json("1") }, Cancel);
        Variable other = await api.CreateVariableAsync(new() { Name = NewName(), Value = Json("1") }, Cancel);

        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.CreateVariableAsync(new() { Name = made.Name, Value = Json("2") }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.UpdateVariableAsync(other.Id, new() { Name = made.Name }, Cancel));
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpdateVariableAsync(Guid.NewGuid(), new() { Name = NewName() }, Cancel));
        foreach (string name in new[] { "A", "a b", "ä", "", new string('a', 256) })
            await FailsAsync(OrchestrationErrorKind.Invalid, () => api.CreateVariableAsync(new() { Name = name, Value = Json("1") }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.CreateVariableAsync(new() { Name = NewName(), Value = Json($"\"{new string('x', 5000)}\"") }, Cancel));
    }

    [Theory, AllDoors]
    public async Task Variables_are_listed_by_name_and_tag(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string tag = Unique("tag");
        string[] names = [.. new[] { NewName(), NewName(), NewName() }.Order(StringComparer.Ordinal)];
        foreach (string name in names.Reverse())
            await api.CreateVariableAsync(new() { Name = name, Value = Json("1"), Tags = [tag] }, Cancel);
        VariablesQuery tagged = new() { Variables = new() { Tags = new() { All = [tag] } } };

        (await api.ListVariablesAsync(tagged, Cancel)).Select(variable => variable.Name).ShouldBe(names);
        (await api.ListVariablesAsync(tagged with { Limit = 1, Offset = 2 }, Cancel)).ShouldHaveSingleItem().Name.ShouldBe(names[2]);
        (await api.ListVariablesAsync(new() { Variables = new() { Name = new() { Any = [names[0]] } } }, Cancel)).ShouldHaveSingleItem().Name.ShouldBe(names[0]);
    }

    private static string NewName() => $"v_{Guid.NewGuid():N}_{ApiDoors.Mark}";
}
