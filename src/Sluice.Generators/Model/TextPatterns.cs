namespace Sluice.Generators.Model;

/// <summary>
/// The grammar of texts, as JSON Schema's <c>pattern</c> says it: what <c>IsoText</c> and <c>ScalarText</c> read at run time, but for what no
/// pattern can say (the days of a month, overflow). All dialects of regular expressions read these alike.
/// </summary>
internal static class TextPatterns
{
    // Dollar alone would also stand before a last line feed in Python and .NET.
    private const string End = @"(?!\n)$";
    private const string DatePart = "(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])";
    private const string Fraction = "(?:[.,][0-9]+)?";
    private const string HoursMinutes = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
    private const string TimePart = HoursMinutes + "(?::[0-5][0-9]" + Fraction + ")?";
    private const string Offset = "(?:[Zz]|[+-](?:(?:0[0-9]|1[0-3])(?::?[0-5][0-9])?|14(?::?00)?))?";
    private const string Count = "[0-9]{1,15}" + Fraction;

    public const string DateTime = "^" + DatePart + "[Tt ]" + TimePart + Offset + End;
    public const string Date = "^" + DatePart + End;
    public const string Time = "^" + TimePart + End;

    public const string Duration = "^[+-]?(?:P(?=[0-9T])(?:" + Count + "W)?(?:" + Count + "D)?(?:T(?=[0-9])(?:" + Count + "H)?(?:" + Count + "M)?(?:" + Count + "S)?)?"
        + @"|(?:[0-9]{1,15}\.)?" + HoursMinutes + ":[0-5][0-9]" + Fraction + ")" + End;

    public const string Guid = "^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}" + End;
    public const string Uri = @"^[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20""<>\\\^`{|}\x7f-\u00a0]*" + End;
    // The bits that padding leaves over are 0.
    public const string Base64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?" + End;

    /// <summary>What <c>EmailAddressAttribute</c> takes: one @ with something on both sides, on one line.</summary>
    public const string Email = @"^[^@\r\n]+@[^@\r\n]+" + End;

    /// <summary>What <c>UrlAttribute</c> takes, written as a URI is.</summary>
    public const string Url = @"^(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://[^\x00-\x20""<>\\\^`{|}\x7f-\u00a0]*" + End;
}
