using Sluice.Generators;

namespace Sluice.Generators.Tests;

/// <summary>The generator compiles the source of Sluice.Schedules: there its types are nobody else's.</summary>
public sealed class ScheduleSourceTests
{
    [Fact]
    public void The_schedules_types_are_internal_in_the_generator() =>
        typeof(FlowGenerator).Assembly.GetExportedTypes().Where(type => type.Namespace == "Sluice.Schedules").ShouldBeEmpty();
}
