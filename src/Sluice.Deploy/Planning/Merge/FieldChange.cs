using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>A field of a deployment that is not the same in the last publish, in the code and on the server.</summary>
public sealed record FieldChange
{
    /// <summary>Which: <c>parameters.city</c>, <c>job_variables.env.LEVEL</c>, <c>tags[weather]</c>, <c>schedules[daily].cron</c>, <c>paused</c>.</summary>
    public required string Path { get; init; }

    /// <summary>What the code said when the deployment was published last; null for nothing, and where that is not known.</summary>
    public JsonElement? Base { get; init; }

    /// <summary>What the code says; null for nothing.</summary>
    public JsonElement? Code { get; init; }

    /// <summary>What the server has; null for nothing.</summary>
    public JsonElement? Live { get; init; }

    /// <summary>Who changed it.</summary>
    public required FieldClass Class { get; init; }

    /// <summary>Which value it has afterwards.</summary>
    public required FieldDecision Decision { get; init; }
}

/// <summary>Who changed a field since the last publish.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FieldClass>))]
public enum FieldClass
{
    /// <summary>The code alone; also where the last publish is not known.</summary>
    [JsonStringEnumMemberName("code_changed")]
    CodeChanged,

    /// <summary>Somebody on the server alone.</summary>
    [JsonStringEnumMemberName("drift")]
    Drift,

    /// <summary>Nobody: the server filled it in, or says it in other words.</summary>
    [JsonStringEnumMemberName("normalised")]
    Normalised,

    /// <summary>Both, to different values.</summary>
    [JsonStringEnumMemberName("conflict")]
    Conflict,

    /// <summary>Both, alike. Nothing changes but the record of the last publish, without which a later change by either would be taken for the other's.</summary>
    [JsonStringEnumMemberName("agreed")]
    Agreed,
}

/// <summary>Which value a field has afterwards.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FieldDecision>))]
public enum FieldDecision
{
    /// <summary>The code's.</summary>
    [JsonStringEnumMemberName("code")]
    Code,

    /// <summary>The server's.</summary>
    [JsonStringEnumMemberName("live")]
    Live,

    /// <summary>A conflict that the user has to decide.</summary>
    [JsonStringEnumMemberName("undecided")]
    Undecided,
}
