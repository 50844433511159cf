using System.Reflection;
using Sluice.Runtime.Orchestrated;

namespace Sluice.Runtime;

/// <summary>
/// What a program answers in the place of Prefect's command: as the executable <c>prefect</c> of its image, or started with those words by a worker that
/// keeps the image's entry point.
/// </summary>
internal static class PrefectCommand
{
    private const string Name = "prefect";

    /// <summary>The words after <c>prefect</c>; null where the arguments are the program's own.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="executable">The path of its executable.</param>
    public static string[]? Words(string[] arguments, string? executable) =>
        arguments is [Name, ..] ? arguments[1..]
        : Path.GetFileNameWithoutExtension(executable) == Name ? arguments
        : null;

    /// <summary>Answers what needs no run; null where the words ask for one to be executed, which its environment or they name.</summary>
    /// <param name="words">The words after <c>prefect</c>. Unknown options of a known command are passed over, as those of a later Prefect.</param>
    /// <param name="isNamed">Whether the environment names a run.</param>
    /// <param name="output">Gets answers.</param>
    /// <param name="errors">Gets what is wrong.</param>
    public static async Task<RunEnd?> AnswerAsync(string[] words, bool isNamed, TextWriter output, TextWriter errors)
    {
        string program = Assembly.GetEntryAssembly()?.GetName().Name ?? AppDomain.CurrentDomain.FriendlyName;
        switch (words)
        {
            case ["version" or "--version" or "-v", ..]:
                string version = typeof(PrefectCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
                await output.WriteAsync($"Version: Sluice {version}, for the flows of {program}\n").ConfigureAwait(false);
                return new(ExitCodes.Ok);
            case ["flow-run", "execute", ..]:
                if (isNamed || IdIn(words) is not null)
                {
                    return null;
                }

                await errors.WriteLineAsync($"{RunEnvironment.FlowRunIdVariable} names no run: this command is started by workers, which set it; by hand: prefect flow-run execute FLOW_RUN_ID").ConfigureAwait(false);
                return new(ExitCodes.Usage);
            default:
                if (isNamed)
                {
                    // A worker's own words, which are for whatever runs flows: this program.
                    return null;
                }

                await errors.WriteLineAsync($"This is {program}, a flow program that stands in for Prefect's command in its image: it knows 'prefect flow-run execute [FLOW_RUN_ID]' and 'prefect version'. Its own command line is that of '{program}'.").ConfigureAwait(false);
                return new(ExitCodes.Usage);
        }
    }

    /// <summary>The run that <c>prefect flow-run execute ID</c> names; null where it names none.</summary>
    public static string? IdIn(string[] words) => words is ["flow-run", "execute", .. var rest] ? rest.FirstOrDefault(word => Guid.TryParse(word, out _)) : null;
}
