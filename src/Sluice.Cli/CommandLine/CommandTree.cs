using System.CommandLine;
using System.CommandLine.Help;
using Sluice.Cli.Commands;

namespace Sluice.Cli.CommandLine;

/// <summary>All nouns and verbs. They follow Prefect's command line.</summary>
internal static class CommandTree
{
    public static RootCommand Build(CliContext context)
    {
        var root = new RootCommand("Deploys C# flows and runs them: on this machine, or on a Prefect server that PREFECT_API_URL names.")
        {
            CommonOptions.ApiUrl,
            DeployCommand.Create(context),
            ManifestCommand.Create(context),
            Noun("deployment", "Deployments: what runs, when, and with which parameters.", DeploymentCommands.Create(context)),
            Noun("flow", "Flows.", FlowCommands.Create(context)),
            Noun("flow-run", "Runs of flows, their states and logs.", FlowRunCommands.Create(context)),
            Noun("work-pool", "Work pools: queues that workers of one type serve.", WorkPoolCommands.Create(context)),
            Noun("work-queue", "Queues of a work pool.", WorkQueueCommands.Create(context)),
            Noun("worker", "Workers: they run what is due.", WorkerCommand.Create(context)),
            Alias("agent", "Another name of 'worker'.", WorkerCommand.Create(context)),
            ServeCommand.Create(context),
            Noun("block", "Named blocks: options of storage systems, and secrets, kept by the server.", BlockCommands.Create(context)),
            Noun("variable", "Variables: values that flows and people share.", VariableCommands.Create(context)),
            Noun("artifact", "Artifacts: what runs show to people.", ArtifactCommands.Create(context)),
            ConcurrencyLimits(context),
            Noun("server", "The orchestration server of this machine.", ServerCommand.Create(context)),
            DevCommand.Create(context),
            MigrateCommand.Create(context),
            Noun("storage", "Package stores: what lies there, whether it is whole, what nobody uses.", StorageCommands.Create(context)),
            Noun("package", "Packages: what they hold, where they come from, who signed them.", PackageCommands.Create(context)),
            Noun("key", "Keys that sign packages.", KeyCommands.Create(context)),
            Noun("schedule", "Schedules.", SchedulePreviewCommand.Create(context)),
            Noun("client", "Typed C# clients for deployments.", ClientCommands.Create(context)),
            Noun("config", "Settings in $SLUICE_HOME/config.json.", ConfigCommands.Create(context)),
            VersionCommand.Create(context),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.SetAction(parse => help.Action is HelpWithExamples action ? action.Invoke(parse) : ExitCodes.Ok);
        return root;
    }

    private static Command Noun(string name, string description, params IEnumerable<Command> verbs)
    {
        var noun = new Command(name, description);
        foreach (Command verb in verbs)
            noun.Subcommands.Add(verb);
        return noun;
    }

    private static Command ConcurrencyLimits(CliContext context)
    {
        Command noun = Noun("concurrency-limit", "Limits that flows share: a number of slots under a name.", ConcurrencyLimitCommands.Create(context));
        // As Prefect's command line has it.
        noun.Aliases.Add("global-concurrency-limit");
        noun.Aliases.Add("gcl");
        return noun;
    }

    private static Command Alias(string name, string description, Command verb)
    {
        Command noun = Noun(name, description, verb);
        noun.Hidden = true;
        return noun;
    }
}
