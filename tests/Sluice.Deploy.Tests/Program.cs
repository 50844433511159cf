using Sluice.Deploy.Tests;

return args is ["child", .. var rest]
    ? await Child.RunAsync(rest)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
