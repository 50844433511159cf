using System;

namespace Sluice.Schedules;

/// <summary>The values that one field of a cron expression allows. Values are kept relative to <see cref="Base"/> (0, and 1970 for years).</summary>
internal sealed class CronSet
{
    // Years need 130 bits: three words, of which the other fields use the first.
    private readonly ulong[] _words = new ulong[3];

    public CronSet(int fieldIndex) => Base = fieldIndex == CronField.Year ? CronField.All[fieldIndex].Min : 0;

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
    public ulong Mask => _words[0];

    /// <summary>How many values, not counting <c>*</c> and <c>L</c>.</summary>
    public int Count => Bits.Count(_words[0]) + Bits.Count(_words[1]) + Bits.Count(_words[2]);

    public void Add(int value) => _words[(value - Base) >> 6] |= 1UL << ((value - Base) & 63);

    public bool Contains(int value) => value >= Base && value - Base < 192 && (_words[(value - Base) >> 6] & (1UL << ((value - Base) & 63))) != 0;

    /// <summary>The smallest value at or above the given one, or -1.</summary>
    public int Next(int value)
    {
        int from = value < Base ? 0 : value - Base;
        for (int word = from >> 6; word < _words.Length; word++, from = word << 6)
        {
            int bit = Bits.Next(_words[word], from & 63);
            if (bit >= 0)
                return Base + (word << 6) + bit;
        }
        return -1;
    }

    /// <summary>The largest value at or below the given one, or -1.</summary>
    public int Previous(int value)
    {
        int from = Math.Min(value - Base, _words.Length * 64 - 1);
        for (int word = from >> 6; word >= 0 && from >= 0; word--, from = (word << 6) + 63)
        {
            int bit = Bits.Previous(_words[word], from & 63);
            if (bit >= 0)
                return Base + (word << 6) + bit;
        }
        return -1;
    }
}
