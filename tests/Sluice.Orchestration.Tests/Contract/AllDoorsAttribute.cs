using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Sluice.Orchestration.Tests.Contract;

/// <summary>Gives a test every door, but none that leads to a server which lacks what the test is about. What a given server is, is known when it is asked: there the test is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AllDoorsAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) => ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
        [.. ApiDoors.Names.Where(door => door != ApiDoors.Prefect2 || Prefect2Lacks.Why(testMethod.ReflectedType!.Name, testMethod.Name) is null).Select(door => new TheoryDataRow<string>(door))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
