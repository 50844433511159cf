using System.CommandLine;
using Sluice.Cli.Runs;

namespace Sluice.Cli.CommandLine;

/// <summary>Says in one line what is wrong with a command line, and where its help is.</summary>
internal static class ParseFailure
{
    public static CliException Describe(ParseResult parse)
    {
        Command command = parse.CommandResult.Command;
        string path = Path(parse);
        string hint = $"; see '{path} --help'";
        if (command.Subcommands.Count > 0)
        {
            string verbs = string.Join(", ", command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name));
            return CliException.BadUsage(parse.UnmatchedTokens.FirstOrDefault() is { } wrong
                ? $"'{path}' has no '{wrong}'.{DidYouMean.Question(wrong, command.Subcommands.SelectMany(sub => sub.Aliases.Append(sub.Name)))} It has: {verbs}"
                : $"'{path}' needs one of: {verbs}");
        }
        if (parse.UnmatchedTokens.FirstOrDefault() is { } unmatched)
        {
            IEnumerable<string> options = command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(o => o.Recursive)))
                .SelectMany(option => option.Aliases.Append(option.Name));
            return CliException.BadUsage(unmatched.StartsWith('-')
                ? $"'{path}' has no option '{unmatched}'{hint}.{DidYouMean.Question(unmatched, options)}"
                : $"'{path}' takes no further argument '{unmatched}'{hint}");
        }
        return CliException.BadUsage(parse.Errors[0].Message.TrimEnd('.') + hint);
    }

    private static string Path(ParseResult parse)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? result = parse.CommandResult; result is System.CommandLine.Parsing.CommandResult command; result = result.Parent)
            names.Add(command.Command is RootCommand ? "sluice" : command.Command.Name);
        names.Reverse();
        return string.Join(' ', names);
    }
}
