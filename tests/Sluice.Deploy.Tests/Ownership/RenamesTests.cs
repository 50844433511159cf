using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Planning;
using Sluice.Orchestration;

namespace Sluice.Deploy.Tests.Ownership;

/// <summary>Which of the deployments that vanished became which of the new ones. Written as <c>METHOD FLOW/NAME @CRON</c>.</summary>
public sealed class RenamesTests
{
    public static TheoryData<string, string[], string[], string[], bool> Cases => new()
    {
        { "one for one, whatever its schedule", ["M F/new @2"], ["M F/old @1"], ["F/new < F/old"], false },
        { "another method is another deployment", ["M F/new"], ["N F/old"], [], false },
        { "the flow was renamed: all of its deployments keep their names", ["M G/a @1", "M G/b @1", "M G/c"], ["M F/c", "M F/b @1", "M F/a @1"], ["G/a < F/a", "G/b < F/b", "G/c < F/c"], false },
        { "the schedule tells", ["M F/x @1", "M F/y @2"], ["M F/a @2", "M F/b @1"], ["F/x < F/b", "F/y < F/a"], false },
        { "what is left is told by what is not", ["M F/x @1", "M F/y @3"], ["M F/a @2", "M F/b @1"], ["F/x < F/b", "F/y < F/a"], false },
        { "no schedule is nothing that two have in common", ["M F/x", "M F/y"], ["M F/a", "M F/b"], [], true },
        { "two with the same schedule are not told apart", ["M F/x @1", "M F/y @1"], ["M F/a @1", "M F/b @1"], [], true },
        { "two became one", ["M F/x @3"], ["M F/a @1", "M F/b @2"], [], true },
        { "one became two", ["M F/x @1", "M F/y @2"], ["M F/a @3"], [], true },
        { "one became two, and one has the schedule", ["M F/x @1", "M F/y @2"], ["M F/a @1"], ["F/x < F/a"], false },
        { "the name goes before the schedule", ["M G/a @2", "M G/b @1"], ["M F/a @1", "M F/b @2"], ["G/a < F/a", "G/b < F/b"], false },
        { "nothing vanished", ["M F/x"], [], [], false },
        { "nothing is new", [], ["M F/a"], [], false },
        { "methods do not mix", ["M F/x", "N G/y"], ["N G/b", "M F/a"], ["F/x < F/a", "G/y < G/b"], false },
    };

    [Theory, MemberData(nameof(Cases))]
    public void A_rename_is_what_fits_one_to_one(string what, string[] created, string[] vanished, string[] moved, bool isAmbiguous)
    {
        (PlannedDeployment[] planned, IReadOnlyList<UnclearRename> ambiguous) = Renames.Find([.. created.Select(Planned)], [.. vanished.Select(Owned)]);

        planned.Where(p => p.MovedFrom is not null).Select(p => $"{p.FullName} < {p.MovedFrom}").ShouldBe(moved, what);
        planned.Select(p => p.FullName).ShouldBe(created.Select(text => Planned(text).FullName), "nothing is lost, and the order stays");
        planned.Where(p => p.MovedFrom is not null).ShouldAllBe(p => p.Live!.Entrypoint == p.Flow.Entrypoint && p.Outcome == "moved");
        ambiguous.Count.ShouldBe(isAmbiguous ? 1 : 0, what);
        ambiguous.ShouldAllBe(line => line.ToString().Contains("-p:SluiceRename=\"F/a=F/x\"", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_live_under_its_name_is_never_renamed()
    {
        PlannedDeployment live = Planned("M F/x") with { Live = Owned("M F/x").Live };
        (PlannedDeployment[] planned, IReadOnlyList<UnclearRename> ambiguous) = Renames.Find([live], [Owned("M F/old")]);
        planned.ShouldHaveSingleItem().MovedFrom.ShouldBeNull();
        ambiguous.ShouldBeEmpty();
    }

    /// <summary>What is said, what the code declares, what is there, and the moves or the refusal.</summary>
    public static TheoryData<string?, string[], string[], string[], string?> Words => new()
    {
        { null, ["M F/x"], ["M F/a"], [], null },
        { "F/a=F/x", ["M F/x", "M F/y"], ["M F/a", "M F/b"], ["F/x < F/a"], null },
        { " F/a = F/x ; F/b=F/y ;", ["M F/x", "M F/y"], ["M F/a", "M F/b"], ["F/x < F/a", "F/y < F/b"], null },
        { "F/a=F/x", ["N F/x"], ["M F/a"], ["F/x < F/a"], null },
        { "F/gone=F/x", ["M F/x"], ["M F/a"], [], null },
        { "a=x", ["M F/x"], ["M F/a"], [], "SluiceRename 'a=x' cannot be read: write OLD=NEW, each as flow/deployment, with semicolons between several." },
        { "F/a", ["M F/x"], ["M F/a"], [], "SluiceRename 'F/a' cannot be read: write OLD=NEW, each as flow/deployment, with semicolons between several." },
        { "F/a=F/z", ["M F/x"], ["M F/a"], [], "SluiceRename says that F/a is F/z now, and the code declares no F/z. It declares: F/x." },
        { "F/a=F/x", ["M F/x", "M F/a"], ["M F/a"], [], "SluiceRename says that F/a is F/x now, and the code still declares F/a." },
        { "F/a=F/x;F/a=F/y", ["M F/x", "M F/y"], ["M F/a"], [], "SluiceRename says that F/a is F/y now, and that it is F/x: it can become one of them only." },
    };

    [Theory, MemberData(nameof(Words))]
    public void What_people_say_goes_before_what_can_be_told(string? said, string[] created, string[] owned, string[] moved, string? refusal)
    {
        PlannedDeployment[] Find() => Renames.Said(said, [.. created.Select(Planned)], [.. owned.Select(Owned)], null);
        if (refusal is not null)
            Should.Throw<DeployException>(Find).Errors.ShouldHaveSingleItem().ShouldBe((DeployCodes.RenameInvalid, refusal));
        else
            Find().Where(p => p.MovedFrom is not null).Select(p => $"{p.FullName} < {p.MovedFrom}").ShouldBe(moved);
    }

    [Fact]
    public void In_an_environment_names_may_be_said_without_its_suffix() =>
        Renames.Said("F/a=F/x", [Planned("M F/x-pr-1")], [Owned("M F/a-pr-1")], new("pr-1")).ShouldHaveSingleItem().MovedFrom.ShouldBe("F/a-pr-1");

    private static PlannedDeployment Planned(string text)
    {
        (string method, string flow, string name, string? cron) = Read(text);
        return new()
        {
            Flow = new() { Name = flow, Entrypoint = "App.dll!" + method },
            Declared = new() { Name = name, Schedules = cron is null ? [] : [new() { Slug = "s", Schedule = new() { Cron = cron } }] },
        };
    }

    private static OwnedDeployment Owned(string text)
    {
        (string method, string flow, string name, string? cron) = Read(text);
        var id = Guid.NewGuid();
        return new(
            new()
            {
                Id = id,
                Name = name,
                FlowId = Guid.NewGuid(),
                Entrypoint = "App.dll!" + method,
                Schedules = cron is null ? [] : [new() { Id = Guid.NewGuid(), DeploymentId = id, Schedule = new() { Cron = cron, Timezone = "UTC" }, Active = true }],
            },
            $"{flow}/{name}",
            new() { App = "App", CreatedAs = $"{flow}/{name}" });
    }

    private static (string Method, string Flow, string Name, string? Cron) Read(string text)
    {
        string[] parts = text.Split(' ');
        string[] names = parts[1].Split('/');
        return (parts[0], names[0], names[1], parts.Length > 2 ? $"{parts[2][1..]} * * * *" : null);
    }
}
