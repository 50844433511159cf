using Sluice.Storage.Tests;
using Sluice.Storage.Tests.Benchmark;

return args switch
{
    ["child", .. var rest] => await Child.RunAsync(rest),
    ["bench", var rounds, .. var systems] => await StorageBenchmark.RunAsync(int.Parse(rounds), systems),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};
