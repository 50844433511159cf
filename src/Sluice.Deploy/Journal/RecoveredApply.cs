using System.Globalization;
using Sluice.Orchestration;

namespace Sluice.Deploy.Journal;

/// <summary>What became of an interrupted publish.</summary>
public sealed record RecoveredApply
{
    /// <summary>The app that was published.</summary>
    public required string App { get; init; }

    /// <summary><c>completed</c>, <c>undone</c>, or <c>running</c> where its publisher lives and it was left alone.</summary>
    public required string Outcome { get; init; }

    /// <summary>The deployments that it touches, as <c>flow/deployment</c>.</summary>
    public IReadOnlyList<string> Deployments { get; init; } = [];

    /// <summary>The machine and process that began it.</summary>
    public required string Publisher { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>Why it was undone.</summary>
    public string? Because { get; init; }

    /// <summary>What somebody else changed meanwhile, and stays.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>Completes or undoes what a dead publisher left; null where another one was faster.</summary>
    /// <exception cref="DeployException">It could be neither completed nor undone; or its journal cannot be read.</exception>
    internal static async Task<RecoveredApply?> OfAsync(
        JournalStore journals, DeployEnvironment environment, IOrchestrationApi api, FoundJournal found, bool? complete, CancellationToken cancellationToken)
    {
        await using ApplyJournal? journal = await ApplyJournal.TakeOverAsync(journals, environment, found, cancellationToken).ConfigureAwait(false);
        if (journal is null)
            return null;
        ApplyRecovery recovery;
        try
        {
            recovery = await api.RecoverAsync(found.Document.Entry.GetRawText(), complete, journal, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Invalid && e.Undo is null && e.Message.StartsWith("it ", StringComparison.Ordinal))
        {
            throw journals.Damaged(found.Folder, found.Number, e.Message);
        }
        catch (OrchestrationException e)
        {
            throw new DeployException((DeployCodes.ApplyLeft,
                $"A publish of '{found.Document.App}' was interrupted ({found.Who}) and could not be {(complete == true ? "completed" : "undone")} now: {e.Message.TrimEnd('.')}. Its journal stays: {journals.Shown(found.Folder, found.Number)}"));
        }
        await AppLocks.FreeAsync(journals, found.Document, environment).ConfigureAwait(false);
        return new()
        {
            App = found.Document.App,
            Outcome = recovery.Completed ? "completed" : "undone",
            Deployments = recovery.Deployments,
            Publisher = found.Document.Publisher.ToString(),
            Began = found.Document.Created,
            Because = recovery.Completed ? null : recovery.Because,
            Kept = recovery.Kept,
        };
    }

    /// <summary>A line for people.</summary>
    public override string ToString()
    {
        string what = $"a publish of '{App}' that was interrupted ({Publisher}, {Began.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC)";
        string names = string.Join(", ", Deployments.Take(5)) + (Deployments.Count > 5 ? string.Create(CultureInfo.InvariantCulture, $" and {Deployments.Count - 5} more") : "");
        return Outcome switch
        {
            "running" => $"a publish of '{App}' applies right now ({Publisher}, since {Began.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC); it was left alone.",
            "completed" => $"{what} is completed: {names}.",
            _ => $"{what} is undone{(Because is null ? "" : $", since {Because.TrimEnd('.')}")}: {names} {(Deployments.Count == 1 ? "is" : "are")} as before{(Kept.Count == 0 ? "" : $", but for what somebody else changed meanwhile: {string.Join("; ", Kept)}")}.",
        };
    }
}
