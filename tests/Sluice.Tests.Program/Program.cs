// A flow program as the generator makes them, for tests that need a real process: signals, exit codes, exits.
return await Sluice.Runtime.FlowProgram.RunAsync(args, Sluice.Tests.Program.TestFlows.All);
