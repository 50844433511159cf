using System.CommandLine;
using Sluice.Cli.Connection;

namespace Sluice.Cli.CommandLine;

/// <summary>A command with examples in its help.</summary>
internal sealed class Verb : Command
{
    private readonly CliContext _context;
    private readonly List<Action<Invocation>> _checks = [];

    public Verb(CliContext context, string name, string description)
        : base(name, description) => _context = context;

    /// <summary>Command lines that work as they stand, shown below the help text.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>What the verb does without an API.</summary>
    public Verb Does(Func<Invocation, CancellationToken, Task<int>> action)
    {
        SetAction((parse, cancellationToken) =>
        {
            var call = new Invocation(_context, parse);
            _checks.ForEach(check => check(call));
            return action(call, cancellationToken);
        });
        return this;
    }

    /// <summary>Refuses bad usage before anything is opened, by a <see cref="CliException"/>.</summary>
    public Verb Checks(Action<Invocation> check)
    {
        _checks.Add(check);
        return this;
    }

    /// <summary>What the verb does with the API that the options, the environment or the config name.</summary>
    public Verb DoesWithApi(Func<Invocation, ApiConnection, CancellationToken, Task<int>> action) => Does(async (call, cancellationToken) =>
    {
        await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
        return await action(call, connection, cancellationToken);
    });

    /// <summary>A verb whose answer comes as text or JSON.</summary>
    public Verb Reads()
    {
        Options.Add(CommonOptions.Output);
        return this;
    }

    public Verb With(params Symbol[] symbols)
    {
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Option option)
                Options.Add(option);
            else
                Arguments.Add((Argument)symbol);
        }
        return this;
    }
}
