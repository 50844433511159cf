using Sluice;

namespace Moody;

/// <summary>A program whose start goes well or not, as the file mood.txt beside it says: for the tests of the self-test and of images.</summary>
public static class MoodyFlows
{
    private static readonly string Mood = Read();

    /// <summary>Greets.</summary>
    /// <param name="name">Whom.</param>
    /// <param name="times">How often.</param>
    [Flow]
    [Deployment("by hand", Parameters = """{"times": 2}""")]
    public static string Greet(string name, int times = 1) => string.Join(' ', Enumerable.Repeat($"Hello, {name}!{Mood}", times));

    private static string Read() => Moods.Of("mood.txt") switch
    {
        "throw" => throw new InvalidOperationException("The configuration 'rates.json' is missing."),
        var mood => mood ?? "",
    };
}
