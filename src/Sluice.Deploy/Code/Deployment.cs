using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Sluice.Deploy.Manifest;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Deploy.Code;

/// <summary>
/// A deployment that a program makes, for what attributes cannot say because it is known at run time only: one for each customer, say. Immutable: every method
/// answers a changed one. It goes the way of a publish (validated, packaged, stored, compared, applied in one piece, recorded as a version), and is never pruned by one.
/// </summary>
/// <example><code>
/// await Deployment.FromFlow(Flows.BuildAsync, "acme").Parameter("city", "Oslo").Cron("0 6 * * *", "Europe/Oslo").Pool("etl").ApplyAsync();
/// </code></example>
public sealed class Deployment
{
    private const int MostSlugs = 10_000;

    private readonly CodeProgram _program;
    private readonly FlowManifest _flow;

    private Deployment(CodeProgram program, FlowManifest flow, DeploymentManifest declared) => (_program, _flow, Declared) = (program, flow, declared);

    /// <summary><c>flow/deployment</c>.</summary>
    public string FullName => $"{_flow.Name}/{Declared.Name}";

    /// <summary>What it says so far; null members are not set.</summary>
    public DeploymentManifest Declared { get; }

    internal CodeProgram Program => _program;

    internal FlowManifest Flow => _flow;

    /// <summary>A deployment of a flow that this program references. Its package is the folder that the flow's assembly was loaded from.</summary>
    /// <param name="flow">The flow's method, as <c>Flows.BuildAsync</c>.</param>
    /// <param name="name">The deployment's name.</param>
    /// <exception cref="ArgumentException">The method is no flow, or its assembly lies in no file, as in a program of a single file: name that file.</exception>
    /// <exception cref="ManifestException">The assembly cannot be read.</exception>
    public static Deployment FromFlow(Delegate flow, string name)
    {
        ArgumentNullException.ThrowIfNull(flow);
        MethodInfo method = flow.Method;
#pragma warning disable IL3000 // Empty in a single file, which the next lines refuse.
        string assembly = method.Module.Assembly.Location;
#pragma warning restore IL3000
        if (assembly.Length == 0)
            throw new ArgumentException($"The program that has {method.Name} is a single file or native: name the flows' published assembly, as FromFlow(\"publish/App.dll\", \"{method.Name}\", \"{name}\").", nameof(flow));
        return FromFlow(assembly, $"{method.DeclaringType?.FullName?.Replace('+', '.')}.{method.Name}", name);
    }

    /// <summary>A deployment of a flow of a published program.</summary>
    /// <param name="assembly">The published assembly, as <c>bin/Release/net10.0/publish/Weather.dll</c>. Its folder is the package.</param>
    /// <param name="flow">The flow's name, or its method's, as <c>Flows.BuildAsync</c> or <c>BuildAsync</c>.</param>
    /// <param name="name">The deployment's name.</param>
    /// <exception cref="ArgumentException">The assembly has no such flow, or several.</exception>
    /// <exception cref="ManifestException">The assembly cannot be read.</exception>
    public static Deployment FromFlow(string assembly, string flow, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(assembly);
        ArgumentException.ThrowIfNullOrEmpty(flow);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        string path = Path.GetFullPath(assembly);
        ReadManifest read = ManifestReader.Read(path);
        FlowManifest[] found = [.. read.Manifest.Flows.Where(one => one.Name == flow)];
        if (found.Length == 0)
            found = [.. read.Manifest.Flows.Where(one => Method(one) is var method && (method == flow || method.EndsWith("." + flow, StringComparison.Ordinal)))];
        if (found is not [FlowManifest single])
        {
            string list = string.Join(", ", read.Manifest.Flows.Select(one => $"'{one.Name}' ({Method(one)})"));
            throw new ArgumentException(
                found.Length > 1 ? $"{Path.GetFileName(path)} has several flows '{flow}': name one of {list}."
                : $"{Path.GetFileName(path)} has no flow '{flow}'. {(list.Length == 0 ? "It has none: mark the method with [Flow]." : $"It has: {list}.")}", nameof(flow));
        }
        return new(new(path, read), single with { Deployments = [] }, new() { Name = name });
    }

    /// <summary>Changes anything that a deployment can say.</summary>
    /// <param name="change">From what it says to what it is to say.</param>
    public Deployment With(Func<DeploymentManifest, DeploymentManifest> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return new(_program, _flow, change(Declared));
    }

    /// <summary>Sets a parameter of its runs.</summary>
    /// <param name="name">Its name in the schema.</param>
    /// <param name="value">Null, a text, a number, a boolean, a date or time, JSON, or a list or dictionary of these.</param>
    /// <exception cref="ArgumentException">The value is of another type.</exception>
    public Deployment Parameter(string name, object? value) => With(declared => declared with { Parameters = Set(declared.Parameters, name, CodeValues.ToJson(name, value)) });

    /// <summary>Adds a cron schedule.</summary>
    /// <param name="expression">The expression: 5 fields, seconds as the 6th, years as the 7th.</param>
    /// <param name="timeZone">An IANA time zone; UTC when absent.</param>
    /// <param name="slug">The schedule's stable name; numbered when absent.</param>
    public Deployment Cron(string expression, string? timeZone = null, string? slug = null) => Schedule(new() { Cron = expression, Timezone = timeZone }, slug);

    /// <summary>Adds a schedule of equal intervals.</summary>
    /// <param name="interval">Above zero.</param>
    /// <param name="anchor">A time that due times are counted from.</param>
    /// <param name="timeZone">An IANA time zone; UTC when absent.</param>
    /// <param name="slug">The schedule's stable name; numbered when absent.</param>
    public Deployment Every(TimeSpan interval, DateTimeOffset? anchor = null, string? timeZone = null, string? slug = null) =>
        Schedule(new() { Interval = interval.TotalSeconds, AnchorDate = anchor?.ToString("O", CultureInfo.InvariantCulture), Timezone = timeZone }, slug);

    /// <summary>Adds a schedule by a recurrence rule.</summary>
    /// <param name="rule">An RFC 5545 rule.</param>
    /// <param name="timeZone">An IANA time zone; UTC when absent.</param>
    /// <param name="slug">The schedule's stable name; numbered when absent.</param>
    public Deployment RRule(string rule, string? timeZone = null, string? slug = null) => Schedule(new() { Rrule = rule, Timezone = timeZone }, slug);

    /// <summary>Adds tags.</summary>
    /// <param name="tags">The tags.</param>
    public Deployment Tags(params IEnumerable<string> tags) => With(declared => declared with { Tags = [.. (declared.Tags ?? []).Union(tags, StringComparer.Ordinal)] });

    /// <summary>Names its work pool and queue.</summary>
    /// <param name="name">The pool, which must exist.</param>
    /// <param name="queue">The queue, created when missing; the pool's default one when absent.</param>
    public Deployment Pool(string name, string? queue = null) => With(declared => declared with { WorkPoolName = name, WorkQueueName = queue ?? declared.WorkQueueName });

    /// <summary>Says where its package lies.</summary>
    /// <param name="uri">As <c>s3://bucket/flows</c> or <c>s3/dev-bucket</c>; the home's storage when it is not said.</param>
    /// <param name="key">The package's folder in the store.</param>
    public Deployment Storage(string uri, string? key = null) => With(declared => declared with { Storage = uri, StorageKey = key });

    /// <summary>Sets a job variable.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">As for <see cref="Parameter"/>.</param>
    /// <exception cref="ArgumentException">The value is of another type.</exception>
    public Deployment JobVariable(string name, object? value) => With(declared => declared with { JobVariables = Set(declared.JobVariables, name, CodeValues.ToJson(name, value)) });

    /// <summary>
    /// Takes over from the live deployment what is not set here: schedules, parameters, tags, pool, queue, description, version, pause, job variables, limit; not its
    /// storage. Where there is none, nothing changes.
    /// </summary>
    /// <param name="surroundings">The API and the home; null: <c>PREFECT_API_URL</c>, else the running server of the home.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="OrchestrationException">No API answers.</exception>
    public async Task<Deployment> LoadAsync(DeployEnvironment? surroundings = null, CancellationToken cancellationToken = default)
    {
        DeployTarget target = await (surroundings ?? Surroundings()).OpenApiAsync(cancellationToken).ConfigureAwait(false);
        await using (target.Api.ConfigureAwait(false))
        {
            return await target.Api.FindDeploymentAsync(_flow.Name, Declared.Name, cancellationToken).ConfigureAwait(false) is { } live
                ? new(_program, _flow, LiveValues.Under(Declared, live))
                : this;
        }
    }

    /// <summary>Packages and stores the program, and tells no API.</summary>
    /// <param name="surroundings">The home and its secrets; null for those of this process.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Where the package is, and how much travelled.</returns>
    /// <exception cref="DeploymentFailedException">It does not fit, or cannot be stored.</exception>
    public Task<DeployOutcome> UploadAsync(DeployEnvironment? surroundings = null, CancellationToken cancellationToken = default) =>
        CodeProgram.RunAsync([this], surroundings ?? Surroundings(), new() { SkipApply = true }, cancellationToken);

    /// <summary>Stores the program where it is not stored yet, and creates or updates the deployment. Applied again without a change, nothing is written.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="surroundings">The API, the home and its secrets; null: <c>PREFECT_API_URL</c>, else the running server of the home.</param>
    /// <param name="cancellationToken">Cancels it; nothing is applied then.</param>
    /// <returns>The deployment, with what became of it, and what to look at.</returns>
    /// <exception cref="DeploymentFailedException">It does not fit, cannot be stored, or is refused: nothing has changed, or the message names what could not be undone.</exception>
    public async Task<DeployedDeployment> ApplyAsync(ApplyOptions? options = null, DeployEnvironment? surroundings = null, CancellationToken cancellationToken = default)
    {
        DeployOutcome outcome = await ApplyAsync([this], options, surroundings, cancellationToken).ConfigureAwait(false);
        return outcome.Deployments[0] with { Warnings = outcome.Warnings };
    }

    /// <summary>Applies several deployments of one program, all or none.</summary>
    /// <param name="deployments">At least one, all of one assembly.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="surroundings">As for one.</param>
    /// <param name="cancellationToken">Cancels it; nothing is applied then.</param>
    /// <exception cref="ArgumentException">There are none, or their assemblies are several.</exception>
    /// <exception cref="DeploymentFailedException">One does not fit, cannot be stored, or is refused: nothing has changed, or the message names what could not be undone.</exception>
    public static Task<DeployOutcome> ApplyAsync(IEnumerable<Deployment> deployments, ApplyOptions? options = null, DeployEnvironment? surroundings = null, CancellationToken cancellationToken = default) =>
        CodeProgram.RunAsync([.. deployments], surroundings ?? Surroundings(), options ?? new(), cancellationToken);

    private static string Method(FlowManifest flow) => flow.Entrypoint[(flow.Entrypoint.IndexOf('!', StringComparison.Ordinal) + 1)..];

    private Deployment Schedule(ScheduleText when, string? slug)
    {
        IReadOnlyList<ScheduleManifest> before = Declared.Schedules ?? [];
        slug ??= Enumerable.Range(1, MostSlugs).Select(number => "schedule-" + number.ToString(CultureInfo.InvariantCulture)).First(free => before.All(schedule => schedule.Slug != free));
        return With(declared => declared with { Schedules = [.. before, new ScheduleManifest { Slug = slug, Schedule = when }] });
    }

    private static Dictionary<string, JsonElement> Set(IReadOnlyDictionary<string, JsonElement>? before, string name, JsonElement value) =>
        new(before ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal) { [name] = value };

    /// <summary>Those of this process. The embedded API is opened by the <c>sluice</c> program alone: here a server must run.</summary>
    private static DeployEnvironment Surroundings()
    {
        SluiceHome home = SluiceHome.FromEnvironment();
        return new()
        {
            Home = home,
            Output = TextWriter.Null,
            OpenApiAsync = async token => await ApiEndpoint.ResolveAsync(home, null, token).ConfigureAwait(false) is { } endpoint
                ? new(new HttpOrchestrationApi(endpoint), endpoint.Url, IsLocal: false)
                : throw new OrchestrationException(OrchestrationErrorKind.Unreachable, $"No orchestration API is named and no server of {home.Root} runs: start one with `sluice dev` or `sluice server start`, or set {ApiEndpoint.UrlVariable}."),
        };
    }
}
