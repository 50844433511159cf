using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;

namespace Sluice.Cli.Commands;

/// <summary><c>version</c>: what to write into a bug report. Talks to nobody.</summary>
internal static class VersionCommand
{
    public static Command Create(CliContext context) =>
        new Verb(context, "version", "Shows the versions of sluice, .NET and the operating system, and which API is in use.").Reads().Does((call, _) =>
        {
            string api = ApiConnection.FindServer(call.Settings, call.ApiUrlOption)?.Url ?? $"embedded in {call.Home.Root}";
            if (call.Json)
            {
                Json.Write(call.Screen.Out, new JsonObject
                {
                    ["version"] = ProductVersion.Text,
                    ["runtime"] = RuntimeInformation.FrameworkDescription,
                    ["os"] = RuntimeInformation.OSDescription,
                    ["rid"] = RuntimeInformation.RuntimeIdentifier,
                    ["home"] = call.Home.Root,
                    ["api"] = api,
                });
                return Task.FromResult(ExitCodes.Ok);
            }
            call.Screen.Line($"sluice {ProductVersion.Text}");
            call.Screen.Line($"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})");
            call.Screen.Line($"API: {api}");
            return Task.FromResult(ExitCodes.Ok);
        });
}
