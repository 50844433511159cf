using System.Text;

namespace Sluice.Runtime.Local;

/// <summary>Help texts of a flow program.</summary>
internal static class LocalHelp
{
    /// <summary>The flows of a program.</summary>
    public static string ForProgram(string program, IReadOnlyList<FlowDefinition> flows)
    {
        if (flows.Count == 0)
        {
            return $"{program} has no flows: mark a static method with [Flow].\n";
        }

        StringBuilder text = new($"Flows of {program}:\n\n");
        int width = flows.Max(flow => flow.Name.Length);
        foreach (FlowDefinition flow in flows)
        {
            text.Append($"  {flow.Name.PadRight(width)}  {FirstLine(flow.Description)}".TrimEnd()).Append('\n');
        }

        text.Append($"\nRun one here:     {program} {Quoted(flows[0].Name)} [--<parameter> value …] [--params JSON]\n");
        text.Append($"Its parameters:   {program} {Quoted(flows[0].Name)} --help\n");
        text.Append("The result is one line of JSON on stdout; logs go to stderr.\n");
        return text.ToString();
    }

    /// <summary>A flow's parameters.</summary>
    public static string ForFlow(string program, FlowDefinition flow)
    {
        StringBuilder text = new($"{flow.Name}{(flow.Version is null ? "" : $" {flow.Version}")}\n");
        if (!string.IsNullOrWhiteSpace(flow.Description))
        {
            text.Append('\n').Append(Indented(flow.Description)).Append('\n');
        }

        text.Append($"\nUsage: {program} {Quoted(flow.Name)}");
        foreach (FlowParameter parameter in flow.Parameters.Where(parameter => parameter.Required))
        {
            text.Append($" --{parameter.Name} <{parameter.Type}>");
        }

        text.Append(flow.Parameters.All(parameter => parameter.Required) ? "\n\nOptions:\n" : " [options]\n\nOptions:\n");
        List<(string Option, string Words)> lines = [.. flow.Parameters.Select(parameter => ($"--{parameter.Name} <{parameter.Type}>", Words(parameter)))];
        lines.Add(($"{LocalArguments.ParamsOption} <json>", "All parameters as one JSON object; options win over it."));
        lines.Add(("--help", "This text."));
        int width = lines.Max(line => line.Option.Length);
        foreach ((string option, string words) in lines)
        {
            text.Append($"  {option.PadRight(width)}  {words}".TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A name as a shell takes it.</summary>
    public static string Quoted(string name) => name.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.') ? name : $"\"{name}\"";

    private static string Words(FlowParameter parameter)
    {
        string note = parameter.Required ? "(required)" : parameter.DefaultJson is { } value ? $"(default: {(parameter.IsSecret ? "********" : value)})" : "";
        return $"{FirstLine(parameter.Description)} {note}".Trim();
    }

    private static string FirstLine(string? text) => text?.Trim().Split('\n', 2)[0].Trim() ?? "";

    private static string Indented(string text) => string.Join('\n', text.Trim().Split('\n').Select(line => $"  {line.Trim()}".TrimEnd()));
}
