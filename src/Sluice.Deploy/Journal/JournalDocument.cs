using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Deploy.Journal;

/// <summary>The journal of one apply, as it lies in a store: whose it is, whether its publisher lives, and what it needs to be completed or undone.</summary>
internal sealed record JournalDocument
{
    public const int Format = 1;

    public required int JournalVersion { get; init; }

    public required Guid Id { get; init; }

    /// <summary>The app that is published.</summary>
    public required string App { get; init; }

    /// <summary>The app whose journal has the entry, under the same id, where one apply touches several apps; null where it is here.</summary>
    public string? Main { get; init; }

    /// <summary>The other apps that the apply touches, whose folders point here; null for none.</summary>
    public IReadOnlyList<string>? Others { get; init; }

    /// <summary>The server's URL, without credentials.</summary>
    public required string Server { get; init; }

    public required JournalPublisher Publisher { get; init; }

    /// <summary>When the apply began.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The last sign of life.</summary>
    public required DateTimeOffset Renewed { get; init; }

    /// <summary>Whether its publisher gave it up.</summary>
    public bool Released { get; init; }

    /// <summary>Whether all is as it is to be, or as it was: it is only to be deleted.</summary>
    public bool Done { get; init; }

    /// <summary>What <see cref="Orchestration.IApplyJournal"/> keeps.</summary>
    public required JsonElement Entry { get; init; }

    /// <summary>As it is by what lies beside it.</summary>
    public JournalDocument With(JournalState state) => this with { Renewed = state.Renewed, Released = state.Released, Done = state.Done, Entry = state.Entry ?? Entry };
}

/// <summary>What changed of a journal since it was created.</summary>
internal sealed record JournalState
{
    public required DateTimeOffset Renewed { get; init; }

    public bool Released { get; init; }

    public bool Done { get; init; }

    /// <summary>Null where it is the first one still.</summary>
    public JsonElement? Entry { get; init; }
}

/// <summary>The JSON context of journals.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, WriteIndented = false)]
[JsonSerializable(typeof(JournalDocument))]
[JsonSerializable(typeof(JournalState))]
internal sealed partial class JournalJson : JsonSerializerContext;
