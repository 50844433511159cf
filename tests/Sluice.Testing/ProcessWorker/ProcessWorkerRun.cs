using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sluice.Testing.ProcessWorker;

/// <summary>One run in the hands of a re-enacted process worker, from its claim to the end of its process.</summary>
internal sealed class ProcessWorkerRun : IAsyncDisposable
{
    private const int Kill = 9;
    private static readonly TimeSpan _bound = TimeSpan.FromMinutes(5);
    private readonly ProcessWorker _worker;
    private readonly string _id;
    private readonly string _name;
    private readonly JsonNode _run;
    private readonly List<JsonObject> _logs = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly TempFolder _folder = new();
    private JsonNode _deployment = null!;
    private JsonNode _flow = null!;
    private ProgramRun? _process;
    private Task _work = Task.CompletedTask;
    private Task _cancelling = Task.CompletedTask;
    private bool _cancelled;
    private bool _killed;

    public ProcessWorkerRun(ProcessWorker worker, JsonNode run)
    {
        _worker = worker;
        _run = run;
        _id = run["id"]!.GetValue<string>();
        _name = run["name"]!.GetValue<string>();
    }

    public Task Done => _ended.Task;

    public bool IsCancelled => _cancelled;

    public string Output => _process is null ? "" : _process.Output + _process.Error;

    private bool Is3 => _worker.Options.Generation == 3;

    public void Start() => _work = WorkAsync();

    /// <summary>Somebody asked for the run's end.</summary>
    public void Cancel()
    {
        lock (_lock)
        {
            if (_cancelled)
                return;
            _cancelled = true;
            _cancelling = CancelAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        await _work;
        _folder.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            if (await ClaimAsync())
                await RunAsync();
            Task cancelling;
            lock (_lock)
                cancelling = _cancelling;
            await cancelling;
        }
        catch (Exception error)
        {
            _worker.Tell(error);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>PENDING is the lock: who gets another answer leaves the run alone.</summary>
    private async Task<bool> ClaimAsync()
    {
        Log(Is3 ? "prefect.flow_runs.worker" : "prefect.flow_runs.worker", $"Worker '{_worker.Options.Name}' submitting flow run '{_id}'");
        string deployment = "/deployments/" + _run["deployment_id"]!.GetValue<string>();
        _deployment = (await _worker.AskAsync(HttpMethod.Get, deployment))!;
        if (!await ProposeAsync("PENDING", "Pending"))
            return false;
        await _worker.AskAsync(HttpMethod.Get, deployment);
        _flow = (await _worker.AskAsync(HttpMethod.Get, "/flows/" + _run["flow_id"]!.GetValue<string>()))!;
        if (!Is3)
            return true;
        await _worker.EmitAsync(_worker.WorkerEvent("prefect.worker.submitted-flow-run", Related(), null));
        await _worker.AskAsync(HttpMethod.Patch, $"/flow_runs/{_id}/labels", new JsonObject
        {
            ["prefect.worker.name"] = _worker.Options.Name,
            ["prefect.worker.type"] = "process",
            ["prefect.work-pool.name"] = _worker.Options.Pool,
            ["prefect.work-pool.id"] = _worker.Pool["id"]!.GetValue<string>(),
        });
        if (!await ProposeAsync("PENDING", "Submitting"))
            return false;
        await _worker.AskAsync(HttpMethod.Get, $"/flow_runs/{_id}");
        return true;
    }

    private async Task RunAsync()
    {
        Dictionary<string, JsonNode?> variables = Variables();
        Log(Is3 ? "prefect.flow_runs.runner" : "prefect.flow_runs.worker", Is3 ? "Starting flow run process..." : "Opening process...");
        try
        {
            string command = variables.GetValueOrDefault("command")?.GetValue<string>() ?? "python -m prefect.engine";
            List<string> words = Is3 ? ShellWords.Split(command) : [.. command.Split(' ')];
            string folder = variables.GetValueOrDefault("working_dir")?.GetValue<string>() ?? _folder.Path;
            Dictionary<string, string?> environment = Environment(variables);
            _process = ProgramRun.Start(Find(words[0], folder, environment), words[1..], environment, folder);
        }
        catch (Exception error) when (error is Win32Exception or IOException or FormatException)
        {
            string kind = error is FormatException ? "ValueError" : "FileNotFoundError";
            await ProposeAsync("CRASHED", "Crashed", $"Flow run process could not be started: {kind}: {error.Message}");
            await FlushAsync();
            return;
        }
        string pid = _process.Process.Id.ToString(CultureInfo.InvariantCulture);
        await _worker.AskAsync(HttpMethod.Patch, $"/flow_runs/{_id}", new JsonObject { ["infrastructure_pid"] = Is3 ? pid : $"vm:{pid}" });
        Log("prefect.flow_runs.worker", Is3 ? $"Flow run '{_name}' submitted to infrastructure" : $"Completed submission of flow run '{_id}'");
        await FlushAsync();
        int code = await _process.WaitForExitAsync(_bound);
        await JudgeAsync(_killed && code == 128 + Kill ? -Kill : code, pid);
    }

    /// <summary>What an exit code means. Both layers of 3.8.3's worker propose CRASHED: the second is told that it is so already.</summary>
    private async Task JudgeAsync(int code, string pid)
    {
        if (code != 0)
        {
            Log(Is3 ? "prefect.flow_runs.runner" : "prefect.flow_runs.worker", Is3 ? $"Process for flow run '{_name}' exited with status code: {code}" : $"Process {pid} exited with status code: {code}", level: 40);
            string number = code.ToString(CultureInfo.InvariantCulture);
            if (Is3)
            {
                bool crashed = await ProposeAsync("CRASHED", "Crashed", $"Flow run process exited with non-zero status code {number}.");
                await _worker.AskAsync(HttpMethod.Get, $"/flow_runs/{_id}");
                await ProposeAsync("CRASHED", "Crashed", $"Flow run infrastructure exited with non-zero status code {number}. Process exited with an unexpected status code.");
                if (crashed)
                    await _worker.AskAsync(HttpMethod.Get, "/deployments/" + _run["deployment_id"]!.GetValue<string>()); // for the flow's own hooks
            }
            else
            {
                await ProposeAsync("CRASHED", "Crashed", $"Flow run infrastructure exited with non-zero status code {number}.");
            }
        }
        else
        {
            if (Is3)
            {
                Log("prefect.flow_runs.runner", $"Process for flow run '{_name}' exited cleanly.");
                await _worker.AskAsync(HttpMethod.Get, $"/flow_runs/{_id}");
            }
            else
            {
                Log("prefect.flow_runs.worker", $"Process {pid} exited cleanly.");
            }
        }
        JsonArray related = Related();
        JsonNode run = related.First(one => one!["prefect.resource.role"]!.GetValue<string>() == "flow-run")!;
        run["prefect.infrastructure.identifier"] = pid;
        run["prefect.infrastructure.status-code"] = code.ToString(CultureInfo.InvariantCulture);
        await _worker.EmitAsync(_worker.WorkerEvent("prefect.worker.executed-flow-run", related, null));
        await FlushAsync();
    }

    /// <summary>SIGTERM to the process alone, SIGKILL after the grace, then CANCELLED whatever the exit code was.</summary>
    private async Task CancelAsync()
    {
        try
        {
            await Task.Yield();
            await _worker.AskAsync(HttpMethod.Get, Is3 ? $"/flow_runs/{_id}" : "/deployments/" + _run["deployment_id"]!.GetValue<string>());
            if (!Is3)
                await _worker.AskAsync(HttpMethod.Get, "/flows/" + _run["flow_id"]!.GetValue<string>());
            if (_process is null)
                return;
            try
            {
                _process.Process.Send(Signal.Terminate);
            }
            catch (Win32Exception) when (_process.Process.HasExited)
            {
                // It had ended by itself.
            }
            DateTimeOffset start = DateTimeOffset.UtcNow;
            while (!_process.Process.HasExited)
            {
                await Task.Delay(_worker.Options.CheckEvery);
                if (DateTimeOffset.UtcNow - start > _worker.Options.Grace && !_process.Process.HasExited)
                {
                    _killed = true;
                    _process.Process.Kill();
                    await _process.WaitForExitAsync(_bound);
                }
            }
            if (Is3)
                await _worker.AskAsync(HttpMethod.Get, "/deployments/" + _run["deployment_id"]!.GetValue<string>()); // for the flow's own hooks
            await ProposeAsync("CANCELLED", "Cancelled", Is3 ? "Flow run was cancelled successfully." : null, force: true);
            if (Is3)
            {
                if (_worker.MeetsForItsEvents(_run["deployment_id"]!.GetValue<string>()))
                {
                    await _worker.AskAsync(HttpMethod.Get, "/deployments/" + _run["deployment_id"]!.GetValue<string>());
                    await _worker.AskAsync(HttpMethod.Get, "/flows/" + _run["flow_id"]!.GetValue<string>());
                }
                string runner = "runner-" + Guid.NewGuid();
                await _worker.EmitAsync(ProcessWorker.Event("prefect.runner.cancelled-flow-run",
                    new() { ["prefect.resource.id"] = "prefect.runner." + runner, ["prefect.resource.name"] = runner, ["prefect.version"] = "3.8.3" }, Related()));
            }
            Log("prefect.flow_runs.worker", $"Cancelled flow run '{_id}'!");
            await FlushAsync();
        }
        catch (Exception error)
        {
            _worker.Tell(error);
        }
    }

    private async Task<bool> ProposeAsync(string type, string name, string? message = null, bool force = false)
    {
        var details = new JsonObject { ["flow_run_id"] = _id };
        foreach (string none in (ReadOnlySpan<string>)["task_run_id", "child_flow_run_id", "scheduled_time", "cache_key", "cache_expiration"])
            details[none] = null;
        if (Is3)
            details["deferred"] = force ? false : null;
        details["untrackable_result"] = false;
        details["pause_timeout"] = null;
        details["pause_reschedule"] = false;
        details["pause_key"] = null;
        if (Is3)
            details["run_input_keyset"] = null;
        details["refresh_cache"] = null;
        if (Is3)
        {
            details["retriable"] = null;
            details["transition_id"] = Guid.NewGuid().ToString();
            details["task_parameters_id"] = null;
            details["traceparent"] = null;
            details["deployment_concurrency_lease_id"] = null;
        }
        JsonNode? answer = await _worker.AskAsync(HttpMethod.Post, $"/flow_runs/{_id}/set_state", new JsonObject
        {
            ["state"] = new JsonObject { ["type"] = type, ["name"] = name, ["message"] = message, ["state_details"] = details, ["data"] = null },
            ["force"] = force,
        });
        return answer!["status"]!.GetValue<string>() == "ACCEPT";
    }

    /// <summary>Defaults of the pool's template, then the deployment's job variables, then the run's; environments are merged.</summary>
    private Dictionary<string, JsonNode?> Variables()
    {
        var merged = new Dictionary<string, JsonNode?>();
        var environment = new JsonObject();
        if (_worker.Pool["base_job_template"]?["variables"]?["properties"] is JsonObject declared)
        {
            foreach ((string name, JsonNode? schema) in declared)
            {
                if (schema?["default"] is { } value)
                    merged[name] = value;
            }
        }
        string member = Is3 ? "job_variables" : "infra_overrides";
        foreach (JsonObject? level in (JsonObject?[])[_deployment[member] as JsonObject, _run["job_variables"] as JsonObject])
        {
            foreach ((string name, JsonNode? value) in level ?? [])
            {
                if (name == "env")
                {
                    foreach ((string variable, JsonNode? text) in (JsonObject)value!)
                        environment[variable] = text?.DeepClone();
                }
                else
                {
                    merged[name] = value;
                }
            }
        }
        merged["env"] = environment;
        return merged;
    }

    /// <summary>The worker's whole environment, what the configuration sets on top, and Prefect's own, which wins.</summary>
    private Dictionary<string, string?> Environment(Dictionary<string, JsonNode?> variables)
    {
        var environment = new Dictionary<string, string?>(_worker.Options.Environment);
        foreach ((string name, JsonNode? value) in (JsonObject)variables["env"]!)
        {
            if (value is not null)
                environment[name] = value.GetValue<string>();
        }
        environment["PREFECT_API_URL"] = _worker.Options.Api.AbsoluteUri.TrimEnd('/');
        environment["PREFECT_API_KEY"] = _worker.Options.ApiKey;
        environment["PREFECT_API_AUTH_STRING"] = _worker.Options.AuthString;
        environment["PREFECT_LOGGING_LEVEL"] = "INFO";
        environment["PREFECT__FLOW_RUN_ID"] = Is3 ? _id : Guid.Parse(_id).ToString("N");
        if (Is3)
        {
            environment["PREFECT__FLOW_ID"] = _run["flow_id"]!.GetValue<string>();
            environment["PREFECT__FLOW_NAME"] = _flow["name"]!.GetValue<string>();
            environment["PREFECT__DEPLOYMENT_ID"] = _run["deployment_id"]!.GetValue<string>();
            environment["PREFECT__DEPLOYMENT_NAME"] = _deployment["name"]!.GetValue<string>();
            environment["PREFECT__WORKER_NAME"] = _worker.Options.Name;
            environment["PREFECT__STORAGE_BASE_PATH"] = _folder.Path;
            environment["PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS"] = "false";
        }
        return environment;
    }

    private JsonArray Related()
    {
        static JsonObject One(string kind, string id, string? name) => new()
        {
            ["prefect.resource.id"] = $"prefect.{kind}.{id}",
            ["prefect.resource.role"] = kind,
            ["prefect.resource.name"] = name,
        };
        JsonArray related =
        [
            One("deployment", _run["deployment_id"]!.GetValue<string>(), _deployment["name"]!.GetValue<string>()),
            One("flow", _run["flow_id"]!.GetValue<string>(), _flow["name"]!.GetValue<string>()),
            One("flow-run", _id, _name),
        ];
        foreach (string tag in _run["tags"]!.AsArray().Select(tag => tag!.GetValue<string>()).Order(StringComparer.Ordinal))
            related.Add(new JsonObject { ["prefect.resource.id"] = "prefect.tag." + tag, ["prefect.resource.role"] = "tag" });
        return related;
    }

    private void Log(string logger, string message, int level = 20)
    {
        lock (_lock)
        {
            _logs.Add(new()
            {
                ["name"] = logger,
                ["level"] = level,
                ["message"] = message,
                ["timestamp"] = ProcessWorker.Json(DateTimeOffset.UtcNow),
                ["flow_run_id"] = _id,
                ["task_run_id"] = null,
            });
        }
    }

    private async Task FlushAsync()
    {
        JsonArray batch;
        lock (_lock)
        {
            batch = [.. _logs];
            _logs.Clear();
        }
        if (batch.Count > 0)
            await _worker.AskAsync(HttpMethod.Post, "/logs/", batch);
    }

    /// <summary>A bare name is looked up on the job's PATH, a relative path in its folder.</summary>
    private static string Find(string program, string folder, Dictionary<string, string?> environment)
    {
        if (!Directory.Exists(folder))
            throw new FileNotFoundException($"[Errno 2] No such file or directory: '{folder}'");
        if (program.Contains('/', StringComparison.Ordinal))
            return Path.GetFullPath(program, folder);
        string path = environment.GetValueOrDefault("PATH") ?? System.Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(':').Select(part => Path.Combine(part, program)).FirstOrDefault(File.Exists) ?? throw new FileNotFoundException($"[Errno 2] No such file or directory: '{program}'");
    }
}
