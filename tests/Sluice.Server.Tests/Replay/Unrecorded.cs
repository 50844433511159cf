namespace Sluice.Server.Tests.Replay;

/// <summary>A request that must have been sent between the recorded ones, since later answers show what it did.</summary>
/// <param name="Time">When.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Path, with the ids of the recordings.</param>
/// <param name="Body">Its body.</param>
/// <param name="Recorded">The recorded id of what it made.</param>
internal sealed record Unrecorded(DateTimeOffset Time, string Method, string Path, string Body, string? Recorded = null)
{
    /// <summary>From here on the recorded server was another one, with a new database.</summary>
    public static DateTimeOffset NewServer { get; } = At("03:06:35");

    /// <summary>The runs of the conversations worker-case-*, which end before the worker takes them up.</summary>
    private static readonly string[] _executed =
    [
        "47e90bb6-2a05-4e3a-adfe-c03eb758688b",
        "a8bc6b17-dd84-4016-b55e-c77cd121d9eb",
        "926fb577-a8ee-4399-a797-bcf3079d1a1c",
        "df55b6c5-84ed-4508-af8a-9c6bd31040c6",
        "5051d289-f6eb-46a8-81c6-4e5cbefba32a",
        "da3ca0f1-b197-46fe-b1ea-28f5d53f5c42",
        "8cf379cf-4902-4fd3-a788-a6173d255284",
        "df201fff-29d4-4e73-9a3d-9d7e33a3d2f5",
        "b1643d5f-0574-4d1d-b8bc-523b2c6af8b7",
        "4abb61d1-9f23-4175-a76f-7a11f4cd3b53",
        "de2deba9-47dd-4ae6-9286-37a1bbf8ff99",
    ];

    public static IReadOnlyList<Unrecorded> Steps { get; } =
    [
        new(At("02:42:26.215"), "PATCH", "/api/deployments/a45b3dfe-48ba-400a-8cfa-6065e08bd66f/schedules/aed24416-db5b-4636-8089-4b248acd52e7",
            """{"active":false}"""),
        new(At("02:48:41.139"), "POST", "/api/deployments/", """
            {"name":"env-override","flow_id":"8d7d2149-03d4-47de-a411-fd9caac3b515","work_pool_name":"p","enforce_parameter_schema":false,"parameter_openapi_schema":{},
            "job_variables":{"command":"/srv/demo","env":{"PREFECT_LOGGING_LEVEL":"DEBUG","PREFECT_API_URL":"http://127.0.0.1:4200/api","PREFECT_API_KEY":"abc",
            "HOME":"/x","PREFECT_FOO":"1","PREFECT__FLOW_RUN_ID":"fake","NULLED":null}}}
            """, "da78499c-f3a8-4777-bb13-8c9a9a916f0b"),
        .. _executed.Select(run => new Unrecorded(At("02:49:20"), "POST", $"/api/flow_runs/{run}/set_state", """{"state":{"type":"CRASHED"},"force":true}""")),
        new(At("02:50:14.090"), "PATCH", "/api/deployments/49da505c-f3b2-4f6c-8330-3e4b6bda8170", """{"concurrency_options":{"collision_strategy":"CANCEL_NEW"}}"""),
        new(At("02:50:50"), "POST", "/api/flow_runs/90e1bf3c-799e-47ba-89a4-f4ebaa687d1d/set_state", """{"state":{"type":"CRASHED"},"force":true}"""),
        new(At("02:51:28.042"), "POST", "/api/work_pools/p/get_scheduled_flow_runs", """{"scheduled_before":"2026-11-22T02:51:38Z"}"""),
        new(At("02:54:50"), "POST", "/api/flow_runs/dfe73334-2d79-481a-9bc9-f8eb1df1ccce/set_state", """{"state":{"type":"COMPLETED"},"force":true}"""),
        new(At("02:55:10"), "POST", "/api/work_pools/p/workers/heartbeat", """{"name":"w1","heartbeat_interval_seconds":30}"""),
    ];

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2026-11-22T{time}Z", null);
}
