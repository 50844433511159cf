using System.ComponentModel;
using System.Text.Json;
using Sluice.Runtime.Binding;

namespace Sluice.Runtime;

/// <summary>A flow as the generator hands it to <see cref="FlowProgram"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record FlowDefinition
{
    /// <summary>The flow's name.</summary>
    public required string Name { get; init; }

    /// <summary><c>Assembly.dll!Namespace.Type.Method</c>.</summary>
    public required string Entrypoint { get; init; }

    /// <summary>What it does.</summary>
    public string? Description { get; init; }

    /// <summary>The flow's version.</summary>
    public string? Version { get; init; }

    /// <summary>How often a failed run is tried again.</summary>
    public int Retries { get; init; }

    /// <summary>Seconds between tries.</summary>
    public double RetryDelaySeconds { get; init; }

    /// <summary>How often a run is scheduled again when its worker and its process have vanished.</summary>
    public int CrashRetries { get; init; }

    /// <summary>Seconds after which a try fails; 0 is never.</summary>
    public double TimeoutSeconds { get; init; }

    /// <summary>Whether the result also goes to storage.</summary>
    public bool PersistResult { get; init; }

    /// <summary>Whether a parameter or a part of one is secret, so that no text with parameters may be shown.</summary>
    public bool HasSecrets { get; init; }

    /// <summary>The parameters in order, for the command line of a local run.</summary>
    public required IReadOnlyList<FlowParameter> Parameters { get; init; }

    /// <summary>Runs the static initialisers of the method's type, which its first call would run; null where the program was built before this was asked.</summary>
    public Action? Load { get; init; }

    /// <summary>
    /// Binds a JSON object to a call. Problems go to the errors with their JSON path; the answer is null when there are any.
    /// Nothing of the user's code runs before the call is invoked.
    /// </summary>
    public required Func<JsonElement, BindingErrors, FlowCall?> Bind { get; init; }
}

/// <summary>A bound call. Runs the user's method and writes its result (<c>null</c> for void) as one JSON value.</summary>
/// <param name="context">The run's context; its token is what the method's <c>CancellationToken</c> gets.</param>
/// <param name="result">Where the result goes. Written only after the method ended well.</param>
public delegate ValueTask FlowCall(FlowContext context, Utf8JsonWriter result);

/// <summary>A parameter of a flow, for help texts and for reading command-line options.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Kind">How an option's text becomes JSON.</param>
/// <param name="Required">True when it has no default.</param>
/// <param name="Type">What to write in help, as <c>integer</c>, <c>date</c> or <c>red|green</c>.</param>
/// <param name="Description">From XML docs.</param>
/// <param name="DefaultJson">Its default as JSON, when it has one.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record FlowParameter(string Name, FlowParameterKind Kind, bool Required, string Type, string? Description, string? DefaultJson)
{
    /// <summary>Whether its value may not be shown.</summary>
    public bool IsSecret { get; init; }
}

/// <summary>How the text of a command-line option becomes JSON.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum FlowParameterKind
{
    /// <summary>The text is a JSON string: strings, enums, dates, Guids.</summary>
    Text,

    /// <summary>The text is a JSON number.</summary>
    Number,

    /// <summary>The text is <c>true</c> or <c>false</c>; an option without text is true.</summary>
    Flag,

    /// <summary>The text is JSON: arrays, records.</summary>
    Json,
}
