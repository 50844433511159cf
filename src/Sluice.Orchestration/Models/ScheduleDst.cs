using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>How a cron schedule or a recurrence rule goes through the change of clocks. An extension of Sluice's server.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScheduleDst>))]
public enum ScheduleDst
{
    /// <summary>As Prefect does.</summary>
    [JsonStringEnumMemberName("prefect_compatible")] PrefectCompatible,

    /// <summary>As Vixie cron does.</summary>
    [JsonStringEnumMemberName("vixie_like")] VixieLike,
}
