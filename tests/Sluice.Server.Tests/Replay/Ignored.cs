using System.Text.RegularExpressions;

namespace Sluice.Server.Tests.Replay;

/// <summary>What the comparison with the recordings passes over: all of it, in one place.</summary>
internal static class Ignored
{
    /// <summary>Places of answers (as <c>GET /admin/settings 200: .home</c>) whose values may be others, with the reason.</summary>
    private static readonly (Regex Place, string Why)[] _values =
    [
        (new(@"\.idempotency_key$"), "a scheduled run's key is made of the schedule's slug and not of its id, so that a redeployment makes no second run"),
        (new(@"^POST /deployments/ 422: \.(request_body|exception_detail\[\]\.input)\.parameters$"), "Prefect echoes its own default beside what was sent"),
        (new(@" 409: \.detail$"), "ours says what conflicts"),
        (new(@"^POST /work_pools/ 403: \.detail$"), "ours repeats the name"),
        (new(@"\.schedules\[\]\.parameters\.|^GET /deployments/\{id\}/schedules 200: \[\]\.parameters\."), "Prefect loses the parameters of a schedule that is changed without them; Sluice keeps them"),
        (new(@"^(GET /deployments/\{id\}|POST /deployments/) 20\d: \.(last_polled|status)$"), "Prefect notes a poll a moment after it answered"),
    ];

    /// <summary>Why a value does not fit a schema is said in our own words; that it does not, and where, in Prefect's.</summary>
    public static IReadOnlyList<string> OwnWordsAfter { get; } = ["Failure reason: ", "Schema error: ", "Error hydrating flow run parameters: "];

    /// <summary>Lists whose order says nothing.</summary>
    private static readonly Regex _sets = new(@"\.tags$", RegexOptions.CultureInvariant);

    /// <summary>Times that depend on when a service of the server or a client's neighbour request ran.</summary>
    private static readonly Regex _looseTimes = new(@"\.(updated|created|last_polled|last_heartbeat_time|timestamp)$", RegexOptions.CultureInvariant);

    /// <summary>Names that the server makes up.</summary>
    private static readonly Regex _names = new(@"flow_run\.name$|^(GET|POST) /flow_runs/.*\.name$|create_flow_run.*: \.name$|get_scheduled_flow_runs .*\]\.name$", RegexOptions.CultureInvariant);

    public static string? Why(string place) => _values.FirstOrDefault(value => value.Place.IsMatch(place)).Why;

    public static bool IsSet(string place) => _sets.IsMatch(place);

    public static bool IsLooseTime(string place) => _looseTimes.IsMatch(place);

    public static bool IsName(string place) => _names.IsMatch(place) && !place.Contains("state", StringComparison.Ordinal);
}
