using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Tests.Harness;
using Sluice.Testing;

namespace Sluice.Generators.Tests;

/// <summary>
/// docs/how-it-works.md shows one flow with its schema and code. What stands between its markers is made of what the generator makes of the first
/// block of C#; with SLUICE_UPDATE_SNAPSHOTS=1 it is written anew.
/// </summary>
public class HowItWorksTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "how-it-works.md");

    [Fact]
    public void The_page_shows_what_the_generator_makes()
    {
        string text = File.ReadAllText(Page);
        string source = Regex.Match(text, "```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        Generated generated = GeneratorTest.Run(source);
        string shown = text;
        shown = Replace(shown, "parameters", Table(generated, source));
        shown = Replace(shown, "schema", Block("json", JsonSerializer.Serialize(generated.Schema, Indented)));
        shown = Replace(shown, "deployment", Block("json", JsonSerializer.Serialize(generated.Manifest.GetProperty("deployments")[0].GetProperty("schedules")[0], Indented)));
        shown = Replace(shown, "code", Block("csharp", Regex.Replace(generated.File("Reports_BuildAsync"), "FlowManifestAttribute\\(1, \".*\"\\)", "FlowManifestAttribute(1, \"{…}\")")));
        shown = Replace(shown, "client", Block("csharp", generated.Result.GeneratedSources.Single(file => file.HintName.Contains(".Deployments.", StringComparison.Ordinal)).SourceText.ToString()));
        if (Environment.GetEnvironmentVariable("SLUICE_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(Page, shown);
        else
            text.Split('\n').Except(shown.Split('\n')).Concat(shown.Split('\n').Except(text.Split('\n'))).ShouldBeEmpty("docs/how-it-works.md is out of date: run this test with SLUICE_UPDATE_SNAPSHOTS=1, and look at the diff");
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Each parameter as it is declared, in the schema, and where the code reads it.</summary>
    private static string Table(Generated generated, string source)
    {
        string code = generated.File("Reports_BuildAsync");
        MethodDeclarationSyntax flow = GeneratorTest.Parse(source).GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>().Single();
        var table = new StringBuilder("| in C# | in the schema | in the code |\n|---|---|---|\n");
        int position = 0;
        foreach (ParameterSyntax parameter in flow.ParameterList.Parameters)
        {
            string schema = "nothing: the host gives it", read = "`context.Cancellation`";
            if (generated.Schema.GetProperty("properties").TryGetProperty(parameter.Identifier.ValueText, out JsonElement property))
            {
                schema = $"`{JsonSerializer.Serialize(property, new JsonSerializerOptions(Indented) { WriteIndented = false })}`";
                read = $"`{Regex.Match(code, $@"\b(p{position++} = [^;]*binder[^;]*;)").Groups[1].Value}`";
            }
            table.Append($"| `{parameter}` | {schema} | {read} |\n".Replace("||", "\\|\\|", StringComparison.Ordinal));
        }
        return table.ToString();
    }

    private static string Block(string language, string text) => $"```{language}\n{text.TrimEnd('\n')}\n```\n";

    private static string Replace(string page, string name, string text)
    {
        string begin = $"<!-- {name} -->\n", end = $"<!-- end of {name} -->";
        int from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int to = page.IndexOf(end, StringComparison.Ordinal);
        from.ShouldBeGreaterThan(begin.Length, name);
        to.ShouldBeGreaterThanOrEqualTo(from, name);
        return page[..from] + text + page[to..];
    }
}
