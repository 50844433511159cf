using System.Text;

namespace Sluice.Worker.Runs;

/// <summary>
/// Cuts UTF-8 text into lines of bounded length: a longer line becomes several. Invalid bytes and NUL, which databases refuse, become U+FFFD.
/// </summary>
internal sealed class LineReader(int longest)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();
    private char[] _chars = [];
    private bool _afterCr;

    /// <summary>Takes bytes and passes on every line that they complete, without its end (LF, CR LF or CR).</summary>
    public void Append(ReadOnlySpan<byte> bytes, Action<string> line) => Append(bytes, flush: false, line);

    /// <summary>Passes on what is left without a line end.</summary>
    public void Complete(Action<string> line)
    {
        Append([], flush: true, line);
        if (_line.Length > 0)
            Take(line);
    }

    private void Append(ReadOnlySpan<byte> bytes, bool flush, Action<string> line)
    {
        int most = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (_chars.Length < most)
            _chars = new char[most];
        ReadOnlySpan<char> rest = _chars.AsSpan(0, _decoder.GetChars(bytes, _chars, flush));
        while (!rest.IsEmpty)
        {
            if (_afterCr)
            {
                _afterCr = false;
                if (rest[0] == '\n')
                {
                    rest = rest[1..];
                    continue;
                }
            }

            int end = rest.IndexOfAny('\n', '\r');
            int room = longest - _line.Length;
            int length = end < 0 ? rest.Length : end;
            if (length > room)
            {
                // Never between the halves of a surrogate pair.
                int cut = room > 0 && char.IsHighSurrogate(rest[room - 1]) ? room - 1 : room;
                _line.Append(rest[..cut]);
                rest = rest[cut..];
                Take(line);
                continue;
            }

            _line.Append(rest[..length]);
            if (end < 0)
                return;
            _afterCr = rest[end] == '\r';
            rest = rest[(end + 1)..];
            Take(line);
        }
    }

    private void Take(Action<string> line)
    {
        line(_line.Replace('\0', '\uFFFD').ToString());
        _line.Clear();
    }
}
