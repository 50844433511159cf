using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>What both take, they take for the same value: each text of all types' cases, read by our binder and by JsonSerializer.</summary>
public class SystemTextJsonTests
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>Types that JsonSerializer cannot make.</summary>
    private static readonly string[] Others = ["FrozenSet<Color>", "FrozenDictionary<Color, bool>", "ReadOnlyCollection<bool>", "IReadOnlySet<Guid>"];

    /// <summary>Sorted by code unit for us, and as the machine's culture sorts for them.</summary>
    private static readonly string[] Sorted = ["SortedSet<string>", "SortedList<string, object>"];

    [Fact]
    public async Task The_value_is_what_System_Text_Json_reads()
    {
        string[] texts = [.. TypeCases.Rows.SelectMany(row => row.Accepts.Select(text => text.Split(" -> ")[0]).Concat(row.Refuses)).Distinct()];
        Type flows = TypeCases.All.Assembly.GetType("Flows")!;
        // Other tests run the same flows meanwhile; what this one's give goes here.
        var last = new StrongBox<object?>();
        ((AsyncLocal<StrongBox<object?>?>)flows.GetField("Kept")!.GetValue(null)!).Value = last;
        var differences = new List<string>();
        var unread = new HashSet<string>();
        var compared = new HashSet<string>();
        int count = 0;
        for (int i = 0; i < TypeCases.Rows.Length; i++)
        {
            string name = TypeCases.Rows[i].Type;
            Type type = flows.GetMethod($"Echo{i}")!.GetParameters()[0].ParameterType;
            var flow = TypeCases.All.Flows.Single(flow => flow.Name == i.ToString());
            foreach (string text in texts)
            {
                string json = $$"""{"value":{{text}}}""";
                if (Generated.Problems(flow, json).Count > 0 || !TryRead(text, type, name, unread, out object? theirs))
                    continue;
                await Generated.Invoke(flow, json);
                compared.Add(name);
                count++;
                string ours = Shown(last.Value, type);
                string shown = Shown(theirs, type);
                if (ours != shown && !(Sorted.Contains(name) && ours.Length == shown.Length))
                    differences.Add($"{name} {text}: {ours}, System.Text.Json: {shown}");
            }
        }
        differences.ShouldBeEmpty();
        unread.Order().ShouldBe(Others.Order());
        compared.Count.ShouldBeGreaterThan(80);
        count.ShouldBeGreaterThan(400);
    }

    private static bool TryRead(string text, Type type, string name, HashSet<string> unread, out object? value)
    {
        value = null;
        try
        {
            value = JsonSerializer.Deserialize(text, type, Options);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException)
        {
            unread.Add(name);
            return false;
        }
    }

    /// <summary>Both by one writer. A time with an offset is UTC for us and of the machine's zone for them: the same instant.</summary>
    private static string Shown(object? value, Type type) =>
        JsonSerializer.Serialize(value is DateTime { Kind: DateTimeKind.Local } time ? time.ToUniversalTime() : value, type, Options);
}
