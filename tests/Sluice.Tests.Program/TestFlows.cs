using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Runtime;
using Sluice.Runtime.Binding;

namespace Sluice.Tests.Program;

/// <summary>Flows that behave well and badly, written by hand in the shape the generator emits.</summary>
public static class TestFlows
{
    public static IReadOnlyList<FlowDefinition> All { get; } =
    [
        Greet,
        Plain("Empty", _ => Task.CompletedTask),
        Plain("Again after a crash", _ => Task.CompletedTask) with { CrashRetries = 2 },
        Plain("Wait", async context =>
        {
            Say("started");
            context.Logger.LogInformation("waiting");
            await Task.Delay(Timeout.Infinite, context.Cancellation);
        }),
        Plain("Wait and clean up", async context =>
        {
            Say("started");
            try
            {
                await Task.Delay(Timeout.Infinite, context.Cancellation);
            }
            finally
            {
                context.Logger.LogWarning("cleaned up");
            }
        }),
        Plain("Ignore", _ =>
        {
            Say("started");
            new Thread(() => Thread.Sleep(Timeout.Infinite)).Start(); // a foreground thread, which keeps a process alive
            Thread.Sleep(Timeout.Infinite);
            return Task.CompletedTask;
        }),
        Plain("Exit", context =>
        {
            context.Logger.LogInformation("the last words");
            Environment.Exit(7);
            return Task.CompletedTask;
        }),
        Plain("Exit well", context =>
        {
            context.Logger.LogInformation("the last words");
            Environment.Exit(0);
            return Task.CompletedTask;
        }),
        Plain("Crash", async context =>
        {
            context.Logger.LogInformation("the last words");
            new Thread(() => throw new InvalidDataException("on a thread of its own")).Start();
            await Task.Delay(Timeout.Infinite, context.Cancellation);
        }),
        Plain("Tell times", context =>
        {
            context.Logger.LogInformation("{Since:O} to {Due:O}", context.MissedSince, context.ScheduledTime);
            return Task.CompletedTask;
        }),
        Plain("Fail", context =>
        {
            context.Logger.LogInformation("about to fail");
            throw new InvalidOperationException("no such station");
        }),
        Plain("Fail twice", context =>
        {
            context.Logger.LogInformation("attempt {Attempt}", context.Attempt);
            return context.Attempt < 3 ? throw new InvalidOperationException($"attempt {context.Attempt}") : Task.CompletedTask;
        }) with { Retries = 2, RetryDelaySeconds = 1, Version = "1.2.3" },
        Plain("Slow", context => Task.Delay(Timeout.Infinite, context.Cancellation)) with { TimeoutSeconds = 0.5 },
        Plain("Slow and deaf", _ =>
        {
            Thread.Sleep(Timeout.Infinite);
            return Task.CompletedTask;
        }) with { TimeoutSeconds = 0.5, Retries = 3 },
        Returning("Result of size", size => new string('x', size - 2)),
        Returning("Persisted", size => new string('x', size - 2)) with { PersistResult = true },
        Logging,
        Starting,
        RunningOthers,
        Plain("Use services", async context =>
        {
            await context.Artifacts.MarkdownAsync("# Done", "report", "What came of it");
            await context.Artifacts.TableAsync(["city", "mm"], [["Paris", 3.5], ["Oslo", null]], "rain");
            await using (FlowProgress progress = await context.Artifacts.ProgressAsync("Loading"))
                progress.Report(100);
            await using (ConcurrencySlots slots = await context.Concurrency.AcquireAsync("database"))
                Say($"holds {slots.LeaseId is not null}");
            Say($"region {await context.Variables.GetAsync("region", "nowhere")}, secret {(await context.Secrets.FindAsync("SERVICES_TOKEN"))?.Length.ToString(CultureInfo.InvariantCulture) ?? "unknown"}");
            await context.Variables.SetAsync("last-run", "today");
        }),
        Plain("Print", _ =>
        {
            Say("printed by the flow");
            return Task.CompletedTask;
        }),
    ];

    private static FlowDefinition Greet => new()
    {
        Name = "Greet people",
        Entrypoint = "Sluice.Tests.Program.dll!Sluice.Tests.Program.TestFlows.GreetAsync",
        Description = "Greets somebody.\n\nAs often as wanted.",
        Parameters =
        [
            new("name", FlowParameterKind.Text, Required: true, "string", "Whom to greet.", null),
            new("maxTimes", FlowParameterKind.Number, Required: false, "integer", "How often.", "1"),
            new("loud", FlowParameterKind.Flag, Required: false, "boolean", null, "false"),
            new("tags", FlowParameterKind.Json, Required: false, "string[]", null, "[]"),
        ],
        Bind = (json, errors) =>
        {
            string? name = json.TryGetProperty("name", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
            if (name is null)
            {
                errors.Add("$.name", "is required");
            }

            int times = 1;
            if (json.TryGetProperty("maxTimes", out JsonElement number) && !number.TryGetInt32(out times))
            {
                errors.Add("$.maxTimes", $"expected an integer, found {number.GetRawText()}");
            }

            bool loud = json.TryGetProperty("loud", out JsonElement flag) && flag.GetBoolean();
            int tags = json.TryGetProperty("tags", out JsonElement list) ? list.GetArrayLength() : 0;
            return errors.Items.Count > 0 ? null : (context, result) =>
            {
                FlowContext.Current!.Logger.LogInformation("Greeting {Name}, {Times} times", name, times);
                string greeting = string.Concat(Enumerable.Repeat($"Hello {name}! ", times)).Trim();
                result.WriteStartObject();
                result.WriteString("greeting", loud ? greeting.ToUpperInvariant() : greeting);
                result.WriteNumber("tags", tags);
                result.WriteBoolean("inRun", context.FlowRunId is not null);
                result.WriteEndObject();
                return ValueTask.CompletedTask;
            };
        },
    };

    /// <summary>Logs so many records of so many bytes.</summary>
    private static FlowDefinition Logging => new()
    {
        Name = "Log",
        Entrypoint = "Sluice.Tests.Program.dll!Sluice.Tests.Program.TestFlows.Log",
        Parameters =
        [
            new("records", FlowParameterKind.Number, Required: true, "integer", null, null),
            new("bytes", FlowParameterKind.Number, Required: true, "integer", null, null),
        ],
        Bind = (json, _) =>
        {
            int records = json.GetProperty("records").GetInt32();
            int bytes = json.GetProperty("bytes").GetInt32();
            return (context, result) =>
            {
                for (int record = 0; record < records; record++)
                {
                    context.Logger.LogInformation("{Text}", record.ToString("D8", CultureInfo.InvariantCulture) + new string('x', bytes - 8));
                }

                result.WriteNullValue();
                return ValueTask.CompletedTask;
            };
        },
    };

    /// <summary>Starts a run of another deployment, as generated clients do.</summary>
    private static FlowDefinition Starting => new()
    {
        Name = "Start",
        Entrypoint = "Sluice.Tests.Program.dll!Sluice.Tests.Program.TestFlows.Start",
        Parameters =
        [
            new("deployment", FlowParameterKind.Text, Required: true, "string", null, null),
            new("waitSeconds", FlowParameterKind.Number, Required: false, "number", "How long to wait for its end; -1 for as long as it takes.", null),
            new("outside", FlowParameterKind.Flag, Required: false, "boolean", "Whether a run of an environment starts what is outside of it.", null),
        ],
        Bind = (json, _) =>
        {
            string deployment = json.GetProperty("deployment").GetString()!;
            TimeSpan? wait = !json.TryGetProperty("waitSeconds", out JsonElement seconds) ? null
                : seconds.GetDouble() == -1 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds.GetDouble());
            bool outside = json.TryGetProperty("outside", out JsonElement said) && said.GetBoolean();
            return async (context, result) =>
            {
                DeploymentRun run = await DeploymentRuns.StartAsync(
                    "Greet people", deployment, writer => writer.WriteString("name", "Ada"), new() { Name = "started by a test", Wait = wait, OutsideEnvironment = outside }, context.Cancellation);
                string kept = run.Result is { } value ? $" {value.GetRawText().Length} bytes" : run.ResultLocation is { } place ? $" at {place}" : "";
                result.WriteStringValue(wait is null ? run.Id.ToString() : $"{run.State}: {run.Message}{kept}");
            };
        },
    };

    /// <summary>Runs another deployment by its name and waits for it.</summary>
    private static FlowDefinition RunningOthers => new()
    {
        Name = "Run another",
        Entrypoint = "Sluice.Tests.Program.dll!Sluice.Tests.Program.TestFlows.RunAnother",
        Parameters =
        [
            new("deployment", FlowParameterKind.Text, Required: true, "string", null, null),
            new("timeoutSeconds", FlowParameterKind.Number, Required: false, "number", null, null),
            new("asSubflow", FlowParameterKind.Flag, Required: false, "boolean", null, null),
            new("key", FlowParameterKind.Text, Required: false, "string", null, null),
        ],
        Bind = (json, _) => async (context, result) =>
        {
            DeploymentRun run = await context.RunDeploymentAsync(
                json.GetProperty("deployment").GetString()!,
                new() { ["name"] = "Ada", ["days"] = 3, ["at"] = new DateOnly(2026, 12, 1), ["cities"] = new[] { "Oslo", "Rome" } },
                json.TryGetProperty("timeoutSeconds", out JsonElement seconds) ? TimeSpan.FromSeconds(seconds.GetDouble()) : null,
                new()
                {
                    Name = "child",
                    Tags = ["by-flow"],
                    AsSubflow = !json.TryGetProperty("asSubflow", out JsonElement subflow) || subflow.GetBoolean(),
                    IdempotencyKey = json.TryGetProperty("key", out JsonElement key) ? key.GetString() : null,
                    CancelTogether = true,
                });
            result.WriteStringValue($"{run.State}: {run.Result?.GetRawText() ?? run.Message}");
        },
    };

    private static FlowDefinition Plain(string name, Func<FlowContext, Task> code) => new()
    {
        Name = name,
        Entrypoint = $"Sluice.Tests.Program.dll!Sluice.Tests.Program.TestFlows.{name.Replace(" ", "", StringComparison.Ordinal)}",
        Parameters = [],
        Bind = (_, _) => async (context, result) =>
        {
            await code(context);
            result.WriteNullValue();
        },
    };

    private static FlowDefinition Returning(string name, Func<int, string> value) => new()
    {
        Name = name,
        Entrypoint = $"Sluice.Tests.Program.dll!Sluice.Tests.Program.TestFlows.{name.Replace(" ", "", StringComparison.Ordinal)}",
        Parameters = [new("size", FlowParameterKind.Number, Required: true, "integer", null, null)],
        Bind = (json, _) =>
        {
            int size = json.GetProperty("size").GetInt32();
            return (_, result) =>
            {
                result.WriteStringValue(value(size));
                return ValueTask.CompletedTask;
            };
        },
    };

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
