using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sluice.Runtime.Binding;

namespace Sluice.Runtime;

/// <summary>
/// What a publish asks of the program before anything is uploaded: which flows it has, whether their types load, and whether the deployments' parameters bind. No
/// API is spoken to and no flow is run.
/// </summary>
/// <param name="flows">The flows of the program.</param>
/// <param name="input">One JSON array: <c>[{"entrypoint":…,"parameters":{…}}]</c>, each to be bound.</param>
/// <param name="output">Gets the answer: one line of JSON, whose first member is <c>sluice_self_test</c>.</param>
internal sealed class SelfTest(IReadOnlyList<FlowDefinition> flows, TextReader input, TextWriter output)
{
    /// <summary>Set by a publish for its self-test.</summary>
    public const string Variable = "SLUICE_SELF_TEST";

    /// <summary>Answers.</summary>
    public async Task<int> RunAsync()
    {
        using JsonDocument asked = JsonDocument.Parse(await input.ReadToEndAsync().ConfigureAwait(false));
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("sluice_self_test", 1);
            json.WriteString("framework", Environment.Version.ToString());
            json.WriteString("runtime", RuntimeInformation.RuntimeIdentifier);
            WriteFlows(json);
            WriteBindings(json, asked.RootElement);
            json.WriteEndObject();
        }

        // A line of its own, whatever the program wrote before.
        await output.WriteLineAsync().ConfigureAwait(false);
        await output.WriteLineAsync(Encoding.UTF8.GetString(buffer.WrittenSpan)).ConfigureAwait(false);
        await output.FlushAsync().ConfigureAwait(false);
        return ExitCodes.Ok;
    }

    private void WriteFlows(Utf8JsonWriter json)
    {
        json.WriteStartArray("flows");
        foreach (FlowDefinition flow in flows)
        {
            json.WriteStartObject();
            json.WriteString("name", flow.Name);
            json.WriteString("entrypoint", flow.Entrypoint);
            if (LoadError(flow) is { } error)
            {
                json.WriteString("error", error);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string? LoadError(FlowDefinition flow)
    {
        try
        {
            flow.Load?.Invoke();
            return null;
        }
        catch (Exception exception)
        {
            return Failure.Describe(exception is TypeInitializationException { InnerException: { } inner } ? inner : exception);
        }
    }

    private void WriteBindings(Utf8JsonWriter json, JsonElement asked)
    {
        json.WriteStartArray("bindings");
        foreach (JsonElement wanted in asked.EnumerateArray())
        {
            string? entrypoint = wanted.GetProperty("entrypoint").GetString();
            BindingErrors errors = new();
            if (flows.FirstOrDefault(flow => flow.Entrypoint == entrypoint) is { } found)
            {
                Parameters.TryBind(found, wanted.GetProperty("parameters"), errors);
            }

            json.WriteStartArray();
            foreach (BindingError error in errors.Items)
            {
                json.WriteStartObject();
                json.WriteString("path", error.Path);
                json.WriteString("message", error.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
