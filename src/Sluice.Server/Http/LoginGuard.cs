using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Http;

/// <summary>
/// Bounds how often credentials can be guessed. An address that failed <see cref="Tries"/> times within a minute is answered 429 unheard until the
/// minute is over. Where somebody gave the right ones within the last hour it is <see cref="TrustedTries"/>: then one program with a wrong password does
/// not lock out those that share its address, and a guesser behind the same proxy is bounded too. Whoever runs the server is told, once a minute and address, and never what was tried.
/// </summary>
internal sealed class LoginGuard(TimeProvider time, Action<string> report)
{
    /// <summary>Wrong credentials that an address may send in a minute.</summary>
    public const int Tries = 20;

    /// <summary>The same for an address from which the right ones came.</summary>
    public const int TrustedTries = 1_000;

    /// <summary>So many addresses are remembered; beyond them the oldest is forgotten.</summary>
    private const int Memory = 1_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Trust = TimeSpan.FromHours(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Record> _records = [];

    /// <summary>How many addresses are remembered now.</summary>
    internal int Known
    {
        get
        {
            lock (_lock)
            {
                return _records.Count;
            }
        }
    }

    /// <summary>How long an address has to wait; null where it is heard.</summary>
    public TimeSpan? Wait(IPAddress? address)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            return address is not null && _records.TryGetValue(KeyOf(address), out Record? record) && now < record.Since + Window
                && record.Failures >= (now < record.Passed + Trust ? TrustedTries : Tries)
                ? record.Since + Window - now
                : null;
        }
    }

    /// <summary>The address gave the right credentials.</summary>
    public void Passed(IPAddress? address)
    {
        lock (_lock)
        {
            Of(address).Passed = time.GetUtcNow();
        }
    }

    /// <summary>The address gave wrong credentials, or none.</summary>
    public void Failed(IPAddress? address)
    {
        bool first;
        lock (_lock)
        {
            Record record = Of(address);
            DateTimeOffset now = time.GetUtcNow();
            if (now >= record.Since + Window)
            {
                (record.Since, record.Failures) = (now, 0);
            }

            first = record.Failures++ == 0;
        }

        if (first)
        {
            report(string.Create(CultureInfo.InvariantCulture, $"refused a request of {address?.ToString() ?? "an unknown address"} without the right credentials (401); said once a minute"));
        }
    }

    /// <summary>What an address counts as: a peer with one IPv6 address has the 2^64 of its network.</summary>
    public static IPAddress KeyOf(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new(bytes);
    }

    private Record Of(IPAddress? sender)
    {
        IPAddress address = KeyOf(sender);
        if (_records.TryGetValue(address, out Record? record))
        {
            return record;
        }

        if (_records.Count == Memory)
        {
            _records.Remove(_records.MinBy(pair => pair.Value.Since > pair.Value.Passed ? pair.Value.Since : pair.Value.Passed).Key);
        }

        return _records[address] = new();
    }

    private sealed class Record
    {
        public DateTimeOffset Since { get; set; } = DateTimeOffset.MinValue;

        public int Failures { get; set; }

        public DateTimeOffset Passed { get; set; } = DateTimeOffset.MinValue;
    }
}
