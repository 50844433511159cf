namespace Sluice.Schedules;

/// <summary>Digits of other scripts, which Python reads as numbers too.</summary>
internal static class Digits
{
    /// <summary>The same digit from 0 to 9; what is no digit stays.</summary>
    public static char ToAscii(char c) => c > '9' && char.IsDigit(c) ? (char)('0' + (int)char.GetNumericValue(c)) : c;
}
