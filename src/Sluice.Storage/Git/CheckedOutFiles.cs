namespace Sluice.Storage.Git;

/// <summary>Looks through what was checked out, before anybody uses it.</summary>
internal static class CheckedOutFiles
{
    private const string PointerBegin = "version https://git-lfs.github.com/spec/v1\n";
    private const int PointerLength = 1024;

    /// <summary>Refuses links that lead out of the folder, and files whose content lies elsewhere (Git LFS) and did not come.</summary>
    public static async Task CheckAsync(GitConnection connection, string shown, string commit, string folder, CancellationToken cancellationToken)
    {
        foreach (string path in Walk(folder))
        {
            if (new FileInfo(path).LinkTarget is { } target && LeadsOut(Path.GetRelativePath(folder, path), target))
            {
                throw new StorageException(StorageErrorKind.Damaged,
                    $"The commit {commit} of {shown} has the link '{Shown(path)}' to '{target}', which may lead out of the repository. Replace it by a relative link that goes up first and then down, or by a file.");
            }
        }
        // Only what the repository says is kept in LFS: another file may well look so.
        string listed = await connection.RunLocallyAsync($"Cannot read {commit} of {shown}", folder, ["ls-files", "-z", "--", ":(attr:filter=lfs)"], cancellationToken).ConfigureAwait(false);
        string[] pointers = [.. listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(path => IsPointer(Path.Combine(folder, path)))];
        if (pointers.Length > 0)
        {
            throw new StorageException(StorageErrorKind.Invalid,
                $"The commit {commit} of {shown} keeps '{pointers[0]}'{(pointers.Length > 1 ? $" and {pointers.Length - 1} more" : "")} in Git LFS, and this machine did not fetch it from there: install git-lfs and run 'git lfs install'.");
        }

        string Shown(string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');
    }

    /// <summary>All files and links below a folder, without what is behind links and without git's own folder at its root.</summary>
    public static IEnumerable<string> Walk(string folder)
    {
        var folders = new Stack<string>([folder]);
        while (folders.TryPop(out string? next))
        {
            foreach (FileSystemInfo entry in new DirectoryInfo(next).EnumerateFileSystemInfos())
            {
                if (entry is FileInfo || entry.LinkTarget is not null)
                    yield return entry.FullName;
                else if (next != folder || entry.Name != ".git")
                    folders.Push(entry.FullName);
            }
        }
    }

    /// <summary>
    /// Whether a link may lead out. A link's own folder is a real one, so its first steps up are what they seem; a step up behind a name may start anywhere, if
    /// that name is a link again.
    /// </summary>
    internal static bool LeadsOut(string link, string target)
    {
        string[] steps = target.Replace('\\', '/').Split('/');
        if (steps[0].Length == 0 || Path.IsPathRooted(target) || steps[0].Contains(':', StringComparison.Ordinal))
            return true;
        string[] meant = [.. steps.Where(step => step is not ("" or "."))];
        int up = meant.TakeWhile(step => step == "..").Count();
        return meant.Skip(up).Contains("..") || up > link.Replace('\\', '/').Count(c => c == '/');
    }

    private static bool IsPointer(string path)
    {
        var file = new FileInfo(path);
        return file is { Exists: true, LinkTarget: null, Length: <= PointerLength } && File.ReadAllText(path).StartsWith(PointerBegin, StringComparison.Ordinal);
    }
}
