using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Migration;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;
using Sluice.Schedules;

namespace Sluice.Cli.Scheduling;

/// <summary>A schedule as a command line says it, and how it is told to a server: by requests that change this one schedule and nothing else.</summary>
/// <param name="Text">When it fires.</param>
/// <param name="Misfire">What becomes of missed due times; null keeps or leaves the default.</param>
/// <param name="MaxMisfires">How many of them; null as well.</param>
internal sealed record WantedSchedule(ScheduleText Text, ScheduleMisfire? Misfire, int? MaxMisfires)
{
    private const string Utc = "UTC";

    public static WantedSchedule Read(Invocation call, ScheduleOptions options, MisfireOptions misfires)
    {
        ScheduleText text = options.Read(call);
        (ScheduleMisfire? misfire, int? most) = misfires.Read(call);
        if (!text.TryParse(out _, out ScheduleError? error))
            throw CliException.BadUsage(text.Explain(error!));
        return new(text, misfire, most);
    }

    /// <exception cref="CliException">It asks for what a Prefect server does not know.</exception>
    public async Task CheckAsync(ApiConnection connection, CancellationToken cancellationToken)
    {
        if (((Misfire ?? ScheduleMisfire.Skip) != ScheduleMisfire.Skip || Text.Dst == ScheduleDst.VixieLike) && !(await connection.Api.GetInfoAsync(cancellationToken)).IsSluice)
            throw CliException.BadUsage($"--misfire and --dst are of Sluice's server: {connection.Where} is a Prefect server, which does not know them");
    }

    public DeploymentScheduleCreate ToCreate(string? slug, bool active) =>
        new() { Schedule = Text.ToWire(), Active = active, Slug = slug, Misfire = Misfire, MaxMisfires = MaxMisfires, Dst = Text.Dst };

    /// <summary>Only what is given: whether it is active, and its parameters, are somebody else's.</summary>
    public DeploymentScheduleUpdate ToUpdate() => new() { Schedule = Text.ToWire(), Misfire = Misfire, MaxMisfires = MaxMisfires, Dst = Text.Dst };

    /// <summary>Whether a schedule is this one already.</summary>
    public bool Is(DeploymentSchedule live) =>
        ScheduleShape.SameTimes(Text.ToWire(), live.Schedule)
        && (Misfire is null || Misfire == (live.Misfire ?? ScheduleMisfire.Skip)) && (MaxMisfires is null || MaxMisfires == live.MaxMisfires)
        && (Text.Dst is null || Text.Dst == (live.Dst ?? ScheduleDst.PrefectCompatible));

    /// <summary>In words, with what it takes over from the live one, and its next due times.</summary>
    public void Tell(Invocation call, string before, DeploymentSchedule? live, NamedDeployment deployment, bool active)
    {
        (Text with { Dst = Text.Dst ?? live?.Dst }).TryParse(out Occurrences? occurrences, out _);
        call.Screen.Line($"{before} {occurrences!.Explain()}{ScheduleOptionWords.Of(Misfire ?? live?.Misfire, MaxMisfires ?? live?.MaxMisfires, Text.Dst ?? live?.Dst)}.");
        foreach (DateTime next in occurrences.Take(call.Now.UtcDateTime, 3))
            call.Screen.Line($"  {Words.LocalAndUtc(new DateTimeOffset(next, TimeSpan.Zero))}");
        if (live?.Schedule.Timezone is { } zone && Text.TimeZone is null && zone != Utc && !Is(live))
            call.Screen.Note($"Its clock was that of {zone}, and is UTC now: write --timezone {zone} to keep it.");
        if (deployment.Deployment.Paused)
            call.Screen.Note($"The deployment is paused: sluice deployment resume-schedule {Commands.Shell.Quote(deployment.FullName)} lets it run.");
        else if (!active)
            call.Screen.Note($"The schedule is paused: sluice deployment schedule resume {Commands.Shell.Quote(deployment.FullName)}{(live is null ? "" : " " + Commands.Shell.Quote(ScheduleChoice.Name(live)))} lets it run.");
    }
}
