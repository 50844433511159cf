using System.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Orchestration;

namespace Sluice.Cli.CommandLine;

/// <summary>One call of a verb: its arguments and the world around it.</summary>
internal sealed class Invocation(CliContext context, ParseResult parse)
{
    public Screen Screen => context.Screen;

    public SluiceHome Home => context.Home;

    public CliSettings Settings => context.Settings;

    public Signals Signals => context.Signals;

    public TimeProvider Time => context.Time;

    public DateTimeOffset Now => context.Time.GetUtcNow();

    /// <summary>Whether the answer is for a program.</summary>
    public bool Json => parse.GetValue(CommonOptions.Output) == CommonOptions.Json;

    public string? ApiUrlOption => parse.GetValue(CommonOptions.ApiUrl);

    /// <summary>Whether the user wrote the option.</summary>
    public bool IsGiven(Option option) => parse.GetResult(option) is { Implicit: false };

    public T Get<T>(Option<T> option) => parse.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => parse.GetValue(argument)!;

    public Task<ApiConnection> ConnectAsync(CancellationToken cancellationToken) =>
        ApiConnection.OpenAsync(Home, Settings, ApiUrlOption, Time, cancellationToken);
}

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    public static readonly Option<string?> ApiUrl = new("--api-url")
    {
        Description = "The orchestration API to talk to. Default: PREFECT_API_URL, then the config, then the embedded API of SLUICE_HOME.",
        HelpName = "URL",
        Recursive = true,
    };

    public static readonly Option<string> Output = CreateOutput();

    public static Option<string> Pool() => new("--pool", "-p")
    {
        Description = "The work pool.",
        HelpName = "POOL",
        DefaultValueFactory = _ => DefaultPool,
    };

    public const string Json = "json";

    /// <summary>The pool that Prefect 2.10 and 3.x, and the embedded server, have built in.</summary>
    public const string DefaultPool = "default-agent-pool";

    private static Option<string> CreateOutput()
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = "'json' writes Prefect 3's objects for programs; 'text' writes tables for people.",
            HelpName = "text|json",
            DefaultValueFactory = _ => "text",
        };
        return output.AcceptOnlyFromAmong("text", Json);
    }
}
