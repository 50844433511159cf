using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Deploy;
using Sluice.Deploy.Journal;

namespace Sluice.Cli.Commands;

/// <summary><c>deploy recover</c>: completes or undoes publishes to a Prefect server that were interrupted.</summary>
internal static class DeployRecoverCommand
{
    public static Verb Create(CliContext context)
    {
        var storage = new Option<string?>("--storage") { Description = "The store that it was published to. Default: $SLUICE_HOME/storage.", HelpName = "URI" };
        var undo = new Option<bool>("--undo") { Description = "Bring everything back to what it was before." };
        var complete = new Option<bool>("--complete") { Description = "Bring everything to what was to be." };
        return new Verb(context, "recover", "Completes or undoes publishes to a Prefect server that were interrupted. The next publish of the same app does so too.")
        {
            Examples = ["sluice deploy recover", "sluice deploy recover --undo --storage s3://my-bucket/flows"],
        }.With(storage, undo, complete).Reads().Checks(call =>
        {
            if (call.Get(undo) && call.Get(complete))
                throw CliException.BadUsage("write one of --undo and --complete");
        }).Does(async (call, cancellationToken) =>
        {
            await using ServerSources sources = ServerSources.Opening(async () =>
                (await ApiConnection.OpenAsync(call.Home, new CliSettings(call.Home), call.ApiUrlOption, TimeProvider.System, CancellationToken.None)).Api);
            string server = "";
            var recovery = new DeployRecovery(new()
            {
                Home = call.Home,
                Output = call.Screen.Error,
                Command = OwnCommand.Text,
                OpenApiAsync = async token =>
                {
                    ApiConnection connection = await ApiConnection.OpenAsync(call.Home, new CliSettings(call.Home), call.ApiUrlOption, TimeProvider.System, token);
                    server = connection.Server?.Url ?? $"the embedded API in {call.Home.Root}";
                    return new(connection.Api, server, IsLocal: connection.Server is null);
                },
                Sources = sources.Sources,
            });
            bool? choice = call.Get(undo) ? false : call.Get(complete) ? true : null;
            (IReadOnlyList<RecoveredApply> applies, IReadOnlyList<DeployError> errors) = await recovery.RunAsync(call.Get(storage), choice, cancellationToken);
            if (call.Json)
                Json.Write(call.Screen.Out, JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(applies, DeployJson.Default.IReadOnlyListRecoveredApply))!);
            else if (applies.Count == 0 && errors.Count == 0)
                call.Screen.Note($"Nothing to recover: no publish to {server} was interrupted, as far as this store tells.");
            foreach (RecoveredApply apply in call.Json ? [] : applies)
                await call.Screen.Out.WriteLineAsync($"{char.ToUpperInvariant(apply.ToString()[0])}{apply.ToString()[1..]}");
            foreach (DeployError error in errors)
                await call.Screen.Error.WriteLineAsync(error.ToString());
            return errors.Count > 0 ? ExitCodes.Failed : ExitCodes.Ok;
        });
    }
}
