using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Sluice.Generators.Analyzers;

/// <summary>Reports a rule's diagnostic.</summary>
/// <param name="location">The characters at fault.</param>
/// <param name="arguments">What the message names.</param>
/// <param name="mend">What a code fix may do, made by <see cref="Mend"/>.</param>
internal delegate void Report(Location location, object[] arguments, ImmutableDictionary<string, string?>? mend = null);
