using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Sluice.Generators.Tests.Agreement;

/// <summary>One process of <c>oracle.py</c>: python3-jsonschema, with our grammar of formats.</summary>
internal static class Oracle
{
    /// <summary>Whether each instance fits its schema; where not, why.</summary>
    public static async Task<IReadOnlyList<string?>> Ask(IReadOnlyList<JsonElement> schemas, IReadOnlyList<(int Schema, string Json)> instances)
    {
        // Debian's package is seen by Debian's own Python only; another one may come first on PATH.
        string python = Environment.GetEnvironmentVariable("SLUICE_PYTHON") ?? (File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3");
        var start = new ProcessStartInfo(python, ["-B", Path.Combine(AppContext.BaseDirectory, "Agreement", "oracle.py")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task feeding = Feed(process.StandardInput, schemas, instances);
        var answers = new List<string?>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            answers.Add(line == "1" ? null : line[2..]);
        try
        {
            await feeding;
        }
        catch (IOException)
        {
            // It ended early; what it said tells why.
        }
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{await errors}\nThe oracle needs python3-jsonschema (apt-get install python3-jsonschema).");
        answers.Count.ShouldBe(instances.Count);
        return answers;
    }

    private static async Task Feed(StreamWriter input, IReadOnlyList<JsonElement> schemas, IReadOnlyList<(int Schema, string Json)> instances)
    {
        await using (input)
        {
            await input.WriteAsync($"[{string.Join(",", schemas.Select(schema => schema.GetRawText()))}]\n");
            foreach (var (schema, json) in instances)
                await input.WriteAsync($"{schema} {json}\n");
        }
    }
}
