using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sluice.Server.Store;

/// <summary>Makes UUIDv7 ids that grow within this process even inside one millisecond, so that sorting by id is sorting by creation.</summary>
internal sealed class IdSource(TimeProvider time)
{
    private readonly Lock _lock = new();
    private UInt128 _last;

    public Guid Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        Span<byte> millis = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(millis, time.GetUtcNow().ToUnixTimeMilliseconds());
        millis[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0f));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        UInt128 id = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        lock (_lock)
        {
            if (id <= _last)
                id = _last + 1;
            _last = id;
        }
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        return new(bytes, bigEndian: true);
    }
}
