using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sluice.Cli.Output;
using Sluice.Orchestration;
using Sluice.Schedules;

namespace Sluice.Cli.Scheduling;

/// <summary>
/// The line protocol of <c>schedule preview</c>: a JSON object in, <c>{"valid":true,"next":[…]}</c> or
/// <c>{"valid":false,"error":{"offset":…,"length":…,"message":…}}</c> out.
/// </summary>
internal static class SchedulePreview
{
    public const int DefaultCount = 5;
    public const int MaxCount = 10_000;

    /// <summary>Answers one line. Whatever the line is, the answer is one compact JSON object.</summary>
    public static string AnswerLine(string line, DateTimeOffset now)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException exception)
        {
            int offset = CharacterOffset(line, (int)(exception.BytePositionInLine ?? 0));
            return Invalid(new(offset, offset < line.Length ? 1 : 0, "the line is not JSON: one object is expected, as {\"cron\":\"0 6 * * *\"}"));
        }
        using (document)
        {
            try
            {
                if (Read(document.RootElement, now, out ScheduleText? schedule, out DateTimeOffset from, out int count) is { } wrong)
                    return Invalid(new(0, 0, wrong));
                return schedule!.TryParse(out Occurrences? occurrences, out ScheduleError? error)
                    ? Valid(occurrences!.Take(from.UtcDateTime, count))
                    : Invalid(error!);
            }
            catch (InvalidOperationException)
            {
                // The only text that JSON can write and .NET cannot hold.
                return Invalid(new(0, 0, "the line holds half of a surrogate pair (as \"\\ud800\"), which is no text"));
            }
        }
    }

    public static string Valid(IReadOnlyList<DateTime> next) => Compact(writer =>
    {
        writer.WriteBoolean("valid", true);
        writer.WriteStartArray("next");
        foreach (DateTime time in next)
            writer.WriteStringValue(Words.Utc(new DateTimeOffset(time, TimeSpan.Zero)));
        writer.WriteEndArray();
    });

    public static string Invalid(ScheduleError error) => Compact(writer =>
    {
        writer.WriteBoolean("valid", false);
        writer.WriteStartObject("error");
        writer.WriteNumber("offset", error.Offset);
        writer.WriteNumber("length", error.Length);
        writer.WriteString("message", error.Message);
        writer.WriteEndObject();
    });

    /// <summary>An ISO 8601 time; one without an offset is UTC.</summary>
    public static bool TryParseTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time)
        && text.Length >= 10 && char.IsAsciiDigit(text[0]) && text[4] == '-';

    /// <summary>Reads the members; the answer is what is wrong, or null.</summary>
    private static string? Read(JsonElement line, DateTimeOffset now, out ScheduleText? schedule, out DateTimeOffset from, out int count)
    {
        schedule = null;
        from = now;
        count = DefaultCount;
        if (line.ValueKind != JsonValueKind.Object)
            return $"the line is {Article(line)}: one object is expected, as {{\"cron\":\"0 6 * * *\"}}";
        string? cron = null, interval = null, rrule = null, timeZone = null;
        bool? dayOr = null;
        ScheduleDst? dst = null;
        DateTimeOffset? anchor = null;
        foreach (JsonProperty member in line.EnumerateObject())
        {
            JsonElement value = member.Value;
            if (value.ValueKind == JsonValueKind.Null)
                continue;
            switch (member.Name, value.ValueKind)
            {
                case ("cron", JsonValueKind.String):
                    cron = value.GetString();
                    break;
                case ("rrule", JsonValueKind.String):
                    rrule = value.GetString();
                    break;
                case ("interval", JsonValueKind.String):
                    interval = value.GetString();
                    break;
                case ("interval", JsonValueKind.Number):
                    interval = value.GetRawText();
                    // 1e3 is a JSON number but not a duration as people write one.
                    if (interval.AsSpan().ContainsAny('e', 'E') && value.TryGetDecimal(out decimal seconds))
                        interval = seconds.ToString(CultureInfo.InvariantCulture);
                    break;
                case ("timezone", JsonValueKind.String):
                    timeZone = value.GetString();
                    break;
                case ("day_or", JsonValueKind.True or JsonValueKind.False):
                    dayOr = value.GetBoolean();
                    break;
                case ("dst", JsonValueKind.String):
                    if (value.GetString() is not ("prefect_compatible" or "vixie_like"))
                        return $"\"dst\" is '{value.GetString()}'; it takes \"prefect_compatible\" or \"vixie_like\"";
                    dst = value.ValueEquals("vixie_like") ? ScheduleDst.VixieLike : ScheduleDst.PrefectCompatible;
                    break;
                case ("anchor_date", JsonValueKind.String):
                    if (!TryParseTime(value.GetString()!, out DateTimeOffset time))
                        return $"\"anchor_date\" is '{value.GetString()}', which is not an ISO 8601 time as 2026-01-31T06:00:00Z";
                    anchor = time;
                    break;
                case ("from", JsonValueKind.String):
                    if (!TryParseTime(value.GetString()!, out from))
                        return $"\"from\" is '{value.GetString()}', which is not an ISO 8601 time as 2026-01-31T06:00:00Z";
                    break;
                case ("count", JsonValueKind.Number):
                    if (!value.TryGetInt32(out count) || count is < 1 or > MaxCount)
                        return $"\"count\" is {value.GetRawText()}; it takes 1 to {MaxCount}";
                    break;
                case ("cron" or "rrule" or "interval" or "timezone" or "day_or" or "dst" or "anchor_date" or "from" or "count", _):
                    return $"\"{member.Name}\" is {Article(value)}: {Expected(member.Name)} is expected";
            }
        }
        if ((cron is null ? 0 : 1) + (interval is null ? 0 : 1) + (rrule is null ? 0 : 1) != 1)
            return "exactly one of \"cron\", \"interval\" and \"rrule\" is expected";
        schedule = new(cron, dayOr, interval, anchor, rrule, timeZone, dst);
        return null;
    }

    private static string Expected(string member) => member switch
    {
        "day_or" => "true or false",
        "count" => "a number",
        "interval" => "a number of seconds or a duration as \"PT15M\"",
        "from" or "anchor_date" => "an ISO 8601 time",
        _ => "a text",
    };

    private static string Article(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };

    private static int CharacterOffset(string line, int utf8Offset)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        return Encoding.UTF8.GetCharCount(bytes, 0, Math.Min(utf8Offset, bytes.Length));
    }

    private static string Compact(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
