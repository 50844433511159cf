using Sluice.Deploy.Packaging;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Packaging;

public sealed class IgnoreFileTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    /// <summary>Rules, a path, and whether <c>git check-ignore --no-index</c> 2.39 leaves it out.</summary>
    public static TheoryData<string, string, bool> Facts => new()
    {
        { "*.pdb", "a.pdb", true },
        { "*.pdb", "sub/a.pdb", true },
        { "*.pdb", "a.pdb.txt", false },
        { "*.pdb", "A.PDB", false },
        { "/root.txt", "root.txt", true },
        { "/root.txt", "sub/root.txt", false },
        { "logs/", "logs/x/y.txt", true },
        { "logs/", "logs", false },
        { "logs/", "sub/logs/y.txt", true },
        { "doc/*.txt", "doc/a.txt", true },
        { "doc/*.txt", "doc/sub/a.txt", false },
        { "doc/*.txt", "sub/doc/a.txt", false },
        { "**/doc/a.txt", "sub/doc/a.txt", true },
        { "**/doc/a.txt", "doc/a.txt", true },
        { "a/**/b", "a/b", true },
        { "a/**/b", "a/x/y/b", true },
        { "data/**", "data/x/y.csv", true },
        { "[ab].c", "a.c", true },
        { "[!ab].c", "c.c", true },
        { "[!ab].c", "a.c", false },
        { "?.c", "ab.c", false },
        { "# comment", "# comment", false },
        { "\\#file", "#file", true },
        { "\\!file", "!file", true },
        { "\\!file", "sub/!file", true },
        { "\\!sub/file", "!sub/file", true },
        { "\\!sub/file", "x/!sub/file", false },
        { "wow!.txt", "wow!.txt", true },
        { "trailing   ", "trailing", true },
        { "", "a", false },
        { "*.pdb\n!keep.pdb", "sub/keep.pdb", false },
        { "!keep.pdb\n*.pdb", "keep.pdb", true },
        { "build/*\n!build/keep/", "build/keep/z.txt", false },
        { "build/*\n!build/keep/", "build/other/z.txt", true },
        { "build/\n!build/keep/z.txt", "build/keep/z.txt", true },
        { "/*\n!/keep.txt", "keep.txt", false },
        { "/*\n!/keep.txt", "sub/keep.txt", true },
        { "a b.txt", "a b.txt", true },
        { "naïve*.txt", "naïve-1.txt", true },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public void Rules_mean_what_git_means(string rules, string path, bool ignored)
    {
        _temp.Write(".sluiceignore", rules);
        IgnoreFile.Find(_temp.Path)!.Ignores(path).ShouldBe(ignored);
    }

    [Fact]
    public void The_own_file_goes_before_Prefects_and_the_publish_folders_rules_come_last()
    {
        IgnoreFile.Find(_temp.Path).ShouldBeNull();
        _temp.Write(".prefectignore", "*.md");
        IgnoreFile.Find(_temp.Path)!.Ignores("a.md").ShouldBeTrue();
        _temp.Write(".sluiceignore", "*.txt");
        IgnoreFile.Find(_temp.Path)!.Ignores("a.md").ShouldBeFalse();

        _temp.Write("publish/.sluiceignore", "!a.txt");
        IgnoreFile both = IgnoreFile.Find(_temp.Path, _temp["publish"])!;
        both.Ignores("a.txt").ShouldBeFalse();
        both.Ignores("b.txt").ShouldBeTrue();
        both.Paths.ShouldBe([_temp[".sluiceignore"], _temp["publish/.sluiceignore"]]);
    }
}
