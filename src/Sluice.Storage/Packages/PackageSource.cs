namespace Sluice.Storage.Packages;

/// <summary>A file that goes into a package.</summary>
/// <param name="Path">Its path in the package, with <c>/</c>.</param>
/// <param name="FullPath">Where it is now. A symbolic link is read through: packages hold no links.</param>
/// <param name="Executable">True gives it the mode 755 also where it has no such bit, as a program built on Windows for Linux.</param>
public sealed record PackageSource(string Path, string FullPath, bool Executable = false);
