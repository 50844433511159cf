#:property PublishAot=false
#:property ManagePackageVersionsCentrally=false

// Builds the solution and runs every test project, one after the other, then adds up what their own reports say.
//   dotnet run build/test.cs                 all tests
//   dotnet run build/test.cs -- Schedules    only the projects whose name contains a word
using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

string root = FindRoot();
string results = Path.Combine(root, "artifacts", "test-results");
if (Directory.Exists(results))
    Directory.Delete(results, recursive: true);
Directory.CreateDirectory(results);

if (Run("dotnet", ["build", Path.Combine(root, "Generators.sln"), "-c", "Release", "-v", "q", "-nologo"]) is not 0 and var build)
    return build;

string[] projects = [.. Directory.EnumerateFiles(Path.Combine(root, "tests"), "*.Tests.csproj", SearchOption.AllDirectories)
    .Where(project => args.Length == 0 || args.Any(word => Path.GetFileName(project).Contains(word, StringComparison.OrdinalIgnoreCase)))
    .Order(StringComparer.Ordinal)];
if (projects.Length == 0)
{
    Console.Error.WriteLine($"No test project matches: {string.Join(' ', args)}");
    return 2;
}

int passed = 0, failed = 0, skipped = 0;
bool broken = false;
foreach (string project in projects)
{
    string name = Path.GetFileNameWithoutExtension(project);
    string report = Path.Combine(results, name + ".trx");
    var clock = Stopwatch.StartNew();
    int exit = Run("dotnet", ["test", project, "-c", "Release", "--no-build", "-v", "q", "-nologo", "--logger", $"trx;LogFileName={report}", "--logger", "console;verbosity=quiet"]);
    if (!File.Exists(report))
    {
        Console.WriteLine($"{name}: no report; the test program ended with exit code {exit}");
        broken = true;
        continue;
    }
    XNamespace ns = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
    XDocument trx = XDocument.Load(report);
    XElement counters = trx.Descendants(ns + "Counters").Single();
    int total = Count(counters, "total"), good = Count(counters, "passed"), executed = Count(counters, "executed");
    passed += good;
    failed += executed - good;
    skipped += total - executed;
    broken |= exit != 0 || total == 0;
    Console.WriteLine($"{name}: {good} passed, {executed - good} failed, {total - executed} skipped in {clock.Elapsed.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture)} s{(total == 0 ? " (no tests)" : exit != 0 ? $" (exit code {exit})" : "")}");
    foreach (XElement result in trx.Descendants(ns + "UnitTestResult").Where(result => (string?)result.Attribute("outcome") is not "Passed"))
    {
        Console.WriteLine($"  {(string?)result.Attribute("outcome")}: {(string?)result.Attribute("testName")}");
        foreach (string line in Lines(result.Descendants(ns + "Message"), 12).Concat(Lines(result.Descendants(ns + "StackTrace"), 6)))
            Console.WriteLine($"    {line}");
    }
}

Console.WriteLine();
Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
return failed > 0 || broken ? 1 : 0;

static int Count(XElement counters, string name) => int.Parse(counters.Attribute(name)!.Value, CultureInfo.InvariantCulture);

static IEnumerable<string> Lines(IEnumerable<XElement> texts, int most) =>
    texts.SelectMany(text => text.Value.Split('\n')).Select(line => line.TrimEnd()).Where(line => line.Length > 0).Take(most);

static int Run(string program, string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
    process.WaitForExit();
    return process.ExitCode;
}

static string FindRoot()
{
    for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        if (File.Exists(Path.Combine(folder.FullName, "Generators.sln")))
            return folder.FullName;
    throw new InvalidOperationException("Run this inside the repository.");
}
