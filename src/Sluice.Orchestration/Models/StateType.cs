using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>The kinds of states.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StateType>))]
public enum StateType
{
    /// <summary>Due at a time.</summary>
    [JsonStringEnumMemberName("SCHEDULED")] Scheduled,

    /// <summary>Claimed by a worker.</summary>
    [JsonStringEnumMemberName("PENDING")] Pending,

    /// <summary>Its code runs.</summary>
    [JsonStringEnumMemberName("RUNNING")] Running,

    /// <summary>Ended well.</summary>
    [JsonStringEnumMemberName("COMPLETED")] Completed,

    /// <summary>Its code failed.</summary>
    [JsonStringEnumMemberName("FAILED")] Failed,

    /// <summary>Was cancelled.</summary>
    [JsonStringEnumMemberName("CANCELLED")] Cancelled,

    /// <summary>Its infrastructure failed.</summary>
    [JsonStringEnumMemberName("CRASHED")] Crashed,

    /// <summary>Waits to be resumed.</summary>
    [JsonStringEnumMemberName("PAUSED")] Paused,

    /// <summary>Is to be cancelled.</summary>
    [JsonStringEnumMemberName("CANCELLING")] Cancelling,
}
