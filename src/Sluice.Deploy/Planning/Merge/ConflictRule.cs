using System.Text.Json.Serialization;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>What becomes of a field that both the code and somebody on the server changed since the last publish: <c>SluiceConflicts</c>, <c>--conflicts</c>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConflictRule>))]
public enum ConflictRule
{
    /// <summary>The publish stops before anything is stored, and names each such field.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,

    /// <summary>What is on the server stays.</summary>
    [JsonStringEnumMemberName("keep")]
    Keep,

    /// <summary>The code's value is taken.</summary>
    [JsonStringEnumMemberName("code")]
    Code,
}
