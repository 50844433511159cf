using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary>The flows of <c>tests/Fixtures/Paces</c>, deployed to a home of their own by the program itself.</summary>
internal static class PacesHome
{
    public static string Assembly { get; } = Path.Combine(Repository.Root, "tests", "Fixtures", "Paces", "bin", "Release", "net10.0", "Paces.dll");

    /// <summary>Deploys them; the schedule that is due each second is paused.</summary>
    public static async Task<SluiceProgram> DeployAsync(this SluiceProgram sluice)
    {
        (await sluice.RunAsync("deploy", "--assembly", Assembly)).Succeeded();
        (await sluice.RunAsync("deployment", "pause-schedule", "Greet/each-second")).Succeeded();
        return sluice;
    }

    /// <summary>The element of a JSON array whose member has this value.</summary>
    public static JsonElement Where(this JsonElement array, string member, string value) =>
        array.EnumerateArray().Single(element => element.GetProperty(member).GetString() == value);

    /// <summary>A text member.</summary>
    public static string? Text(this JsonElement element, string member) => element.GetProperty(member).GetString();
}
