using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Model;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>What the pipeline keeps between compilations holds no symbol, syntax or location, and compares by value.</summary>
public class ModelTests
{
    [Fact]
    public void Every_value_in_the_pipeline_is_plain_and_equatable()
    {
        Generated generated = GeneratorTest.Run("""
            public enum Color { Red }
            public record Node(int N, Node[]? Next, Color C = Color.Red);
            public static class F { [Flow] [Deployment("a", Cron = "* * * * *")] [Schedule("a", Interval = "5")] public static Node Run(Node node, string? s = null) => node; }
            """);
        int seen = 0;
        foreach (string name in TrackingNames.All)
            foreach (var step in generated.Result.TrackedSteps[name])
                foreach (var (value, _) in step.Outputs)
                    Walk(value, name, ref seen);
        seen.ShouldBeGreaterThan(50);
    }

    private static void Walk(object? value, string path, ref int seen)
    {
        if (value is null || value is string || value.GetType().IsPrimitive || value.GetType().IsEnum || value is decimal)
            return;
        seen++;
        Type type = value.GetType();
        (value is ISymbol or SyntaxNode or SyntaxTree or Location or Compilation or SemanticModel).ShouldBeFalse($"{path} is a {type}");
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EquatableArray<>))
        {
            int i = 0;
            foreach (object item in (IEnumerable)value)
                Walk(item, $"{path}[{i++}]", ref seen);
            return;
        }
        typeof(IEquatable<>).MakeGenericType(type).IsAssignableFrom(type).ShouldBeTrue($"{path} is a {type}, which does not compare by value");
        (value is IEnumerable).ShouldBeFalse($"{path} is a {type}, a collection that does not compare by value");
        type.Assembly.ShouldBe(typeof(FlowModel).Assembly, path);
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            Walk(field.GetValue(value), $"{path}.{field.Name}", ref seen);
        for (Type? parent = type.BaseType; parent is not null && parent != typeof(object); parent = parent.BaseType)
            foreach (FieldInfo field in parent.GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
                Walk(field.GetValue(value), $"{path}.{field.Name}", ref seen);
    }
}
