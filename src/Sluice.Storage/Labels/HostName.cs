namespace Sluice.Storage.Labels;

/// <summary>What a machine is called where packages on its disk are concerned.</summary>
public static class HostName
{
    /// <summary>The variable that sets it, for containers, whose names change, and for machines that share a name.</summary>
    public const string Variable = "SLUICE_HOST";

    /// <summary>SLUICE_HOST, else the machine's name. Upper and lower case are the same.</summary>
    /// <param name="variable">Reads an environment variable; null reads the process's own.</param>
    public static string Current(Func<string, string?>? variable = null) =>
        (variable ?? Environment.GetEnvironmentVariable)(Variable)?.Trim() is { Length: > 0 } set ? set : Environment.MachineName;
}
