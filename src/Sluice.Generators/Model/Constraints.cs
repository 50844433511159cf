namespace Sluice.Generators.Model;

/// <summary>What the attributes of a parameter or member ask of its value beyond its type, and how they label it.</summary>
/// <param name="Minimum">[Range].</param>
/// <param name="Maximum">[Range].</param>
/// <param name="MinimumLength">The greatest of [StringLength], [MinLength], [Length] and [Required]; 0 for none.</param>
/// <param name="MaximumLength">The least of [StringLength], [MaxLength] and [Length]; <see cref="int.MaxValue"/> for none.</param>
/// <param name="Regex">[RegularExpression], as written.</param>
/// <param name="Forms">[EmailAddress], [Url], [Base64String].</param>
/// <param name="Allowed">[AllowedValues] as JSON, without null; empty for none.</param>
/// <param name="Denied">[DeniedValues] as JSON, without null.</param>
/// <param name="RefusesNull">Whether null is refused though the type allows it.</param>
/// <param name="IsRequired">[Required].</param>
/// <param name="IsSecret">[Secret].</param>
/// <param name="Title">[Display].</param>
/// <param name="Description">[Description] or [Display].</param>
/// <param name="Order">[Display].</param>
internal sealed record Constraints(
    Bound? Minimum, Bound? Maximum, int MinimumLength, int MaximumLength, string? Regex, TextForms Forms, EquatableArray<string> Allowed,
    EquatableArray<string> Denied, bool RefusesNull, bool IsRequired, bool IsSecret, string? Title, string? Description, int? Order)
{
    public static readonly Constraints None = new(
        null, null, 0, int.MaxValue, null, TextForms.None, EquatableArray<string>.Empty, EquatableArray<string>.Empty, false, false, false, null, null, null);

    /// <summary>Whether a value that its type takes may be refused.</summary>
    public bool Restricts => (this with { IsRequired = false, IsSecret = false, Title = null, Description = null, Order = null }) != None;
}

/// <summary>An end of a range.</summary>
/// <param name="Number">As JSON.</param>
internal sealed record Bound(string Number, bool IsExclusive);

/// <summary>What a string must be besides a string.</summary>
[Flags]
internal enum TextForms
{
    None = 0,
    Email = 1,
    Url = 2,
    Base64 = 4,
}
