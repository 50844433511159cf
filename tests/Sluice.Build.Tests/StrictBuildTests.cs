namespace Sluice.Build.Tests;

/// <summary>A project that has all of the SDK's rules on, as errors, builds with the package: what is generated breaks none of them.</summary>
[Collection(nameof(PackedFeed))]
public sealed class StrictBuildTests(PackedFeed feed) : IDisposable
{
    // The user's own code is none of this test's business.
    private const string Flows = """
        #pragma warning disable
        [assembly: System.CLSCompliant(true)]

        namespace App
        {
            public enum Unit { Celsius, Fahrenheit }
            public record Place(string City, double Height = 0) { public int Floor { get; init; } }
            public static class Reports
            {
                /// <summary>Builds the report.</summary>
                [Sluice.Flow("Weather report")]
                [Sluice.Deployment("daily", Cron = "0 6 * * *")]
                [System.Obsolete]
                public static async System.Threading.Tasks.Task<Place> BuildAsync(
                    Place place, System.Collections.Generic.Dictionary<string, int> counts, Unit @event = Unit.Celsius, int? Größe = null, System.Threading.CancellationToken cancellation = default)
                {
                    await System.Threading.Tasks.Task.Yield();
                    return place;
                }
            }
        }
        """;

    private readonly UserFolder _user = new(feed);

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData("<LangVersion>9.0</LangVersion><Nullable>disable</Nullable><ImplicitUsings>disable</ImplicitUsings>")]
    [InlineData("<LangVersion>preview</LangVersion><Nullable>enable</Nullable><CheckForOverflowUnderflow>true</CheckForOverflowUnderflow>")]
    public async Task Generated_code_passes_with_every_rule_of_the_SDK_as_an_error(string options)
    {
        _user.Write("App/App.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                {options}
                <AnalysisLevel>latest-all</AnalysisLevel>
                <EnforceCodeStyleInBuild>true</EnforceCodeStyleInBuild>
                <WarningLevel>9999</WarningLevel>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <GenerateDocumentationFile>true</GenerateDocumentationFile>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Sluice" Version="{_user.Version}" />
              </ItemGroup>
            </Project>
            """);
        _user.Write("App/.editorconfig", "root = true\n[*.cs]\ndotnet_analyzer_diagnostic.severity = warning\n");
        _user.Write("App/Reports.cs", Flows);
        (int exit, string output) = await _user.DotNetAsync("build", "App", "-nologo", "-tl:off");
        exit.ShouldBe(0, output);
        output.ShouldContain("0 Warning(s)");
    }
}
