using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Model;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>What the pipeline keeps between compilations holds no symbol, syntax or location, and compares by value.</summary>
public class ModelTests
{
    private static readonly Type[] Leaves = [typeof(string), typeof(int), typeof(int?), typeof(long), typeof(bool), typeof(bool?), typeof(double), typeof(double?), typeof(decimal)];

    [Fact]
    public void Every_value_in_the_pipeline_is_plain_and_equatable()
    {
        var seen = new HashSet<Type>();
        Generated[] projects = [TypeCases.All, GeneratorTest.Run("""
            public enum Color { Red }
            public record Node(int N, Node[]? Next, Color C = Color.Red);
            public static class F { [Flow] [Deployment("a", Cron = "* * * * *")] [Schedule("a", Interval = "5")] public static Node Run(Node node, string? s = null) => node; }
            """)];
        foreach (Generated generated in projects)
            foreach (string name in TrackingNames.All.Where(generated.Result.TrackedSteps.ContainsKey))
                foreach (var step in generated.Result.TrackedSteps[name])
                    foreach (var (value, _) in step.Outputs)
                        Walk(value, name, seen);
        // The rows of TypeCases are of every kind, so that no kind of type escapes.
        typeof(TypeNode).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(TypeNode))).Except(seen).ShouldBeEmpty();
    }

    [Fact]
    public void So_is_every_model_by_its_fields()
    {
        Type[] models = [.. typeof(FlowModel).Assembly.GetTypes().Where(type => type.Namespace == typeof(FlowModel).Namespace
            && type is { IsEnum: false, IsInterface: false, IsNested: false } && !(type.IsAbstract && type.IsSealed) && !type.Name.StartsWith("EquatableArray", StringComparison.Ordinal))];
        models.Length.ShouldBeGreaterThan(10);
        foreach (Type model in models)
        {
            (model.IsSealed || model.IsAbstract).ShouldBeTrue($"{model.Name} is not sealed");
            typeof(IEquatable<>).MakeGenericType(model).IsAssignableFrom(model).ShouldBeTrue($"{model.Name} does not compare by value");
            foreach (FieldInfo field in model.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            {
                // Constants of any kind; the walk above looks at what is in them.
                if (model == typeof(DefaultValue))
                    continue;
                field.IsInitOnly.ShouldBeTrue($"{model.Name}.{field.Name} can change");
                Type type = field.FieldType;
                if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EquatableArray<>))
                    type = type.GetGenericArguments()[0];
                (Leaves.Contains(type) || type.IsEnum || Nullable.GetUnderlyingType(type)?.IsEnum == true || models.Contains(type)).ShouldBeTrue($"{model.Name}.{field.Name} is a {field.FieldType}");
            }
        }
    }

    private static void Walk(object? value, string path, HashSet<Type> seen)
    {
        if (value is null || value is string || value.GetType().IsPrimitive || value.GetType().IsEnum || value is decimal)
            return;
        Type type = value.GetType();
        seen.Add(type);
        (value is ISymbol or SyntaxNode or SyntaxTree or Location or Compilation or SemanticModel).ShouldBeFalse($"{path} is a {type}");
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EquatableArray<>))
        {
            int i = 0;
            foreach (object item in (IEnumerable)value)
                Walk(item, $"{path}[{i++}]", seen);
            return;
        }
        typeof(IEquatable<>).MakeGenericType(type).IsAssignableFrom(type).ShouldBeTrue($"{path} is a {type}, which does not compare by value");
        (value is IEnumerable).ShouldBeFalse($"{path} is a {type}, a collection that does not compare by value");
        type.Assembly.ShouldBe(typeof(FlowModel).Assembly, path);
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            Walk(field.GetValue(value), $"{path}.{field.Name}", seen);
        for (Type? parent = type.BaseType; parent is not null && parent != typeof(object); parent = parent.BaseType)
            foreach (FieldInfo field in parent.GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
                Walk(field.GetValue(value), $"{path}.{field.Name}", seen);
    }
}
