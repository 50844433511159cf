namespace Sluice.Cli;

/// <summary>What the program's exit code says. Shown in <c>sluice --help</c>.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int BadUsage = 2;
    public const int PlanFoundChanges = 3;
    public const int Cancelled = 130;
}
