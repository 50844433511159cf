using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Sluice.Cli.Runs;

namespace Sluice.Cli.CommandLine;

/// <summary>Says in one line what is wrong with a command line, and where its help is.</summary>
internal static partial class ParseFailure
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
                ? $"'{path}' has no option '{unmatched}'.{DidYouMean.Question(unmatched, options)} See '{path} --help'"
                : $"'{path}' takes no further argument '{unmatched}'{hint}");
        }
        string[] missing = [.. parse.CommandResult.Children.OfType<ArgumentResult>()
            .Where(result => result.Tokens.Count < result.Argument.Arity.MinimumNumberOfValues).Select(result => result.Argument.Name)];
        if (missing.Length == 0)
            missing = [.. command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0 && parse.GetResult(argument) is null).Select(argument => argument.Name)];
        return CliException.BadUsage(missing.Length > 0
            ? $"'{path}' needs {string.Join(" and ", missing)}{hint}"
            : Plain(parse.Errors[0].Message) + hint);
    }

    // The library names .NET types, which tell users nothing.
    private static string Plain(string message)
    {
        Match match = UnreadableValue().Match(message);
        return match.Success
            ? $"{match.Groups["option"].Value} '{match.Groups["value"].Value}' is not {(match.Groups["type"].Value.Contains("Bool", StringComparison.Ordinal) ? "true or false" : "a whole number")}"
            : Failures.OneLine(message).TrimEnd('.');
    }

    [GeneratedRegex("^Cannot parse argument '(?<value>.*)' for option '(?<option>[^']+)' as expected type '(?<type>[^']+)'", RegexOptions.Singleline)]
    private static partial Regex UnreadableValue();

    private static string Path(ParseResult parse)
    {
        var names = new List<string>();
        for (SymbolResult? result = parse.CommandResult; result is CommandResult command; result = result.Parent)
            names.Add(command.Command is RootCommand ? "sluice" : command.Command.Name);
        names.Reverse();
        return string.Join(' ', names);
    }
}
