using System.CommandLine;
using Sluice.Cli.Output;

namespace Sluice.Cli.CommandLine;

/// <summary>Asks before what cannot be taken back. Where nobody can be asked, <c>--yes</c> must say it.</summary>
internal sealed class Confirmation
{
    public Option<bool> Yes { get; } = new("--yes", "-y", "--accept-yes") { Description = "Do not ask. Needed where there is no terminal." };

    /// <exception cref="CliException">The person said no, or nobody can be asked.</exception>
    public void Ask(Invocation call, string question)
    {
        if (call.Get(Yes))
            return;
        if (Console.IsInputRedirected || !call.Screen.ErrorIsTerminal)
            throw CliException.BadUsage($"{question} Nobody can be asked here: write --yes");
        call.Screen.Error.Write($"{Screen.Safe(question)} [y/N] ");
        if (Console.In.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
            throw new CliException("nothing was done", ExitCodes.Cancelled);
    }
}
