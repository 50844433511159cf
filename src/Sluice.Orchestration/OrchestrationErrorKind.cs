namespace Sluice.Orchestration;

/// <summary>Why a call failed, with the HTTP status that carries it.</summary>
public enum OrchestrationErrorKind
{
    /// <summary>An object that the call needs does not exist (404).</summary>
    NotFound,

    /// <summary>The call contradicts what is stored: a taken name, parameters that do not fit (409).</summary>
    Conflict,

    /// <summary>The request is malformed or a value is refused (400, 422).</summary>
    Invalid,

    /// <summary>No or wrong credentials (401).</summary>
    Unauthorized,

    /// <summary>Not allowed (403).</summary>
    Forbidden,

    /// <summary>The other side cannot answer now; the call may be tried again (408, 423, 429, 5xx, broken connection, busy database).</summary>
    Unavailable,

    /// <summary>Nothing answers at that address, or what answers is not an orchestration API.</summary>
    Unreachable,

    /// <summary>The server's generation cannot do it: Prefect 2.10 lacks what 3 has (501).</summary>
    Unsupported,

    /// <summary>The database of the embedded API is damaged, unreadable, from a newer version, or its disk is full.</summary>
    Storage,
}
