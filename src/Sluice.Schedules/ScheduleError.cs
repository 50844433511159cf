namespace Sluice.Schedules;

/// <summary>Why a schedule is invalid.</summary>
#if SCHEDULES_LIBRARY
public
#else
internal
#endif
sealed class ScheduleError
{
    /// <summary>Creates an error.</summary>
    public ScheduleError(int offset, int length, string message)
    {
        Offset = offset;
        Length = length;
        Message = message;
    }

    /// <summary>Where in the text the offending characters begin, from 0.</summary>
    public int Offset { get; }

    /// <summary>How many characters offend.</summary>
    public int Length { get; }

    /// <summary>What is wrong, which value, and what is allowed.</summary>
    public string Message { get; }
}
