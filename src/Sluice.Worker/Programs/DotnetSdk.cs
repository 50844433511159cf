using Sluice.Worker.Launch;

namespace Sluice.Worker.Programs;

/// <summary>The .NET SDKs of this machine, which build what is stored as source.</summary>
/// <param name="Program">The <c>dotnet</c> beside them.</param>
/// <param name="Versions">As <c>10.0.401</c>; several are joined by commas. Which of them builds is for the source's <c>global.json</c> to say.</param>
internal sealed record DotnetSdk(string Program, string Versions)
{
    /// <summary>The first <c>dotnet</c> that has an SDK beside it; null where none has. Only folders are looked at: a cached build costs no process.</summary>
    public static DotnetSdk? Find(IDictionary<string, string?> environment) => Find(DotnetHost.Candidates(environment));

    internal static DotnetSdk? Find(IEnumerable<string> programs)
    {
        foreach (string program in programs)
        {
            string real = File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program;
            string folder = Path.Combine(Path.GetDirectoryName(real)!, "sdk");
            if (!Directory.Exists(folder))
                continue;
            string[] versions = [.. Directory.EnumerateDirectories(folder).Where(sdk => File.Exists(Path.Combine(sdk, "dotnet.dll"))).Select(sdk => Path.GetFileName(sdk)).Order(StringComparer.Ordinal)];
            if (versions.Length > 0)
                return new(program, string.Join(", ", versions));
        }
        return null;
    }
}
