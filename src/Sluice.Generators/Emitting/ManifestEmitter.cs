using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Emitting;

/// <summary>Writes a flow's element of the manifest (version 1) as what stands between the quotes of a C# literal, every key present. A deployment whose JSON or schedule is invalid is left out; analyzers say why.</summary>
internal static class ManifestEmitter
{
    public static string Write(FlowModel flow, XmlDocs docs)
    {
        string? description = flow.Description ?? docs.Summary;
        var json = new JsonBuilder(capacity: 4096, Literals.Text).Open('{')
            .Name("name").Value(flow.Name)
            .Name("entrypoint").Value(flow.Entrypoint)
            .Name("description").Value(description)
            .Name("version").Value(flow.Version)
            .Name("retries").Value(flow.Retries)
            .Name("retry_delay_seconds").Number(flow.RetryDelaySeconds)
            .Name("crash_retries").Value(flow.CrashRetries)
            .Name("timeout_seconds").Number(flow.TimeoutSeconds)
            .Name("persist_result").Value(flow.PersistResult)
            .Name("parameter_openapi_schema");
        SchemaEmitter.Write(json, flow, docs);
        json.Name("deployments").Open('[');
        foreach (DeploymentModel deployment in flow.Deployments)
            if (IsValid(deployment))
                Write(json, deployment, description);
        return json.Close(']').Close('}').ToString();
    }

    /// <summary>Whether the deployment goes into the manifest.</summary>
    public static bool IsValid(DeploymentModel deployment) =>
        IsObject(deployment.Parameters) && IsObject(deployment.JobVariables) && AreValid(deployment.Schedules);

    private static bool AreValid(EquatableArray<ScheduleModel> schedules)
    {
        foreach (ScheduleModel schedule in schedules)
            if (!IsValid(schedule))
                return false;
        return true;
    }

    private static bool IsValid(ScheduleModel schedule) =>
        (schedule.Cron is null ? 0 : 1) + (schedule.Interval is null ? 0 : 1) + (schedule.RRule is null ? 0 : 1) == 1
        && (schedule.Interval is null || ScheduleText.TryInterval(schedule.Interval, out _))
        && (schedule.AnchorDate is null || ScheduleText.Anchor(schedule.AnchorDate) is not null)
        && IsObject(schedule.Parameters);

    private static bool IsObject(string? json) => json is null || JsonParser.Parse(json, out _) is { Kind: JsonKind.Object };

    private static void Write(JsonBuilder json, DeploymentModel deployment, string? flowDescription)
    {
        json.Open('{').Name("name").Value(deployment.Name).Name("schedules").Open('[');
        foreach (ScheduleModel schedule in deployment.Schedules)
            Write(json, schedule);
        json.Close(']')
            .Name("work_pool_name").Value(deployment.WorkPool)
            .Name("work_queue_name").Value(deployment.WorkQueue)
            .Name("tags").Value(deployment.Tags)
            .Name("parameters");
        Object(json, deployment.Parameters ?? "{}");
        json.Name("description").Value(deployment.Description ?? flowDescription)
            .Name("version").Value(deployment.Version)
            .Name("paused").Value(deployment.Paused)
            .Name("storage").Value(deployment.Storage)
            .Name("storage_key").Value(deployment.StorageKey)
            .Name("secrets").Value(deployment.Secrets)
            .Name("add_default_labels").Value(deployment.AddDefaultLabels)
            .Name("infrastructure").Value(deployment.Infrastructure)
            .Name("image").Value(deployment.Image)
            .Name("job_variables");
        Object(json, deployment.JobVariables);
        json.Name("concurrency_limit").Value(deployment.ConcurrencyLimit).Close('}');
    }

    private static void Write(JsonBuilder json, ScheduleModel schedule)
    {
        json.Open('{').Name("slug").Value(schedule.Slug).Name("active").Raw("null").Name("parameters");
        Object(json, schedule.Parameters);
        json.Name("schedule").Open('{');
        if (schedule.Cron is not null)
            json.Name("cron").Value(schedule.Cron).Name("timezone").Value(schedule.TimeZone).Name("day_or").Value(schedule.DayOr);
        else if (schedule.Interval is not null && ScheduleText.TryInterval(schedule.Interval, out TimeSpan interval))
            json.Name("interval").Raw(Seconds(interval)).Name("timezone").Value(schedule.TimeZone).Name("anchor_date")
                .Value(schedule.AnchorDate is null ? null : ScheduleText.Anchor(schedule.AnchorDate));
        else
            json.Name("rrule").Value(schedule.RRule).Name("timezone").Value(schedule.TimeZone);
        json.Close('}');
        // Only where set: they are Sluice's own, and most schedules have none.
        if (schedule.Misfire is not null)
            json.Name("misfire").Value(schedule.Misfire);
        if (schedule.MaxMisfires is not null)
            json.Name("max_misfires").Value(schedule.MaxMisfires);
        if (schedule.Dst is not null)
            json.Name("dst").Value(schedule.Dst);
        json.Close('}');
    }

    private static string Seconds(TimeSpan interval) =>
        ((decimal)interval.Ticks / TimeSpan.TicksPerSecond).ToString("0.#######", System.Globalization.CultureInfo.InvariantCulture);

    private static void Object(JsonBuilder json, string? text)
    {
        if (text is not null && JsonParser.Parse(text, out _) is { } node)
            json.Value(node);
        else
            json.Raw("null");
    }
}
