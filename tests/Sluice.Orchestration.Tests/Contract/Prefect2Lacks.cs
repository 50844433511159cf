namespace Sluice.Orchestration.Tests.Contract;

/// <summary>The facts of the contract that a server of Prefect 2 cannot pass, each with the reason. Everything else it must.</summary>
internal static class Prefect2Lacks
{
    private const string OneSchedule = "Prefect 2 has one schedule a deployment, without slug and parameters";
    private const string Labels = "Prefect 2 has no labels";
    private const string Schema = "Prefect 2 does not hold parameters against the schema";

    /// <summary>By class and method, or by class where it is about nothing else.</summary>
    private static readonly Dictionary<string, string> s_reasons = new()
    {
        ["DeploymentContract.A_deployment_keeps_everything_it_is_given"] = Labels + ", and limits runs at once by pool or queue only",
        ["DeploymentContract.Absent_members_get_Prefects_defaults"] = Schema,
        ["DeploymentContract.An_update_changes_what_it_names"] = "Prefect 2 limits runs at once by pool or queue only",
        ["DeploymentContract.Default_parameters_must_fit_an_enforced_schema"] = Schema,
        ["DeploymentContract.Deployments_are_found_by_a_part_of_their_flows_name"] = "Prefect 2 filters by either name, not by one of both",
        ["ScheduleContract.Every_kind_of_schedule_comes_back_as_it_was_given"] = OneSchedule,
        ["ScheduleContract.A_schedule_is_added_changed_and_deleted"] = OneSchedule,
        ["ScheduleContract.A_taken_slug_is_a_conflict"] = OneSchedule,
        ["ScheduleContract.An_update_by_slug_keeps_id_and_pause_and_leaves_the_others_alone"] = OneSchedule,
        ["ScheduleContract.A_schedule_can_be_renamed_by_an_update"] = OneSchedule,
        ["ApplyContract.Applying_creates_flow_queue_and_schedules_and_applying_again_updates"] = OneSchedule,
        ["ApplyContract.Schedules_that_are_not_listed_are_removed_and_null_leaves_them"] = OneSchedule,
        ["FlowContract.A_flow_is_created_once_and_keeps_its_tags"] = Labels,
        ["FlowContract.The_tags_of_a_flow_are_replaced_and_kept_when_absent"] = Labels,
        ["ScheduleContract.Runs_of_past_due_times_are_created_on_demand_and_once"] = OneSchedule,
        ["FlowRunContract.A_run_of_a_deployment_inherits_from_it"] = "Prefect 2 has job variables of deployments only",
        ["FlowRunContract.Parameters_that_do_not_fit_the_schema_are_a_conflict"] = Schema,
        ["StateContract.A_repeated_transition_is_rejected"] = "Prefect 2 knows no transition ids",
        ["StateContract.A_run_beyond_the_deployments_limit_awaits_a_slot"] = "Prefect 2 limits runs at once by pool or queue only",
        ["ConcurrencyContract"] = "Prefect 2 has no global concurrency limits",
        ["VariableContract.A_variable_keeps_any_JSON_value_and_is_changed_and_deleted"] = "Prefect 2's variables are texts",
    };

    /// <summary>Every fact of the table.</summary>
    public static IEnumerable<string> Facts => s_reasons.Keys;

    /// <summary>Why a test cannot pass; null where it must.</summary>
    public static string? Why(string type, string method) => s_reasons.GetValueOrDefault($"{type}.{method}") ?? s_reasons.GetValueOrDefault(type);

    /// <summary>Skips the running test where it is in the table.</summary>
    public static void Skip()
    {
        ITestContext context = TestContext.Current;
        if (Why(context.TestClass?.TestClassSimpleName ?? "", context.TestMethod?.MethodName ?? "") is { } reason)
        {
            Assert.Skip(reason + ".");
        }
    }
}
