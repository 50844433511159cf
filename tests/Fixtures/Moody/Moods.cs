using System.Runtime.CompilerServices;

namespace Moody;

/// <summary>What runs before <c>Main</c>.</summary>
internal static class Moods
{
    /// <summary>What a file beside the program says; null where there is none.</summary>
    public static string? Of(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : null;

    [ModuleInitializer]
    internal static void Start()
    {
        switch (Of("mood.txt"))
        {
            case "crash":
                throw new InvalidOperationException("No driver for this database.");
            case "hang":
                File.WriteAllText("pid.txt", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
                Thread.Sleep(Timeout.Infinite);
                break;
            case "leave":
                Console.WriteLine("A Main of its own.");
                Environment.Exit(0);
                break;
            case "chatty":
                Console.Write("no line break at the end");
                break;
        }
    }
}
