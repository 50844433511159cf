using System.Globalization;

namespace Sluice.Deploy.Files;

/// <summary>Reads files of deployments together.</summary>
internal static class FileSet
{
    /// <summary>All of them, or all that is wrong with any.</summary>
    public static async Task<(IReadOnlyList<DeploymentFile> Files, IReadOnlyList<DeployError> Faults)> ReadAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var files = new List<DeploymentFile>();
        var errors = new List<DeployError>();
        foreach (string name in names)
        {
            (DeploymentFile? file, IReadOnlyList<FileFault> faults) = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
            errors.AddRange(faults.Select(fault => Error(name, fault)));
            if (file is null)
                continue;
            if (files.Find(other => other.FullName == file.FullName) is { } twin)
                errors.Add(Error(name, new(file.Root["name"]!.Line, file.Root["name"]!.Column, DeployCodes.FileTwice, $"'{file.FullName}' is in {twin.Name} too: give one of the two another name.")));
            files.Add(file);
        }
        return (files, errors);
    }

    /// <summary>The message of a fault with its place.</summary>
    public static DeployError Error(string name, FileFault fault) =>
        new(fault.Code, fault.Message, string.Create(CultureInfo.InvariantCulture, $"{name}({fault.Line},{fault.Column})"));

    private static async Task<(DeploymentFile? File, IReadOnlyList<FileFault> Faults)> ReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return DeploymentFileReader.Read(name, await DeploymentFileReader.TextAsync(name, cancellationToken).ConfigureAwait(false));
        }
        catch (FileFaultException e)
        {
            return (null, [e.Fault]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string hint = e is FileNotFoundException or DirectoryNotFoundException ? "The file does not exist: name what 'sluice deployment build' wrote." : $"The file cannot be read: {e.Message}";
            return (null, [new(1, 1, DeployCodes.FileUnreadable, hint)]);
        }
    }
}
