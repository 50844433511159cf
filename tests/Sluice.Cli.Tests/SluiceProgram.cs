using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary>The real, built <c>sluice</c> program with a home folder of its own, as a user's shell would start it.</summary>
internal sealed class SluiceProgram : IDisposable
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string?> _environment;

    public SluiceProgram()
    {
        Home = new SluiceHome(_folder["home"]);
        _environment = new()
        {
            [SluiceHome.Variable] = Home.Root,
            ["PREFECT_API_URL"] = null,
            ["PREFECT_API_KEY"] = null,
            ["PREFECT_API_AUTH_STRING"] = null,
            ["PREFECT_SERVER_API_AUTH_STRING"] = null,
            ["SLUICE_SERVER_API_KEY"] = null,
            ["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] = null,
            ["PREFECT__FLOW_RUN_ID"] = null,
            ["SLUICE_PACKAGE"] = null,
            ["SLUICE_DEBUG"] = null,
            ["NO_COLOR"] = null,
            // These tests may run in a CI system.
            ["GITHUB_ACTIONS"] = null,
            ["GITHUB_STEP_SUMMARY"] = null,
            ["TF_BUILD"] = null,
            ["SLUICE_SIGNING_KEY"] = null,
            ["TZ"] = "UTC",
        };
    }

    public SluiceHome Home { get; }

    /// <summary>Where a test may put files besides the home.</summary>
    public TempFolder Folder => _folder;

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "sluice.exe" : "sluice");

    public SluiceProgram With(string variable, string? value)
    {
        _environment[variable] = value;
        return this;
    }

    /// <summary>A variable of its environment that the test set.</summary>
    public string? Variable(string name) => _environment.GetValueOrDefault(name);

    /// <summary>Starts it and goes on.</summary>
    public ProgramRun Start(params string[] arguments) => ProgramRun.Start(Path, arguments, _environment, _folder.Path);

    /// <summary>Starts it to be written to.</summary>
    public ProgramRun StartWithInput(params string[] arguments) => ProgramRun.Start(Path, arguments, _environment, _folder.Path, keepInput: true);

    /// <summary>Runs it to its end.</summary>
    public async Task<Outcome> RunAsync(params string[] arguments)
    {
        await using ProgramRun run = Start(arguments);
        int exitCode = await run.WaitForExitAsync(Bound);
        return new(exitCode, run.Output, run.Error);
    }

    /// <summary>Opens the home's embedded API, to fill or read it beside the program.</summary>
    public Task<IOrchestrationApi> OpenApiAsync() => EmbeddedApi.OpenAsync(Home, TimeProvider.System, CancellationToken.None);

    public void Dispose() => _folder.Dispose();

    /// <summary>How a run of the program ended.</summary>
    public sealed record Outcome(int ExitCode, string Output, string Error)
    {
        public JsonElement Json
        {
            get
            {
                using JsonDocument document = JsonDocument.Parse(Output);
                return document.RootElement.Clone();
            }
        }

        /// <summary>It failed with this code, one line on standard error, and no stack trace.</summary>
        public string FailedWith(int exitCode)
        {
            ToString().ShouldSatisfyAllConditions(
                () => ExitCode.ShouldBe(exitCode, ToString()),
                () => Error.TrimEnd('\n').ShouldNotContain('\n', ToString()),
                () => Error.ShouldStartWith("sluice: ", customMessage: ToString()));
            return Error.TrimEnd('\n');
        }

        public Outcome Succeeded()
        {
            ExitCode.ShouldBe(0, ToString());
            return this;
        }

        public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
    }
}
