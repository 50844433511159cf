using System.Text.Json;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>Decides field by field, and remembers what was decided.</summary>
internal sealed class FieldDifferences(DeploymentFields? before, DeploymentFields code, DeploymentFields live, ConflictRule rule, FieldMask mask, ParameterFit fit)
{
    private readonly Dictionary<FieldPath, FieldDecision> _decisions = [];
    private readonly List<(FieldPath Path, FieldChange Change)> _changes = [];

    public DeploymentFields? Before => before;

    /// <summary>Whether a field was left as it is only because the last publish is not known.</summary>
    public bool LeftAny { get; private set; }

    public DeploymentFields Code => code;

    public DeploymentFields Live => live;

    /// <summary>Whether the code says another thing than at the last publish, whatever the server has.</summary>
    public bool IsBaseOld { get; private set; }

    /// <summary>In the order of their paths.</summary>
    public IReadOnlyList<FieldChange> Changes => [.. _changes.OrderBy(change => change.Path).Select(change => change.Change)];

    /// <summary>The value that a field has afterwards: the server's where that was decided and while nobody decided, else the code's.</summary>
    public JsonElement? Merged(FieldPath path) => KeepsLive(path) ? live[path] : code[path];

    public bool KeepsLive(FieldPath path) => _decisions.TryGetValue(path, out FieldDecision decision) && decision != FieldDecision.Code;

    /// <summary>Whether it differed and becomes the code's, which may say nothing of it.</summary>
    public bool TakesCode(FieldPath path) => _decisions.TryGetValue(path, out FieldDecision decision) && decision == FieldDecision.Code;

    /// <summary>The rule of all fields that have none of their own.</summary>
    public void Merge(FieldPath path)
    {
        (JsonElement? b, JsonElement? c, JsonElement? l) = (before?[path], code[path], live[path]);
        if (FieldValues.Same(c, l))
        {
            if (c is { } said && !JsonElement.DeepEquals(said, l!.Value))
                Decide(path, FieldClass.Normalised, FieldDecision.Live);
            return;
        }
        if (before is null || FieldValues.Same(b, l))
            Decide(path, FieldClass.CodeChanged, FieldDecision.Code);
        else if (FieldValues.Same(b, c))
            Decide(path, FieldClass.Drift, fit.Fits(path, l) ? FieldDecision.Live : FieldDecision.Code);
        else
            DecideConflict(path);
    }

    /// <summary>Without the last publish, what the code does not say may be anybody's, and stays.</summary>
    public void Leave(FieldPath path)
    {
        _decisions[path] = FieldDecision.Live;
        LeftAny |= !FieldValues.Same(code[path], live[path]);
    }

    /// <summary>A field that publishing alone sets.</summary>
    public void TakeCode(FieldPath path)
    {
        if (!FieldValues.Same(code[path], live[path]))
            Decide(path, before is not null && FieldValues.Same(before[path], code[path]) ? FieldClass.Drift : FieldClass.CodeChanged, FieldDecision.Code);
    }

    /// <summary>A switch that the code leaves to people where it does not say it. What it said before and says no more becomes as it is where nobody touched it.</summary>
    public void MergeSwitch(FieldPath path)
    {
        JsonElement? said = Said(code, path);
        if (FieldValues.Same(said, live[path]))
            return;
        if (FieldValues.Same(Said(before, path), live[path]) || (before is null && code[path] is not null))
            Decide(path, FieldClass.CodeChanged, FieldDecision.Code, said);
        else if (code[path] is null || FieldValues.Same(before?[path], code[path]))
            Decide(path, FieldClass.Drift, FieldDecision.Live);
        else
            DecideConflict(path);
    }

    /// <summary>Both changed it: the rule decides.</summary>
    public FieldDecision DecideConflict(FieldPath path)
    {
        FieldDecision decision = rule switch
        {
            ConflictRule.Keep => fit.Fits(path, live[path]) ? FieldDecision.Live : FieldDecision.Code,
            ConflictRule.Code => FieldDecision.Code,
            _ => FieldDecision.Undecided,
        };
        Decide(path, FieldClass.Conflict, decision);
        return decision;
    }

    /// <summary>
    /// Finds, when all else is decided, what the code says otherwise than at the last publish. Where the server says the same already nothing is left to do but to remember
    /// it: with the old value as the last one, a person who changes it back would be taken for nobody.
    /// </summary>
    public void Settle()
    {
        if (before is null)
            return;
        HashSet<FieldPath> told = [.. _changes.Where(one => one.Change.Class != FieldClass.Normalised).Select(one => one.Path)];
        foreach (FieldPath path in before.Paths.Union(code.Paths).Where(path => !code.IsOwn(path) && !before.IsOwn(path) && !FieldValues.Same(before[path], code[path])).ToArray())
        {
            IsBaseOld = true;
            // A switch that is said to be as it is anyhow is no change yet; that it is said decides who changed it later.
            if (FieldValues.Same(Said(before, path), Said(code, path)))
                continue;
            FieldPath whole = path.Member == FieldPath.Schedules ? new(path.Member, path.Key) : path, when = whole with { Name = FieldPath.When };
            bool isWhole = whole != path && (before[when] is null) != (code[when] is null);
            if (isWhole ? told.Any(one => one.Member == path.Member && one.Key == path.Key) : told.Contains(whole) || _changes.Exists(one => one.Path == path))
                continue;
            FieldPath shown = isWhole ? whole : path;
            if (told.Add(shown))
                Tell(shown, FieldClass.Agreed, FieldDecision.Live);
        }
    }

    /// <summary>What is said of a whole schedule holds for its members.</summary>
    public void DecideMembers(IEnumerable<FieldPath> members, FieldDecision decision)
    {
        foreach (FieldPath member in members)
            _decisions[member] = decision;
    }

    /// <summary>Decides a field.</summary>
    /// <param name="path">Which.</param>
    /// <param name="kind">Who changed it.</param>
    /// <param name="decision">Whose value it gets.</param>
    /// <param name="said">What the code means, where it does not say it.</param>
    public void Decide(FieldPath path, FieldClass kind, FieldDecision decision, JsonElement? said = null)
    {
        _decisions[path] = decision;
        Tell(path, kind, decision, said);
    }

    /// <summary>What is said of a field; of a switch, where nothing is said, how it stands where nobody touched it.</summary>
    private static JsonElement? Said(DeploymentFields? fields, FieldPath path) => fields?[path] ?? path switch
    {
        { Member: FieldPath.Paused } => FieldValues.Of(false),
        { Member: FieldPath.Schedules, Name: FieldPath.Active } => FieldValues.Of(true),
        _ => null,
    };

    private void Tell(FieldPath path, FieldClass kind, FieldDecision decision, JsonElement? said = null)
    {
        (JsonElement? b, JsonElement? c, JsonElement? l) = (before?.Whole(path), code.Whole(path) ?? said, live.Whole(path));
        string shown = path.ToString();
        // schedules[daily].cron, where all are of one kind.
        if (path is { Member: FieldPath.Schedules, Name: FieldPath.When } && Kinds(b, c, l).Distinct().ToArray() is [var kindOfSchedule])
        {
            shown = $"{path.Member}[{path.Key}].{kindOfSchedule}";
            (b, c, l) = (Only(b), Only(c), Only(l));
        }
        _changes.Add((path, new() { Path = shown, Base = mask.Of(path, b), Code = mask.Of(path, c), Live = mask.Of(path, l), Class = kind, Decision = decision }));
    }

    private static IEnumerable<string> Kinds(params IEnumerable<JsonElement?> values) =>
        values.OfType<JsonElement>().SelectMany(value => value.EnumerateObject().Select(member => member.Name));

    private static JsonElement? Only(JsonElement? value) => value?.EnumerateObject().Select(member => (JsonElement?)member.Value).FirstOrDefault();
}
