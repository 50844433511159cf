using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary><c>Deployments.Flow.Deployment.RunAsync(…)</c>.</summary>
public class ClientTests
{
    [Fact]
    public void A_client_takes_typed_parameters_and_leaves_out_what_the_deployment_gives()
    {
        Generated generated = GeneratorTest.Run("""
            namespace My.App;
            public enum Color { Red }
            public record Point(int X);
            public static class Flows
            {
                [Flow("Weather report")]
                [Deployment("east-coast", Parameters = "{\"city\":\"New York\"}")]
                [Deployment("2nd")]
                public static void Run(string city, int days, Point[] points, Color? color = null, CancellationToken options = default) { }
            }
            public static class Use
            {
                public static Task<DeploymentRun> A() => Deployments.WeatherReport.EastCoast.RunAsync(3, [new(1)]);
                public static Task<DeploymentRun> B() => Deployments.WeatherReport.EastCoast.RunAsync(3, [], city: "Boston", color: Color.Red, options: new() { Name = "x" });
                public static Task<DeploymentRun> C() => Deployments.WeatherReport._2nd.RunAsync("a", 3, [], cancellation: default);
            }
            """, properties: ("RootNamespace", "My.App"));
        generated.Assembly.GetType("My.App.Deployments+WeatherReport+EastCoast").ShouldNotBeNull();
    }

    [Fact]
    public void Names_that_clash_are_told_apart() =>
        GeneratorTest.Run("""
            public static class A
            {
                [Flow("a b")] [Deployment("x-y")] [Deployment("x y")] [Deployment("run async")] [Deployment("a b")] [Deployment("equals")] public static void One(int writer = 1, int cancellation = 2) { }
                [Flow("a-b")] [Deployment("x")] public static void Two() { }
                [Flow("deployments")] [Deployment("deployments")] public static void Three(int set0 = 0) { }
            }
            """).Assembly.GetTypes().Where(type => type.FullName!.StartsWith("Deployments+", StringComparison.Ordinal) && type.FullName.Split('+').Length == 3 && !type.Name.StartsWith('<'))
            .Select(type => type.FullName!["Deployments+".Length..]).Order(StringComparer.Ordinal).ShouldBe([
                "A_One+AB", "A_One+Equals_", "A_One+RunAsync_", "A_One+XY", "A_One+XY2", "A_Two+X", "Deployments_+Deployments"]);

    [Theory]
    [InlineData("namespace App; public class Deployments { }")]
    [InlineData("namespace App.Deployments { public class C { } }")]
    public void A_project_with_something_of_that_name_gets_no_clients(string own) =>
        GeneratorTest.Run(own + "\nnamespace Other { public static class F { [Flow] [Deployment(\"a\")] public static void Run() { } } }".Replace("namespace Other {", own.StartsWith("namespace App;") ? "" : "namespace Other {").TrimEnd('}') + (own.StartsWith("namespace App;") ? "}" : "} }"),
            properties: ("RootNamespace", "App")).Files.ShouldNotContain(file => file.Contains("Deployments"));

    [Fact]
    public void Clients_of_a_server_in_the_same_namespace_stand_beside_the_projects_own_ones() =>
        GeneratorTest.Run("""
            namespace App
            {
                internal static partial class Deployments { internal static class OfServer { } internal static class Taken { } }
                public static class F
                {
                    [Flow("Own")] [Deployment("a")] public static void Own() { }
                    [Flow("Taken")] [Deployment("a")] public static void Two() { }
                }
            }
            """, properties: ("RootNamespace", "App")).Assembly.GetTypes().Where(type => type.DeclaringType?.FullName == "App.Deployments").Select(type => type.Name)
            .Order(StringComparer.Ordinal).ShouldBe(["App_F_Two", "OfServer", "Own", "Taken"]);

    [Theory]
    [InlineData("internal static class Deployments { }")]
    [InlineData("public static partial class Deployments { }")]
    [InlineData("internal partial struct Deployments { }")]
    public void Half_a_match_is_something_else(string own) =>
        GeneratorTest.Run($"namespace App {{ {own} public static class F {{ [Flow] [Deployment(\"a\")] public static void Run() {{ }} }} }}", properties: ("RootNamespace", "App"))
            .Files.ShouldNotContain(file => file.Contains("Deployments"));

    [Fact]
    public void The_root_namespace_may_be_anything() =>
        GeneratorTest.Run("public static class F { [Flow] [Deployment(\"a\")] public static void Run() { } }", properties: ("RootNamespace", "my-app.class.2"))
            .Assembly.GetType("MyApp.class._2.Deployments").ShouldNotBeNull();
}
