using System.ComponentModel;

namespace Sluice.Runtime.Binding;

/// <summary>Collects what is wrong with parameters, each with its JSON path.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class BindingErrors
{
    private readonly List<BindingError> _errors = [];

    /// <summary>What was found so far.</summary>
    public IReadOnlyList<BindingError> Items => _errors;

    /// <summary>Adds a problem.</summary>
    /// <param name="path">JSON path, as <c>$.days</c> or <c>$.stations[2].name</c>.</param>
    /// <param name="message">What was found and what was expected.</param>
    public void Add(string path, string message) => _errors.Add(new(path, message));
}

/// <summary>One thing that is wrong with a parameter.</summary>
/// <param name="Path">JSON path.</param>
/// <param name="Message">What was found and what was expected.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record BindingError(string Path, string Message);
