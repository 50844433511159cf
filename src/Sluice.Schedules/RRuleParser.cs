using System;
using System.Collections.Generic;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>Reads recurrence rules as dateutil's <c>rrulestr</c> does: properties are separated by white space, lines are not unfolded, case does not matter.</summary>
internal sealed class RRuleParser
{
    /// <summary>Prefect's limit.</summary>
    private const int MaxLength = 6500;

    /// <summary>Prefect's start for rules without one, in the schedule's zone.</summary>
    private static readonly DateTime _defaultStart = new(2020, 1, 1);

    private readonly string _text;
    private readonly List<RRuleText> _rules = new();
    private readonly List<RRuleText> _excludedRules = new();
    private readonly List<DateTime> _dates = new();
    private readonly List<DateTime> _excludedDates = new();
    private DateTime? _start;
    private bool _startHasOffset;
    private bool _inSet;
    private ScheduleError? _error;

    private RRuleParser(string text) => _text = text;

    public static bool TryParse(string text, out RRuleSet? set, out ScheduleError? error)
    {
        if (RRuleQuickReader.Read(text) is { } parts)
        {
            set = new RRuleSet(new[] { new RRule(parts, _defaultStart) }, Array.Empty<DateTime>(), Array.Empty<RRule>(), Array.Empty<DateTime>(), hasStart: false);
            error = null;
            return true;
        }
        var parser = new RRuleParser(text);
        set = parser.Parse(text);
        error = parser._error;
        return set != null;
    }

    private RRuleSet? Parse(string text)
    {
        // Python counts a surrogate pair as one.
        int length = 0, allowed = 0;
        for (int i = 0; i < text.Length; length++)
        {
            i += char.IsSurrogatePair(text, i) ? 2 : 1;
            allowed = length < MaxLength ? i : allowed;
        }
        if (length > MaxLength)
            return Fail(new ScheduleError(allowed, text.Length - allowed, $"the recurrence rule has {length} characters; at most {MaxLength} are allowed."));
        List<RRuleText> lines = Lines(text);
        if (lines.Count == 0)
            return Fail(new ScheduleError(0, text.Length, "the recurrence rule is empty; it needs a FREQ, as FREQ=DAILY."));
        // dateutil looks at the text's own beginning, white space and all.
        _inSet = lines.Count > 1 || (text.IndexOf(':') >= 0 && !Upper(text).StartsWith("RRULE:", StringComparison.Ordinal));
        foreach (RRuleText line in lines)
        {
            ReadLine(line);
            if (_error != null)
                return null;
        }
        if (_rules.Count + _excludedRules.Count + _dates.Count + _excludedDates.Count == 0)
            return Fail(new ScheduleError(0, text.Length, "there is no RRULE, only its start."));
        List<RRule>? rules = ReadRules(_rules), excludedRules = ReadRules(_excludedRules);
        return _error != null ? null : new RRuleSet(rules!, _dates, excludedRules!, _excludedDates, _start != null);
    }

    private RRuleSet? Fail(ScheduleError error)
    {
        _error ??= error;
        return null;
    }

    private void ReadLine(RRuleText line)
    {
        int colon = line.Text.IndexOf(':');
        if (colon < 0)
        {
            _rules.Add(line);
            return;
        }
        RRuleText[] parameters = line.Substring(0, colon).Split(';');
        RRuleText value = line.Substring(colon + 1);
        string name = parameters[0].Text;
        switch (name)
        {
            case "RRULE" or "EXRULE":
                if (parameters.Length > 1)
                    Fail(parameters[1].Fail($"{name} takes no parameters, as {parameters[1].Text}."));
                (name == "RRULE" ? _rules : _excludedRules).Add(value);
                break;
            case "RDATE":
                foreach (RRuleText parameter in parameters.Skip(1))
                {
                    if (parameter.Text != "VALUE=DATE-TIME")
                        Fail(parameter.Fail($"RDATE takes VALUE=DATE-TIME only, not {parameter.Text}; its dates are in the schedule's zone."));
                }
                ReadDates(name, value, false, _dates);
                break;
            case "EXDATE":
                ReadDates(name, value, HasZone(parameters), _excludedDates);
                break;
            case "DTSTART":
                var starts = new List<DateTime>();
                _startHasOffset = HasZone(parameters);
                _startHasOffset |= ReadDates(name, value, _startHasOffset, starts);
                if (starts.Count > 1)
                    Fail(value.Fail("DTSTART is one date."));
                _start = starts.Count == 1 ? starts[0] : _start;
                break;
            default:
                Fail(parameters[0].Fail($"'{name}' is not known; use RRULE, DTSTART, RDATE, EXRULE or EXDATE."));
                break;
        }
    }

    /// <summary>Checks the parameters of DTSTART and EXDATE, and tells whether they name a time zone.</summary>
    private bool HasZone(RRuleText[] parameters)
    {
        bool zone = false, value = false;
        for (int i = 1; i < parameters.Length; i++)
        {
            string text = parameters[i].Text;
            if (text.StartsWith("TZID=", StringComparison.Ordinal))
                zone |= IsKnownZone(parameters[i]);
            else if (text is not ("VALUE=DATE-TIME" or "VALUE=DATE"))
                Fail(parameters[i].Fail($"'{text}' is not a parameter here; use TZID=… or VALUE=DATE-TIME."));
            else if (value)
                Fail(parameters[i].Fail("VALUE is given twice."));
            else
                value = true;
        }
        return zone;
    }

    /// <summary>Whether dateutil knows a TZID. It collects their spelling up to the next colon: one that another parameter follows is not known, nor one of another case.</summary>
    private bool IsKnownZone(RRuleText parameter)
    {
        string? spelled = null;
        for (int at = _text.IndexOf("TZID=", StringComparison.Ordinal); at >= 0;)
        {
            int colon = _text.IndexOf(':', at + 5);
            if (colon < 0)
                break;
            string name = _text.Substring(at + 5, colon - at - 5);
            if (Upper(name) == parameter.Text.Substring(5))
                spelled = name;
            at = _text.IndexOf("TZID=", colon, StringComparison.Ordinal);
        }
        return spelled != null && ZoneIds.Contains(spelled);
    }

    /// <summary>Reads dates separated by commas, and tells whether one has an offset.</summary>
    private bool ReadDates(string property, RRuleText value, bool hasZone, List<DateTime> dates)
    {
        bool offset = false;
        foreach (RRuleText text in value.Split(','))
        {
            if (RRuleDate.Read(text.Text, out DateTime date, out bool hasOffset) is { } fault)
                Fail(text.Fail($"{property}: '{text.Text}' {fault}; write it as 20260131T060000."));
            else if (hasOffset && hasZone)
                Fail(text.Fail($"{property}: '{text.Text}' has an offset beside its TZID; use one of them."));
            offset |= hasOffset;
            dates.Add(date);
        }
        return offset;
    }

    private List<RRule>? ReadRules(List<RRuleText> texts)
    {
        var rules = new List<RRule>();
        foreach (RRuleText text in texts)
        {
            // In a set dateutil reads a property in the property.
            RRuleText rule = _inSet && text.Text.StartsWith("RRULE:", StringComparison.Ordinal) ? text.Substring(6) : text;
            int colon = rule.Text.IndexOf(':');
            ScheduleError? error = null;
            RRuleParts? parts = colon < 0 ? RRulePartReader.Read(rule, out error) : null;
            if (colon >= 0)
                error = rule.Substring(colon, 1).Fail("a rule has no colon; write dates without, as 20261231T235959.");
            if (parts != null && _start != null && parts.Until != null && parts.UntilHasOffset != _startHasOffset)
                error = text.Fail(_startHasOffset ? "UNTIL needs a Z, as DTSTART has a time zone." : "UNTIL may not have a Z or offset, as DTSTART has none.");
            DateTime start = _start ?? _defaultStart;
            if (parts != null && error == null && Unreachable(parts, start) is { } reason)
                error = text.Fail(reason);
            if (error != null)
            {
                _error ??= error;
                return null;
            }
            // Prefect notices only when it makes the due times, and fails.
            parts!.CannotRun |= _start == null && parts.UntilHasOffset;
            rules.Add(new RRule(parts, start));
        }
        return rules;
    }

    /// <summary>Why none of the values of the frequency's own part can be met by steps of the interval from the start. dateutil refuses such rules.</summary>
    private static string? Unreachable(RRuleParts parts, DateTime start)
    {
        (List<int>? values, int from, int size, string unit) = parts.Frequency switch
        {
            RRuleFrequency.Hourly => (parts.Hours, start.Hour, 24, "HOUR"),
            RRuleFrequency.Minutely => (parts.Minutes, start.Minute, 60, "MINUTE"),
            RRuleFrequency.Secondly => (parts.Seconds, start.Second, 60, "SECOND"),
            _ => (null, 0, 1, ""),
        };
        int step = (int)Gcd(parts.Interval, size);
        return values == null || values.Exists(value => ((long)value - from) % step == 0)
            ? null
            : $"every {parts.Interval} {unit.ToLowerInvariant()}s from {from} never meets a value of BY{unit}.";
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);

    private static List<RRuleText> Lines(string text)
    {
        var lines = new List<RRuleText>();
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool space = i == text.Length || char.IsWhiteSpace(text[i]) || text[i] is >= '\x1c' and <= '\x1f';
            if (!space && start < 0)
                start = i;
            if (space && start >= 0)
            {
                lines.Add(new RRuleText(Upper(text.Substring(start, i - start)), start));
                start = -1;
            }
        }
        return lines;
    }

    /// <summary>As Python has it: the dotless i and the long s have capitals too.</summary>
    private static string Upper(string text) => text.ToUpperInvariant().Replace('\u0131', 'I').Replace('\u017f', 'S');
}
