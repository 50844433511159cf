using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Sluice.CodeFixes;

/// <summary>New text at a place of a file.</summary>
internal sealed record Change(SyntaxTree Tree, TextSpan Span, string Text);
