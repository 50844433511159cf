using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Deploy.Ownership;

/// <summary>
/// Whose a deployment is, as publishing leaves it on the server: labels where Sluice's server takes them at any time, and besides them the environment of the runs
/// on Prefect's, where labels are set only when a deployment is created.
/// </summary>
public sealed record OwnerMark
{
    /// <summary>The label of the app; on Prefect 2 a tag like <c>sluice.app:Weather</c>.</summary>
    internal const string AppLabel = "sluice.app";

    /// <summary>The label of the environment; on Prefect 2 a tag.</summary>
    internal const string EnvironmentLabel = "sluice.environment";

    /// <summary>The variable that tells the runs of an environment's copy where they are, on every server.</summary>
    internal const string EnvironmentVariable = "SLUICE_ENVIRONMENT";

    private const string CreatedLabel = "sluice.created";
    private const string ExpiresLabel = "sluice.expires";
    private const string AppVariable = "SLUICE_APP";
    private const string CreatedVariable = "SLUICE_CREATED";
    private const string ExpiresVariable = "SLUICE_EXPIRES";

    /// <summary>All that Sluice's server holds, for comparisons: one that is not declared any more is to go.</summary>
    internal static IReadOnlyList<string> Labels { get; } = [AppLabel, EnvironmentLabel, CreatedLabel, ExpiresLabel, PrunePause.Label];

    /// <summary>The variables of runs that Prefect's servers hold.</summary>
    public static IReadOnlyList<string> Variables { get; } = [AppVariable, EnvironmentVariable, CreatedVariable, ExpiresVariable, PrunePause.Variable];

    /// <summary>The app: the assembly's name, or what <c>SluiceApp</c> says.</summary>
    public required string App { get; init; }

    /// <summary>The environment; null for the deployments themselves.</summary>
    public string? Environment { get; init; }

    /// <summary>
    /// The full name under which a publish created it; null where it was there before. A copy that a person makes of a deployment carries the original's, and so is
    /// known to be theirs.
    /// </summary>
    public string? CreatedAs { get; init; }

    /// <summary>When its environment's time is over; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Whether it was paused because its code no longer had it, and nobody is known to have set its pause since.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The mark of a live deployment; null where no publish touched it.</summary>
    public static OwnerMark? Of(Deployment live) => Of(live.Labels, live.JobVariables);

    /// <summary>The mark that a publish left, for what is applied by something else and stays that publish's. What code or a file creates has no more than the label.</summary>
    internal static OwnerMark? OfPublish(Deployment? live, ApiInfo? server) =>
        live is null || (server is { IsSluice: false } && Of(null, live.JobVariables) is null) ? null : Of(live);

    /// <summary>The mark among labels and job variables.</summary>
    internal static OwnerMark? Of(IReadOnlyDictionary<string, JsonElement>? labels, IReadOnlyDictionary<string, JsonElement>? jobVariables)
    {
        JsonElement env = jobVariables?.TryGetValue("env", out JsonElement given) == true ? given : default;
        string? Read(string variable, string label) =>
            env.ValueKind == JsonValueKind.Object && env.TryGetProperty(variable, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()
            : labels?.TryGetValue(label, out JsonElement text) == true && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

        return Read(AppVariable, AppLabel) is not { Length: > 0 } app ? null : new()
        {
            App = app,
            Environment = Read(EnvironmentVariable, EnvironmentLabel),
            IsPaused = Read(PrunePause.Variable, PrunePause.Label) == PrunePause.By,
            CreatedAs = Read(CreatedVariable, CreatedLabel),
            Expires = DateTimeOffset.TryParse(Read(ExpiresVariable, ExpiresLabel), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset expires) ? expires : null,
        };
    }

    /// <summary>The labels of a deployment with this mark.</summary>
    /// <param name="labels">Are added to.</param>
    /// <param name="server">Where it goes; null for Sluice's own server.</param>
    internal void AddLabels(Dictionary<string, JsonElement> labels, ApiInfo? server)
    {
        Add(labels, AppLabel, App);
        Add(labels, EnvironmentLabel, Environment);
        if (server is not { IsSluice: false })
        {
            Add(labels, CreatedLabel, CreatedAs);
            Add(labels, ExpiresLabel, ExpiresText);
            Add(labels, PrunePause.Label, IsPaused ? PrunePause.By : null);
        }
    }

    /// <summary>The variables of its runs.</summary>
    /// <param name="env">Is added to; what the code says under these names gives way.</param>
    /// <param name="server">Where it goes; null for Sluice's own server.</param>
    internal void AddVariables(Dictionary<string, JsonElement> env, ApiInfo? server)
    {
        Add(env, EnvironmentVariable, Environment);
        if (server is { IsSluice: false })
        {
            Add(env, AppVariable, App);
            Add(env, CreatedVariable, CreatedAs);
            Add(env, ExpiresVariable, ExpiresText);
            Add(env, PrunePause.Variable, IsPaused ? PrunePause.By : null);
        }
    }

    private string? ExpiresText => Expires?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void Add(Dictionary<string, JsonElement> values, string name, string? text)
    {
        if (text is not null)
            values[name] = JsonSerializer.SerializeToElement(text, DeployJson.Default.String);
    }
}
