using System.Text.RegularExpressions;

namespace Sluice.Server.Http;

/// <summary>What a client can, by its <c>User-Agent</c>, as Prefect's server reads it.</summary>
internal static partial class ClientAgent
{
    /// <summary>The first Prefect that renews the leases of deployment slots.</summary>
    private static readonly Version _renewing = new(3, 4, 11);

    /// <summary>Whether it is a Prefect that renews the leases of deployment slots; any other agent counts as an old one.</summary>
    public static bool RenewsConcurrencyLease(string? agent) =>
        agent is not null && Prefect().Match(agent) is { Success: true } match && Version.TryParse(match.Groups[1].ValueSpan, out Version? version) && version >= _renewing;

    [GeneratedRegex(@"^prefect/(\d{1,9}\.\d{1,9}\.\d{1,9})(?:[a-z.+0-9]+)? \(API \S+\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Prefect();
}
