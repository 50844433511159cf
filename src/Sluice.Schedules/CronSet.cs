using System;

namespace Sluice.Schedules;

/// <summary>The values that one field of a cron expression allows. Values are kept relative to <see cref="Base"/> (0, and 1970 for years).</summary>
internal sealed class CronSet
{
    // Years need 130 bits: three words, of which the other fields use the first.
    private readonly ulong[]? _later;
    private ulong _mask;

    public CronSet(int fieldIndex)
    {
        if (fieldIndex == CronField.Year)
        {
            Base = CronField.All[fieldIndex].Min;
            _later = new ulong[2];
        }
    }

    /// <summary>Of small values.</summary>
    public CronSet(ulong mask, bool beginsWithStar)
    {
        _mask = mask;
        BeginsWithStar = beginsWithStar;
    }

    /// <summary>What is subtracted from a value before it is kept.</summary>
    public int Base { get; }

    /// <summary>Whether the field's text begins with <c>*</c>.</summary>
    public bool BeginsWithStar { get; set; }

    /// <summary>Whether <c>*</c> is among the items.</summary>
    public bool HasStar { get; set; }

    /// <summary>Whether the items amount to <c>*</c>.</summary>
    public bool IsWidened { get; set; }

    /// <summary>Whether every value matches.</summary>
    public bool IsAny => HasStar || IsWidened;

    /// <summary>Whether the last day of the month is among the values.</summary>
    public bool HasLast { get; set; }

    /// <summary>The values, but for years.</summary>
    public ulong Mask => _mask;

    /// <summary>How many values, not counting <c>*</c> and <c>L</c>.</summary>
    public int Count => Bits.Count(_mask) + (_later == null ? 0 : Bits.Count(_later[0]) + Bits.Count(_later[1]));

    private int Words => _later == null ? 1 : 3;

    public void Add(int value)
    {
        int index = value - Base;
        if (index < 64)
            _mask |= 1UL << index;
        else
            _later![(index >> 6) - 1] |= 1UL << (index & 63);
    }

    public bool Contains(int value) => Next(value) == value;

    /// <summary>The smallest value at or above the given one, or -1.</summary>
    public int Next(int value)
    {
        int from = value < Base ? 0 : value - Base;
        for (int word = from >> 6; word < Words; word++, from = word << 6)
        {
            int bit = Bits.Next(Word(word), from & 63);
            if (bit >= 0)
                return Base + (word << 6) + bit;
        }
        return -1;
    }

    /// <summary>The largest value at or below the given one, or -1.</summary>
    public int Previous(int value)
    {
        int from = Math.Min(value - Base, Words * 64 - 1);
        for (int word = from >> 6; word >= 0 && from >= 0; word--, from = (word << 6) + 63)
        {
            int bit = Bits.Previous(Word(word), from & 63);
            if (bit >= 0)
                return Base + (word << 6) + bit;
        }
        return -1;
    }

    private ulong Word(int index) => index == 0 ? _mask : _later![index - 1];
}
