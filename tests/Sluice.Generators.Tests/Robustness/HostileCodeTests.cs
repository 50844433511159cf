using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>
/// Code that is unusual but right: what is generated beside it compiles without a warning, where all warnings are on and are errors, and runs.
/// Each flow of a case takes {"n":3} and gives 3.
/// </summary>
public class HostileCodeTests
{
    // C# 9, without usings; has what needs syntax of its own in generated code.
    private const string Plain = """
        namespace App
        {
            public enum Unit { Celsius, Fahrenheit }
            public record Place(string City, double? Height = null) { public int Floor { get; init; } public string? Note { get; set; } }
            public struct Span { public int From { get; set; } public int? To { get; init; } }
            public class Box<T> { public T? Value { get; set; } }
            public static class Flows
            {
                [global::Sluice.Flow]
                [global::Sluice.Deployment("daily", Cron = "0 6 * * *", Tags = new[] { "a" }, Parameters = "{\"n\": 1}")]
                public static async global::System.Threading.Tasks.Task<int> Run(
                    int n, Place? place = null, Unit unit = Unit.Celsius, global::System.Collections.Generic.List<Span>? spans = null, Box<string>? box = null,
                    decimal price = 1.5m, string[]? texts = null, global::System.DateTime? when = null, global::System.Threading.CancellationToken cancellation = default)
                {
                    await global::System.Threading.Tasks.Task.Yield();
                    return n;
                }
            }
        }
        """;

    public static TheoryData<string, string> Sources => new()
    {
        { "keywords as names", """
            namespace @checked.@namespace
            {
                public enum @enum { @event, @default, @record, @field }
                public record @class(@enum @struct, int @base) { public int @return { get; init; } public int @while { get; set; } public required int @required { get; set; } }
                public static class @static
                {
                    [Flow("a")] [Deployment("class")] public static int @int(int n, @class? @this = null, @enum @in = @enum.@event, string @value = "", int @await = 1) => n;
                }
            }
            """ },
        { "contextual keywords as names", """
            public record Var(int? Get, int? Set, int? Value, int? Async) { public int? Await { get; init; } public int? Nameof { get; set; } public int? Field { get; set; } }
            public static class C
            {
                [Flow("a")] [Deployment("a")] public static int Run(int n, Var? var = null, int get = 1, int value = 2, int nameof = 3, int async = 4, int partial = 5, int when = 6, int field = 7, int scoped = 8) => n;
            }
            """ },
        { "names that generated code has, too", """
            public record Names(int? Definition, int? Bind, int? Read, int? Json);
            [Flags] public enum Flags { A = 1 }
            public record FlagsOf(Flags? Flags);
            public record Of([property: System.ComponentModel.DataAnnotations.StringLength(9)] string? A, Rules0? Rules);
            public record Rules0(Bind? Bind);
            public enum Value { ValueOf }
            public record ReadNames(Of? M0, Value? Has0, FlagsOf? Flags);
            public record Read(Names? Names, ReadNames? ReadNames);
            public enum Bind { Read }
            public static class Definition
            {
                [Flow("Deployments")] [Deployment("Run async")] [Deployment("writer")]
                public static int Bind(int n, Read? json = null, Names? context = null, Bind errors = global::Bind.Read, int result = 1, int p0 = 2, int has0 = 3, int value = 4, int w = 5, int v = 6, int options = 7, int writer = 8, int cancellation = 9) => n;
            }
            """ },
        { "names in other scripts", """
            namespace 天気
            {
                public enum Größe { Klein, Groß, Ångström }
                public record Ort(string Straße, Größe? größe = null) { public int 高さ { get; init; } }
                public static class Потоки { [Flow("天気予報")] [Deployment("日次")] [Deployment("ежедневно")] public static int Отчёт(int n, Ort? Ωmega = null, Größe ñ = Größe.Klein) => n; }
            }
            """ },
        { "types within types, records, structs and interfaces as containers", """
            public partial class Outer { public partial record Inner { public partial struct Deep { [Flow("a")] public static int Run(int n, Value? value = null) => n; public record Value(Kind Kind); } } }
            public partial class Outer { public partial record Inner { public enum Kind { A } [Flow("b")] [Deployment("x")] internal static int Run(int n, Kind kind = Kind.A, Deep.Value? v = null) => n; } }
            public record Container(int X) { [Flow("c")] public static int Run(int n) => n; }
            public record struct Small(int X) { [Flow("d")] public static int Run(int n) => n; }
            public readonly ref struct Ref { [Flow("e")] public static int Run(int n) => n; }
            public interface IHave { [Flow("f")] public static int Run(int n) => n; [Flow("g")] internal static int Other(int n) => n; }
            public static partial class Extensions { [Flow("h")] public static int Run(this int n) => n; }
            public abstract class Base { [Flow("i")] protected internal static int Run(int n) => n; }
            internal sealed class Derived : Base { [Flow("j")] public static new int Run(int n) => n; }
            """ },
        { "partial methods", """
            public static partial class C { [Flow("a")] [Deployment("x")] public static partial int One(int n); }
            public static partial class C { public static partial int One(int n) => n; }
            public static partial class C { public static partial int Two(int n); }
            public static partial class C { [Flow("b")] public static partial int Two(int n) => n; }
            """ },
        { "the user's own System, String, Task, Sluice and so on", """
            namespace App
            {
                public class System { } public class String { public int Length { get; set; } } public class Task { } public class Int32 { } public class Sluice { } public class CancellationToken { }
                public class JsonElement { } public class Deployments2 { } public class JsonBinder { } public class Exception { } public class Nullable { } public class List { }
                public static class Flows
                {
                    public class System { } public class Text { }
                    [global::Sluice.Flow("a")] [global::Sluice.Deployment("x")] public static int Run(int n, String? text = null, string? more = null, global::System.DateTime? when = null, Task? task = null) => n;
                }
            }
            """ },
        { "the same in the global namespace", """
            public class String { public int? Length { get; set; } } public class Task { } public class Int32 { } public class JsonElement { } public class FlowDefinition { } public class FlowList { } public class Generated { }
            public class Flows_Run { } public class Object { } public class Runtime { } public class Bind { } public class Definition { }
            public static class Flows { [Flow("a")] [Deployment("x")] public static int Run(int n, String? text = null, Object? other = null) => n; }
            """ },
        { "namespaces of those names", """
            namespace App.System { public class C { } }
            namespace App.Sluice.Runtime { public class C { } }
            namespace App.global { public class C { } }
            namespace App.Deep { public static class Flows { [global::Sluice.Flow("a")] [global::Sluice.Deployment("x")] public static int Run(int n, global::App.System.C? c = null) => n; } }
            """ },
        { "a namespace with a type of its name", """
            namespace Weather { public record Weather(int? N) { public record Report(Weather? Weather); [Flow("a")] [Deployment("x")] public static int Run(int n, Weather? weather = null, Report? report = null) => n; } }
            """ },
        { "the user's own Deployments", """
            public class Deployments { }
            namespace Other { public class Deployments { [Flow("a")] [Deployment("x")] public static int Run(int n) => n; } }
            """ },
        { "obsolete flows and types", """
            [Obsolete] public record Old(int? N) { [Obsolete("so")] public int? M { get; set; } }
            public enum Kind { New, [Obsolete] Old }
            public static class C { [Obsolete] [Flow("a")] [Deployment("x")] public static int Run(int n, Old? old = null, Kind kind = Kind.New) => n; }
            [Obsolete("so")] public static class D { [Flow("b")] [Deployment("x")] public static int Run(int n) => n; }
            public static class E { [Obsolete("gone", error: true)] [Flow("c")] [Deployment("x")] public static int Run(int n, Gone? gone = null) => n; }
            [Obsolete("gone", error: true)] public record Gone(int N);
            [Obsolete("gone", error: true)] public static class G { public static class Inner { [Flow("d")] public static int Run(int n) => n; } }
            """ },
        { "experimental flows and types", """
            [System.Diagnostics.CodeAnalysis.Experimental("X1")] public record New(int? N);
            public static class C { [System.Diagnostics.CodeAnalysis.Experimental("X2")] [Flow("a")] [Deployment("x")] public static int Run(int n, New? value = null) => n; }
            """ },
        { "unsafe code", """
            public static unsafe class C { [Flow("a")] public static unsafe int Run(int n) { int* p = &n; return *p; } public static int* Pointer; }
            """ },
        { "directives", """
            #nullable disable
            #line 200 "elsewhere.cs"
            #region Flows
            public static class C {
            #if X
                [Flow("x")] public static void Never() { }
            #else
                [Flow("a")] [Deployment("x")] public static int Run(int n, string s = null) => n;
            #endif
            }
            #endregion
            #nullable enable annotations
            public static class D { [Flow("b")] public static int Run(int n, string? s = null) => n; }
            """ },
        { "attributes by other names", """
            using F = Sluice.FlowAttribute;
            using D = Sluice.DeploymentAttribute;
            public static class C { [F("a"), D("x")] public static int One(int n) => n; [method: FlowAttribute("b")] public static int Two(int n) => n; [global::Sluice.Flow("c")] public static int Three(int n) => n; }
            """ },
        { "constants", """
            public static class Constants { public const string Name = "a" + "b"; public const int N = 1 << 3; public const string Cron = $"0 {Hour} * * *"; private const string Hour = "6"; }
            public static class C { [Flow(Constants.Name, Retries = Constants.N - 1)] [Deployment(nameof(C), Cron = Constants.Cron)] public static int Run(int n, int m = Constants.N, string s = Constants.Name + "\u2028\\\"", char c = '\0') => n; }
            """.Replace(", char c = '\\0'", "") },
        { "attributes of others", """
            public static class C { [Flow("a")] [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull("s")] [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
                public static int Run(int n, [System.Runtime.CompilerServices.CallerMemberName] string s = "", [System.Diagnostics.CodeAnalysis.AllowNull] string t = "") => n; }
            """ },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Generated_code_stands_beside(string what, string source)
    {
        what.ShouldNotBeEmpty();
        await Check(GeneratorTest.Run(Strict(GeneratorTest.Compile(source))));
    }

    [Theory]
    [InlineData(LanguageVersion.CSharp9)]
    [InlineData(LanguageVersion.CSharp10)]
    [InlineData(LanguageVersion.CSharp11)]
    [InlineData(LanguageVersion.CSharp12)]
    [InlineData(LanguageVersion.CSharp13)]
    [InlineData(LanguageVersion.Latest)]
    [InlineData(LanguageVersion.Preview)]
    public async Task Each_language_version_from_9_on_will_do(LanguageVersion language) =>
        await Check(GeneratorTest.Run(Strict(GeneratorTest.Compile(Plain, language: language, usings: false))));

    public static TheoryData<string, Func<CSharpCompilationOptions, CSharpCompilationOptions>> Options => new()
    {
        { "nullable disabled", options => options.WithNullableContextOptions(NullableContextOptions.Disable) },
        { "nullable warnings only", options => options.WithNullableContextOptions(NullableContextOptions.Warnings) },
        { "no unsafe code", options => options.WithAllowUnsafe(false) },
        { "checked arithmetic", options => options.WithOverflowChecks(true) },
        { "debug", options => options.WithOptimizationLevel(OptimizationLevel.Debug) },
        { "usings of the project", options => options.WithUsings("System", "Sluice") },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public async Task So_will_any_options(string what, Func<CSharpCompilationOptions, CSharpCompilationOptions> change)
    {
        // Where annotations are off, ? on a reference type is an error of the source's own.
        string source = what.StartsWith("nullable", StringComparison.Ordinal)
            ? Plain.Replace("Place?", "Place").Replace("string?", "string").Replace("T?", "T").Replace(">?", ">").Replace("[]?", "[]")
            : Plain;
        CSharpCompilation compilation = Strict(GeneratorTest.Compile(source, usings: false));
        await Check(GeneratorTest.Run(compilation.WithOptions(change(compilation.Options))));
    }

    [Fact]
    public async Task An_assembly_may_be_CLS_compliant() =>
        await Check(GeneratorTest.Run(Strict(GeneratorTest.Compile("[assembly: global::System.CLSCompliant(true)]\n" + Plain.Replace("Tags = new[] { \"a\" }, ", ""), usings: false))));

    [Fact]
    public async Task Friends_may_have_flows_of_their_own()
    {
        Generated friend = GeneratorTest.Run(GeneratorTest.Compile(
            "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"App\")]\n" + Plain, assemblyName: "Friend"));
        using var stream = new MemoryStream();
        friend.Compilation.Emit(stream).Success.ShouldBeTrue();
        CSharpCompilation compilation = Strict(GeneratorTest.Compile(
            "namespace App { public static class Own { [Flow(\"b\")] [Deployment(\"x\")] public static int Run(int n, Place? place = null) => n; } }"));
        await Check(GeneratorTest.Run(compilation.AddReferences(MetadataReference.CreateFromImage(stream.ToArray()))), friend);
    }

    [Theory]
    [InlineData(LanguageVersion.CSharp7_3)]
    [InlineData(LanguageVersion.CSharp8)]
    public void An_older_one_gets_no_flows_and_no_other_errors(LanguageVersion language)
    {
        CSharpCompilation compilation = GeneratorTest.Compile("public static class C { [Sluice.Flow] public static void Run() { } }", OutputKind.ConsoleApplication, language: language, usings: false);
        GeneratorTest.Run(compilation.WithOptions(compilation.Options.WithNullableContextOptions(NullableContextOptions.Disable))).Flows.ShouldBeEmpty();
    }

    [Fact]
    public void A_type_that_only_an_extern_alias_reaches_is_no_parameter()
    {
        using var stream = new MemoryStream();
        GeneratorTest.Compile("namespace Parts { public record Part(int N); }", assemblyName: "Parts").Emit(stream).Success.ShouldBeTrue();
        PortableExecutableReference reference = MetadataReference.CreateFromImage(stream.ToArray());
        const string Source = "extern alias parts; public static class C { [Flow(\"a\")] public static int One(int n, parts::Parts.Part? part = null) => n; [Flow(\"b\")] public static int Two(int n) => n; }";
        Generated Run(params string[] aliases) => GeneratorTest.Run(Strict(GeneratorTest.Compile(Source)).AddReferences(reference.WithAliases(aliases)));
        Run("parts").Flows.Select(flow => flow.Name).ShouldBe(["b"]);
        Run("parts", "global").Flows.Select(flow => flow.Name).ShouldBe(["a", "b"]);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void The_sources_line_ends_change_nothing(string lineEnd)
    {
        const string Source = """"
            /// <summary>
            /// A place
            /// somewhere.
            /// </summary>
            /// <param name="City">The
            /// city.</param>
            public record Place(string City);
            public static class C
            {
                /**
                 * <summary>
                 * Two
                 *
                 * lines.</summary>
                 */
                [Flow("a", Description = """
                    Two
                    lines
                    """)]
                [Deployment("x", Parameters = """
                    {
                        "n": 1
                    }
                    """, Description = @"Two
            lines")]
                public static int Run(int n, Place? place = null) => n;
            }
            """";
        string Files(string source) => string.Join("\n", GeneratorTest.Run(source).Result.GeneratedSources.Select(file => file.SourceText));
        Files(Source.ReplaceLineEndings(lineEnd)).ShouldBe(Files(Source.ReplaceLineEndings("\n")));
    }

    /// <summary>All warnings that there are, as errors.</summary>
    private static CSharpCompilation Strict(CSharpCompilation compilation) =>
        compilation.WithOptions(compilation.Options.WithWarningLevel(9999).WithGeneralDiagnosticOption(ReportDiagnostic.Error));

    private static async Task Check(Generated generated, Generated? loaded = null)
    {
        AppDomain.CurrentDomain.AssemblyResolve += Resolve;
        try
        {
            generated.Flows.ShouldNotBeEmpty();
            foreach (var flow in generated.Flows)
                (await Generated.Invoke(flow, """{"n":3}""")).ShouldBe("3", flow.Name);
            generated.Manifests.Count.ShouldBe(generated.Flows.Count);
        }
        finally
        {
            AppDomain.CurrentDomain.AssemblyResolve -= Resolve;
        }

        System.Reflection.Assembly? Resolve(object? sender, ResolveEventArgs arguments) =>
            loaded is not null && new System.Reflection.AssemblyName(arguments.Name).Name == loaded.Compilation.AssemblyName ? loaded.Assembly : null;
    }
}
