namespace Sluice.CodeFixes;
