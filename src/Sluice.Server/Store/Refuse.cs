using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>The refusals of the store.</summary>
internal static class Refuse
{
    public static OrchestrationException NotFound(string message) => new(OrchestrationErrorKind.NotFound, message);

    public static OrchestrationException Conflict(string message) => new(OrchestrationErrorKind.Conflict, message);

    public static OrchestrationException Forbidden(string message) => new(OrchestrationErrorKind.Forbidden, message);

    public static OrchestrationException Invalid(string field, string message) => new(OrchestrationErrorKind.Invalid, message) { Field = field };

    /// <summary>Fits the model, but not what the server holds.</summary>
    public static OrchestrationException Unfit(string message) => new(OrchestrationErrorKind.Invalid, message);

    /// <summary>Prefect's rule for names: not empty and without <c>/ % &amp; &gt; &lt;</c>, which would break its URLs.</summary>
    public static void BadName(string? name, string what)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw Invalid("body.name", $"The name of a {what} must not be empty.");
        int bad = name.AsSpan().IndexOfAny("/%&><");
        if (bad >= 0)
            throw Invalid("body.name", $"The name of a {what} must not hold '{name[bad]}': \"{name}\". The characters / % & > < are not allowed.");
    }

    /// <summary>Prefect's rule for the slugs of block types and the names of blocks.</summary>
    public static void BadSlug(string? slug, string field, string what)
    {
        if (string.IsNullOrEmpty(slug) || !slug.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw Invalid(field, $"The {what} must only contain lowercase letters, numbers, and dashes, found \"{slug}\".");
    }

    public static void Negative(int? limit, string field)
    {
        if (limit < 0)
            throw Invalid(field, $"{field["body.".Length..]} must be 0 or more, found {limit}.");
    }

    /// <summary>Checks a page and answers limit and offset.</summary>
    public static (int Limit, int Offset) BadPage(int? limit, int? offset)
    {
        if (limit is < 1 or > 200)
            throw Invalid("body.limit", $"limit must be 1 to 200, found {limit}.");
        if (offset < 0)
            throw Invalid("body.offset", $"offset must be 0 or more, found {offset}.");
        return (limit ?? 200, offset ?? 0);
    }

    public static OrchestrationException Sort(string sort, string allowed) =>
        Invalid("body.sort", $"sort must be one of {allowed}, found \"{sort}\".");
}
