namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A field of a cron expression as written.</summary>
/// <param name="Field">Its index.</param>
/// <param name="Offset">Where it begins in the expression.</param>
/// <param name="Text">Its characters.</param>
internal readonly record struct CronToken(int Field, int Offset, string Text)
{
    /// <summary>The fields of an expression, in order.</summary>
    public static IReadOnlyList<CronToken> Split(string cron)
    {
        var tokens = new List<CronToken>();
        int start = -1;
        for (int i = 0; i <= cron.Length; i++)
        {
            bool space = i == cron.Length || IsSpace(cron[i]);
            if (!space && start < 0)
                start = i;
            if (space && start >= 0)
            {
                tokens.Add(new(tokens.Count, start, cron.Substring(start, i - start)));
                start = -1;
            }
        }
        return tokens;
    }

    /// <summary>How many fields an expression has.</summary>
    public static int Count(string cron)
    {
        int fields = 0;
        for (int i = 0; i < cron.Length; i++)
            if (!IsSpace(cron[i]) && (i == 0 || IsSpace(cron[i - 1])))
                fields++;
        return fields;
    }

    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';
}
