using System.Globalization;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <summary>Reads a method's [Deployment] and [Schedule] attributes.</summary>
internal static class DeploymentParser
{
    public static EquatableArray<DeploymentModel> Parse(IMethodSymbol method)
    {
        List<DeploymentModel>? deployments = null;
        foreach (AttributeData attribute in method.GetAttributes())
            if (attribute.IsOurs(Symbols.Deployment) && attribute.FirstText() is { } name && FlowRules.BadName(name) is null
                && deployments?.Exists(other => other.Name == name) != true)
                (deployments ??= []).Add(Parse(method, attribute, name));
        return deployments is null ? EquatableArray<DeploymentModel>.Empty : deployments.ToEquatable();
    }

    private static DeploymentModel Parse(IMethodSymbol method, AttributeData attribute, string name)
    {
        string? pool = null, queue = null, parameters = null, description = null, version = null, storage = null, storageKey = null, infrastructure = null, image = null, jobVariables = null;
        EquatableArray<string> tags = EquatableArray<string>.Empty, secrets = EquatableArray<string>.Empty;
        bool? paused = null, defaultLabels = null;
        int? limit = null;
        // In one go: each question to the attribute would go through all of its arguments.
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
            switch (argument.Key)
            {
                case "WorkPool":
                    pool = argument.Value.Text();
                    break;
                case "WorkQueue":
                    queue = argument.Value.Text();
                    break;
                case "Tags":
                    tags = argument.Value.Texts().ToEquatable();
                    break;
                case "Parameters":
                    parameters = argument.Value.Text();
                    break;
                case "Description":
                    description = argument.Value.Text().WithPlainLineEnds();
                    break;
                case "Version":
                    version = argument.Value.Text();
                    break;
                case "Paused":
                    paused = argument.Value.Plain() as bool?;
                    break;
                case "Storage":
                    storage = argument.Value.Text();
                    break;
                case "StorageKey":
                    storageKey = argument.Value.Text();
                    break;
                case "Secrets":
                    secrets = argument.Value.Texts().ToEquatable();
                    break;
                case "AddDefaultLabels":
                    defaultLabels = argument.Value.Plain() as bool?;
                    break;
                case "Infrastructure":
                    infrastructure = argument.Value.Text();
                    break;
                case "Image":
                    image = argument.Value.Text();
                    break;
                case "JobVariables":
                    jobVariables = argument.Value.Text();
                    break;
                case "ConcurrencyLimit":
                    limit = argument.Value.Plain() as int?;
                    break;
            }
        return new(
            name, Schedules(method, attribute, name), pool, queue, tags, parameters, description, version, paused, storage, storageKey, secrets, defaultLabels ?? true,
            infrastructure, image, jobVariables, limit > 0 ? limit : null);
    }

    private static EquatableArray<ScheduleModel> Schedules(IMethodSymbol method, AttributeData attribute, string name)
    {
        var schedules = new List<ScheduleModel>(0);
        if (ScheduleArguments.Of(attribute) is { HasSchedule: true } own)
            schedules.Add(Schedule(own, "schedule-1", null));
        int number = 1;
        foreach (AttributeData further in method.GetAttributes())
        {
            if (!further.IsOurs(Symbols.Schedule) || further.FirstText() != name)
                continue;
            number++;
            if (ScheduleArguments.Of(further) is { HasSchedule: true } other)
                schedules.Add(Schedule(other, further.Text("Slug") ?? "schedule-" + number.ToString(CultureInfo.InvariantCulture), further.Text("Parameters")));
        }
        return schedules.ToEquatable();
    }

    private static ScheduleModel Schedule(ScheduleArguments schedule, string slug, string? parameters) => new(
        slug, schedule.Cron, schedule.Interval, schedule.RRule, schedule.TimeZone, schedule.DayOr ?? true, schedule.AnchorDate, parameters,
        MisfireOptions.Policy(schedule), MisfireOptions.Limit(schedule), MisfireOptions.Dst(schedule));
}
