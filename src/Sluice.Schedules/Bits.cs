using System;

namespace Sluice.Schedules;

/// <summary>Sets of small numbers (0-63) as bit masks.</summary>
internal static class Bits
{
    /// <summary>The smallest member at or above <paramref name="from"/>, or -1.</summary>
    public static int Next(ulong set, int from)
    {
        if (from > 63)
            return -1;
        ulong rest = set >> from;
        if (rest == 0)
            return -1;
#if NET
        return from + System.Numerics.BitOperations.TrailingZeroCount(rest);
#else
        while ((rest & 1) == 0)
        {
            rest >>= 1;
            from++;
        }
        return from;
#endif
    }

    /// <summary>The largest member at or below <paramref name="from"/>, or -1.</summary>
    public static int Previous(ulong set, int from)
    {
        if (from < 0)
            return -1;
        ulong rest = from >= 63 ? set : set & ((1UL << (from + 1)) - 1);
        if (rest == 0)
            return -1;
#if NET
        return 63 - System.Numerics.BitOperations.LeadingZeroCount(rest);
#else
        int member = Math.Min(from, 63);
        while ((rest & (1UL << member)) == 0)
            member--;
        return member;
#endif
    }

    /// <summary>How many members.</summary>
    public static int Count(ulong set)
    {
#if NET
        return System.Numerics.BitOperations.PopCount(set);
#else
        int count = 0;
        for (; set != 0; set &= set - 1)
            count++;
        return count;
#endif
    }

    /// <summary>The member at a place in the order, from 0.</summary>
    public static int At(ulong set, int index)
    {
        for (; index > 0; index--)
            set &= set - 1;
        return Next(set, 0);
    }

    /// <summary>All numbers from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static ulong Range(int low, int high) => (high == 63 ? ulong.MaxValue : (1UL << (high + 1)) - 1) & ~((1UL << low) - 1);
}
