namespace Sluice.Testing;

/// <summary>The checkout that the tests run in.</summary>
public static class Repository
{
    /// <summary>Its root folder: the one that holds Generators.sln.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Generators.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No Generators.sln above {AppContext.BaseDirectory}.");
    }
}
