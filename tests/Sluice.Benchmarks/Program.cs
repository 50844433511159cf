using BenchmarkDotNet.Running;

// dotnet run --project tests/Sluice.Benchmarks -- --filter '*Cron*'     (BenchmarkDotNet's own arguments; --list flat names all)
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
