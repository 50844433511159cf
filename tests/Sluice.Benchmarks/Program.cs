using BenchmarkDotNet.Running;
using Sluice.Benchmarks;

// dotnet run --project tests/Sluice.Benchmarks -- --filter '*Cron*'     (BenchmarkDotNet's own arguments; --list flat names all)
// dotnet run --project tests/Sluice.Benchmarks -- analyzer-pairs        what schedules add to the generator's and analyzers' time
// dotnet run --project tests/Sluice.Benchmarks -- analyzer-times        the same for each analyzer
switch (args)
{
    case ["analyzer-pairs"]:
        await AnalyzerPairs.PrintAsync();
        break;
    case ["analyzer-times"]:
        await AnalyzerTimes.PrintAsync();
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}
