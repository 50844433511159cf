using System;
using System.Collections.Generic;
using System.Globalization;

namespace Sluice.Schedules;

/// <summary>Reads a date as dateutil's <c>parser.parse</c> does with upper-cased text without white space: <c>20261231T235959Z</c>, <c>12/31/2026</c>, <c>31-DEC-2026</c>, <c>12/31/26</c>, <c>20260101T06H30M</c>, <c>20260101T6PM</c>.</summary>
/// <remarks>Month before day where both may be meant. What dateutil would fill up from the day that it reads it is refused: such a rule means something else tomorrow.</remarks>
internal sealed class RRuleDate
{
    /// <summary>dateutil takes two digits for a year within 50 of today's; taken as of 2026, so that a build answers the same for ever.</summary>
    private const int FirstShortYear = 1976;

    private const int DaySeconds = 86_400;

    // Larger than all that is allowed anywhere.
    private const int Huge = 1_000_000;

    private static readonly string[] _months = { "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER" };
    private static readonly HashSet<string> _weekdays = new() { "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY" };

    /// <summary>What says nothing.</summary>
    private static readonly HashSet<string> _fillers = new() { ".", ",", ";", "-", "/", "'", "AT", "ON", "AND", "AD", "M", "T", "OF", "ST", "ND", "RD", "TH" };

    private readonly List<string> _tokens;

    // Of the date, in the order written.
    private readonly List<int> _parts = new();
    private int _at;
    private int _yearPlace = -1;
    private int _monthPlace = -1;
    private bool _hasCentury;
    private int? _hour;
    private int _minute;
    private int _second;
    private string? _zone;
    private int? _offset;
    private bool _isBad;

    private RRuleDate(string text) => _tokens = RRuleDateTokens.Of(text);

    /// <summary>Reads a date. The wall clock is what is read, to the second.</summary>
    /// <param name="text">The text.</param>
    /// <param name="date">The wall time.</param>
    /// <param name="hasOffset">Whether it has an offset from UTC, be it Z. Names of zones but UTC, GMT and Z are none: dateutil passes over them.</param>
    /// <returns>Null, or what is wrong with it.</returns>
    public static string? Read(string text, out DateTime date, out bool hasOffset)
    {
        var reader = new RRuleDate(text);
        date = default;
        reader.ReadTokens();
        hasOffset = reader._offset != null || IsUtc(reader._zone);
        if (reader._isBad || reader._parts.Count > 3 || reader._tokens.Count == 0)
            return "is not a date";
        if (reader._parts.Count < 3)
            return "is not a whole date (the server would take the rest from the day it reads it)";
        (int year, int month, int day) = reader.YearMonthDay();
        if (year < 100 && !reader._hasCentury)
            year += year >= FirstShortYear % 100 ? 1900 : 2000;
        int hour = reader._hour ?? 0;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || reader._minute > 59 || reader._second > 59
            || (!IsUtc(reader._zone) && Math.Abs(reader._offset ?? 0) >= DaySeconds))
        {
            return "is not a date";
        }
        date = new DateTime(year, month, day, hour, reader._minute, reader._second);
        return null;
    }

    private void ReadTokens()
    {
        for (; _at < _tokens.Count && !_isBad; _at++)
        {
            string token = _tokens[_at];
            if (IsNumber(token))
                ReadNumber(token);
            else if (!_weekdays.Contains(token))
                ReadWord(token);
        }
    }

    private void ReadNumber(string token)
    {
        int length = token.Length, point = token.IndexOf('.');
        string? next = Token(1);
        if (_parts.Count == 3 && length is 2 or 4 && _hour == null && next != ":" && Unit(next) < 0)
        {
            _hour = Whole(token.Substring(0, 2));
            if (length == 4)
                _minute = Whole(token.Substring(2));
        }
        else if (length == 6 || (length > 6 && point == 6))
        {
            ReadSix(token, point);
        }
        else if (length is 8 or 12 or 14)
        {
            ReadWhole(token);
        }
        else if (Unit(next) is var unit and >= 0)
        {
            _at++;
            SetTime(token, unit);
        }
        else if (Unit(Token(-1)) is var before and >= 0)
        {
            SetTime(token, before + 1);
        }
        else if (next == ":" && Token(2) is { } minutes)
        {
            _hour = Whole(Integer(token));
            SetTime(minutes, 1);
            _at += 2;
            if (Token(1) == ":" && Token(2) is { } seconds)
            {
                SetTime(seconds, 2);
                _at += 2;
            }
        }
        else if (next is "-" or "/" or ".")
        {
            ReadSeparated(token, next);
        }
        else
        {
            ReadLone(token, next);
        }
    }

    /// <summary>Year, month and day of two digits each, or a time.</summary>
    private void ReadSix(string token, int point)
    {
        if (_parts.Count == 0 && point < 0)
        {
            for (int i = 0; i < 6; i += 2)
                Add(token.Substring(i, 2));
            return;
        }
        _hour = Whole(token.Substring(0, 2));
        _minute = Whole(token.Substring(2, 2));
        _second = Whole(token.Substring(4, 2));
    }

    /// <summary>A date without separators, maybe with a time.</summary>
    private void ReadWhole(string token)
    {
        Add(token.Substring(0, 4));
        Add(token.Substring(4, 2));
        Add(token.Substring(6, 2));
        if (token.Length == 8)
            return;
        _hour = Whole(token.Substring(8, 2));
        _minute = Whole(token.Substring(10, 2));
        if (token.Length == 14)
            _second = Whole(token.Substring(12));
    }

    /// <summary>Two or three parts of a date with the same separator between; one may be a month's name.</summary>
    private void ReadSeparated(string token, string separator)
    {
        Add(token);
        if (Token(2) is { } second && !_fillers.Contains(second))
        {
            AddNamed(second);
            if (Token(3) == separator)
            {
                AddNamed(Token(4));
                _at += 2;
            }
            _at++;
        }
        _at++;
    }

    /// <summary>A number that nothing belongs to, or one before am or pm.</summary>
    private void ReadLone(string token, string? next)
    {
        int value = Whole(Integer(token));
        if (next == null || _fillers.Contains(next))
        {
            if (HalfDay(Token(2)) is var half and >= 0)
            {
                _hour = InHalf(value, half);
                _at++;
            }
            else
            {
                AddValue(value, value > 100 || (value == 100 && token.IndexOf('.') >= 0 && token.TrimEnd('0', '.') != "1"));
            }
            _at++;
        }
        else if (HalfDay(next) is var half and >= 0 && value < 24)
        {
            _hour = InHalf(value, half);
            _at++;
        }
        else if (CouldBeDay(value, token))
        {
            AddValue(value, false);
        }
        else
        {
            _isBad = true;
        }
    }

    private void ReadWord(string token)
    {
        if (Month(token) is var month and > 0)
        {
            ReadMonth(month);
        }
        else if (HalfDay(token) is var half and >= 0)
        {
            _isBad |= _hour is null or > 12;
            _hour = InHalf(_hour ?? 0, half);
        }
        else if (_hour != null && _zone == null && _offset == null && IsZone(token))
        {
            ReadZone(token);
        }
        else if (_hour != null && token is "+" or "-")
        {
            ReadOffset(token == "+" ? 1 : -1);
        }
        else
        {
            _isBad |= !_fillers.Contains(token);
        }
    }

    private void ReadMonth(int month)
    {
        AddMonth(month);
        if (Token(1) is not ("-" or "/"))
            return;
        string separator = Token(1)!;
        Add(Token(2));
        if (Token(3) == separator)
        {
            Add(Token(4));
            _at += 2;
        }
        _at += 2;
    }

    /// <summary>A zone's name. Of one before an offset the sign is turned, as in UTC+3, three hours behind; and then UTC is no name.</summary>
    private void ReadZone(string token)
    {
        _zone = token;
        if (Token(1) is not ("+" or "-"))
            return;
        _tokens[_at + 1] = Token(1) == "+" ? "-" : "+";
        _zone = IsUtc(token) ? null : token;
    }

    private void ReadOffset(int sign)
    {
        string hours = Token(1) ?? "", minutes = "0";
        if (hours.Length == 4)
        {
            minutes = hours.Substring(2);
            hours = hours.Substring(0, 2);
        }
        else if (Token(2) == ":")
        {
            minutes = Token(3) ?? "";
            _at += 2;
        }
        else
        {
            _isBad |= hours.Length > 2;
        }
        _at++;
        _offset = (int)Math.Max(-Huge, Math.Min(Huge, sign * (Whole(hours) * 3600L + Whole(minutes) * 60L)));
    }

    /// <summary>Hours, minutes or seconds; of hours and minutes a part of one counts too.</summary>
    private void SetTime(string token, int unit)
    {
        if (!IsNumber(token))
        {
            _isBad = true;
            return;
        }
        int whole = Whole(Integer(token)), point = token.IndexOf('.');
        int part = point < 0 ? 0 : (int)(60 * decimal.Parse("0" + token.Substring(point, Math.Min(token.Length - point, 20)), CultureInfo.InvariantCulture));
        switch (unit)
        {
            case 0:
                _hour = whole;
                if (point >= 0 && token.Substring(point).Trim('.', '0').Length > 0)
                    _minute = part;
                break;
            case 1:
                _minute = whole;
                _second = part;
                break;
            case 2:
                _second = whole;
                break;
        }
    }

    private void AddNamed(string? token)
    {
        if (token != null && Month(token) is var month and > 0)
            AddMonth(month);
        else
            Add(token);
    }

    /// <summary>A part in digits; one of more than two is the year.</summary>
    private void Add(string? token)
    {
        if (token == null || !IsNumber(token) || token.IndexOf('.') >= 0)
            _isBad = true;
        else
            AddValue(Whole(token), token.Length > 2);
    }

    private void AddMonth(int month)
    {
        _isBad |= _monthPlace >= 0;
        _monthPlace = _parts.Count;
        _parts.Add(month);
    }

    private void AddValue(int value, bool isYear)
    {
        _isBad |= isYear && _yearPlace >= 0;
        if (isYear)
            _yearPlace = _parts.Count;
        _hasCentury |= isYear;
        _parts.Add(value);
    }

    private (int Year, int Month, int Day) YearMonthDay()
    {
        int first = _parts[0], second = _parts[1], third = _parts[2];
        if (_yearPlace >= 0 && _monthPlace >= 0)
            return (_parts[_yearPlace], _parts[_monthPlace], _parts[3 - _yearPlace - _monthPlace]);
        return _monthPlace switch
        {
            0 => second > 31 ? (second, first, third) : (third, first, second),
            1 => first > 31 ? (first, second, third) : (third, second, first),
            2 => second > 31 ? (second, third, first) : (first, third, second),
            _ => first > 31 || _yearPlace == 0 ? (first, second, third) : first > 12 ? (third, second, first) : (third, first, second),
        };
    }

    /// <summary>Whether a number that stands before a word may be the day.</summary>
    private bool CouldBeDay(int value, string token)
    {
        int last = _monthPlace < 0 ? 31 : DateTime.DaysInMonth(_yearPlace < 0 ? 2000 : 2000 + _parts[_yearPlace] % 400, _parts[_monthPlace]);
        return value >= 1 && (value < last || (value == last && token.IndexOf('.') < 0));
    }

    private string? Token(int ahead) => _at + ahead >= 0 && _at + ahead < _tokens.Count ? _tokens[_at + ahead] : null;

    /// <summary>Digits, none but these; what is beyond a million is taken for that.</summary>
    private int Whole(string digits)
    {
        int value = 0;
        _isBad |= digits.Length == 0;
        foreach (char c in digits)
        {
            _isBad |= c is < '0' or > '9';
            value = Math.Min(Huge, value * 10 + (c - '0'));
        }
        return _isBad ? 0 : value;
    }

    private static string Integer(string number) => number.IndexOf('.') is var point and >= 0 ? number.Substring(0, point) : number;

    private static bool IsNumber(string token) => token[0] is >= '0' and <= '9' && token[token.Length - 1] is >= '0' and <= '9' && token.IndexOf(',') < 0;

    private static bool IsUtc(string? zone) => zone is "UTC" or "GMT" or "Z";

    private static bool IsZone(string token)
    {
        foreach (char c in token)
        {
            if (c is < 'A' or > 'Z')
                return false;
        }
        // These are numbers to Python.
        return token.Length <= 5 && token is not ("INF" or "NAN");
    }

    private static int Month(string token) =>
        token == "SEPT" ? 9 : Array.FindIndex(_months, month => token == month || (token.Length == 3 && month.StartsWith(token, StringComparison.Ordinal))) + 1;

    /// <summary>0 before noon, 1 after, -1 for other words.</summary>
    private static int HalfDay(string? token) => token switch { "AM" or "A" => 0, "PM" or "P" => 1, _ => -1 };

    private static int InHalf(int hour, int half) => half == 1 && hour < 12 ? hour + 12 : half == 0 && hour == 12 ? 0 : hour;

    /// <summary>0 for hours, 1 for minutes, 2 for seconds, -1 for other words.</summary>
    private static int Unit(string? token) => token switch { "H" or "HOUR" or "HOURS" => 0, "M" or "MINUTE" or "MINUTES" => 1, "S" or "SECOND" or "SECONDS" => 2, _ => -1 };
}
