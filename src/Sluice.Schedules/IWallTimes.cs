using System;

namespace Sluice.Schedules;

/// <summary>A series of wall times.</summary>
internal interface IWallTimes
{
    /// <summary>The first one at or after a wall time.</summary>
    DateTime? NextWall(DateTime wall);

    /// <summary>The last one at or before a wall time.</summary>
    DateTime? PreviousWall(DateTime wall);
}
