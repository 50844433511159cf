namespace Sluice.Generators.Parsing;

/// <summary>C#'s keywords, contextual ones too. A list, since what the command line writes is written without a compiler; a test compares it with the compiler's.</summary>
internal static class Keywords
{
    private static readonly HashSet<string> All = new(
        ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum event explicit extern false "
        + "finally fixed float for foreach goto if implicit in int interface internal is lock long namespace new null object operator out override params private "
        + "protected public readonly ref return sbyte sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked "
        + "unsafe ushort using virtual void volatile while __arglist __makeref __reftype __refvalue add alias allows and ascending assembly async await by "
        + "descending equals extension field file from get global group init into join let managed method module nameof not on or orderby param partial property "
        + "record remove required scoped select set type typevar union unmanaged var when where with yield _").Split(' '), StringComparer.Ordinal);

    public static bool Contains(string identifier) => All.Contains(identifier);
}
