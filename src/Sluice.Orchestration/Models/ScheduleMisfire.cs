using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>What becomes of a schedule's due times that passed while no scheduler looked. An extension of Sluice's server.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScheduleMisfire>))]
public enum ScheduleMisfire
{
    /// <summary>They are passed over, as Prefect does; runs that were made ahead run late.</summary>
    [JsonStringEnumMemberName("skip")] Skip,

    /// <summary>One run for all of them.</summary>
    [JsonStringEnumMemberName("run_once")] RunOnce,

    /// <summary>A run for each of them, at most the latest so and so many.</summary>
    [JsonStringEnumMemberName("run_all")] RunAll,
}
