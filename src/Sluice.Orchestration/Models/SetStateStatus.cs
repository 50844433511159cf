using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>The answer to a proposed state.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SetStateStatus>))]
public enum SetStateStatus
{
    /// <summary>The state was taken.</summary>
    [JsonStringEnumMemberName("ACCEPT")] Accept,

    /// <summary>Another state holds: go on with the one in the answer.</summary>
    [JsonStringEnumMemberName("REJECT")] Reject,

    /// <summary>Stop; nothing was changed.</summary>
    [JsonStringEnumMemberName("ABORT")] Abort,

    /// <summary>Too early: ask again after the delay.</summary>
    [JsonStringEnumMemberName("WAIT")] Wait,
}
