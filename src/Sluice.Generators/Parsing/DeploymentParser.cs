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
        var schedules = new List<ScheduleModel>(0);
        if (HasSchedule(attribute))
            schedules.Add(Schedule(attribute, "schedule-1", null));
        int number = 1;
        foreach (AttributeData further in method.GetAttributes())
        {
            if (!further.IsOurs(Symbols.Schedule) || further.FirstText() != name)
                continue;
            number++;
            string slug = further.Text("Slug") ?? "schedule-" + number.ToString(CultureInfo.InvariantCulture);
            if (HasSchedule(further))
                schedules.Add(Schedule(further, slug, further.Text("Parameters")));
        }
        int? limit = attribute.Named("ConcurrencyLimit")?.Value as int?;
        return new(
            name, schedules.ToEquatable(), attribute.Text("WorkPool"), attribute.Text("WorkQueue"), attribute.Texts("Tags").ToEquatable(),
            attribute.Text("Parameters"), attribute.Text("Description").WithPlainLineEnds(), attribute.Text("Version"), attribute.Flag("Paused"), attribute.Text("Storage"),
            attribute.Text("StorageKey"), attribute.Texts("Secrets").ToEquatable(), attribute.Flag("AddDefaultLabels") ?? true,
            attribute.Text("Infrastructure"), attribute.Text("Image"), attribute.Text("JobVariables"), limit > 0 ? limit : null);
    }

    private static bool HasSchedule(AttributeData attribute) =>
        attribute.Text("Cron") is not null || attribute.Text("Interval") is not null || attribute.Text("RRule") is not null;

    private static ScheduleModel Schedule(AttributeData attribute, string slug, string? parameters) => new(
        slug, attribute.Text("Cron"), attribute.Text("Interval"), attribute.Text("RRule"), attribute.Text("TimeZone"), attribute.Flag("DayOr") ?? true,
        attribute.Text("AnchorDate"), parameters, MisfireOptions.Policy(attribute), MisfireOptions.Limit(attribute), MisfireOptions.Dst(attribute));
}
