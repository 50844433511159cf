namespace Sluice.Server.Tests.Replay;

/// <summary>Single recorded answers that ours are not compared with, each with its reason. The list may only shrink.</summary>
internal static class Known
{
    /// <summary>How many there are at most.</summary>
    public const int Most = 8;

    /// <summary>By conversation and number.</summary>
    public static IReadOnlyDictionary<string, string> Deviations { get; } = new Dictionary<string, string>
    {
        ["admin-and-misc #5"] = "Prefect's own settings: not implemented, 501",
        ["cli-work-pool #2"] = "the worker types that Sluice describes, in its own words",
        ["deployments-create-update-errors #2"] = "Prefect fails (500) where the name holds a slash; Sluice refuses it (422)",
        ["deployments-create-update-errors #5"] = "Pydantic tells what is wrong with each kind of schedule; Sluice with the one that was meant",
        ["deployments-create-update-errors #7"] = "Pydantic tells what is wrong with each kind of schedule; Sluice with the one that was meant",
        ["work-pools-queues-crud #19"] = "Prefect fails (500) at deleting the default queue; Sluice refuses it (409)",
        ["delete-deployment #1"] = "Prefect's ids are random, so that their order is too; Sluice's scheduler has made more runs by then",
        ["delete-deployment #2"] = "Prefect's scheduler looks every few seconds; Sluice's has made more runs by then",
    };
}
