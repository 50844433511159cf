using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Orchestration;

namespace Sluice.Cli.Scheduling;

/// <summary>The options that say what becomes of missed due times.</summary>
internal sealed class MisfireOptions
{
    private const int Most = 10_000;
    private readonly Option<string?> _misfire = CreateMisfire();
    private readonly Option<int?> _most = new("--max-misfires") { Description = "With --misfire run-all: how many are made up for at most, the latest. Default: 100.", HelpName = "N" };

    public IReadOnlyList<Option> All => [_misfire, _most];

    /// <summary>The policy and its number, null where not given.</summary>
    public (ScheduleMisfire? Misfire, int? Most) Read(Invocation call)
    {
        ScheduleMisfire? misfire = call.Get(_misfire) switch
        {
            null => null,
            "run-once" => ScheduleMisfire.RunOnce,
            "run-all" => ScheduleMisfire.RunAll,
            _ => ScheduleMisfire.Skip,
        };
        if (call.Get(_most) is { } most)
        {
            if (misfire != ScheduleMisfire.RunAll)
                throw CliException.BadUsage("--max-misfires belongs to --misfire run-all");
            if (most is < 1 or > Most)
                throw CliException.BadUsage($"--max-misfires is {most}; it takes 1 to {Most}");
        }
        return (misfire, call.Get(_most));
    }

    private static Option<string?> CreateMisfire()
    {
        var misfire = new Option<string?>("--misfire")
        {
            Description = "What becomes of due times that pass while no server runs: skip them as Prefect does (the default of a new schedule), one run for all, or one for each. Of Sluice's server only.",
            HelpName = "skip|run-once|run-all",
        };
        return misfire.AcceptOnlyFromAmong("skip", "run-once", "run-all");
    }
}
