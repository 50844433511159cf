namespace Sluice.Deploy.Ownership;

/// <summary>New deployments of a method and vanished ones of the same, of which it cannot be told what became of which.</summary>
/// <param name="Created">The new ones' full names.</param>
/// <param name="Vanished">The vanished ones'.</param>
internal sealed record UnclearRename(IReadOnlyList<string> Created, IReadOnlyList<string> Vanished)
{
    /// <summary>How to say it, with the first of each.</summary>
    public string Property => $"-p:SluiceRename=\"{Vanished[0]}={Created[0]}\"";

    /// <summary>For people.</summary>
    public override string ToString() => $"{string.Join(", ", Created)} may be {string.Join(", ", Vanished)} under new names, and it cannot be told which. Say it, and runs and pauses move along: {Property}.";

    /// <summary>The one that a vanished deployment is part of; null for none.</summary>
    public static UnclearRename? Of(OwnedDeployment vanished, IEnumerable<UnclearRename> all) => all.FirstOrDefault(one => one.Vanished.Contains(vanished.FullName, StringComparer.Ordinal));
}
