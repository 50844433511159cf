using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using System.Text.RegularExpressions;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>An image is named as registries name it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ImageNameAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0511", "Image name is not allowed", "{0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0511.md");

    // Rule: "Pulling manifests" of the OCI distribution specification; before it a host, behind it tag and digest.
    private static readonly Regex _image = new(
        @"^(?:(?:[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+|[A-Za-z0-9\-]+(?=:[0-9])|localhost)(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9._\-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?\z",
        RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (AttributeData deployment in flow.Deployments)
            // An empty one is another rule's; with a template, whoever runs it fills it in.
            if (deployment.Text("Image") is { } image && !string.IsNullOrWhiteSpace(image) && image.Length < 1_000 && image.IndexOf('{') < 0 && !_image.IsMatch(image))
                report(flow.Place(deployment, "Image", 0, image.Length), [$"'{image}' is no image: write it as registry.example/team/name:tag, in lower-case letters up to the tag"], Mend.Replace(Meant(image)));
    }

    private static string? Meant(string image)
    {
        string meant = image.Trim();
        int scheme = meant.IndexOf("://", StringComparison.Ordinal);
        meant = scheme < 0 ? meant : meant.Substring(scheme + 3);
        int tag = meant.IndexOf(':', meant.LastIndexOf('/') + 1);
        meant = tag < 0 ? meant.ToLowerInvariant() : meant.Substring(0, tag).ToLowerInvariant() + meant.Substring(tag);
        return meant != image && _image.IsMatch(meant) ? meant : null;
    }
}
