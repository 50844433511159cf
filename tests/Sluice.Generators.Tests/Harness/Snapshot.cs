using System.Runtime.CompilerServices;

namespace Sluice.Generators.Tests.Harness;

/// <summary>Compares with a file of the folder <c>snapshots</c>. With SLUICE_UPDATE_SNAPSHOTS=1 the files are written anew, to be reviewed as a diff.</summary>
internal static class Snapshot
{
    public static void Check(string name, string text, [CallerFilePath] string testFile = "")
    {
        if (Environment.GetEnvironmentVariable("SLUICE_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(testFile)!, "snapshots", name), text.TrimEnd('\n') + "\n");
        else
            text.TrimEnd('\n').Split('\n').ShouldBe(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "snapshots", name)).TrimEnd('\n').Split('\n'));
    }
}
