using System.Text.RegularExpressions;
using Sluice.Cli.Runs;

namespace Sluice.Generators.Storage;

/// <summary>
/// Reads where a deployment's package goes, a URI, an absolute folder or a named block, by the rules of the stores: what they would refuse when it is published. Characters
/// are looked at as written, since an IDE marks them.
/// </summary>
internal sealed class StorageText
{
    private static readonly Regex _scheme = new(@"^(?<scheme>[A-Za-z][A-Za-z0-9+.\-]+):", RegexOptions.CultureInvariant);
    private static readonly Regex _folder = new(@"^(?:/|\\\\|[A-Za-z]:[\\/])", RegexOptions.CultureInvariant);
    private static readonly Regex _block = new(@"^(?<type>[a-z][a-z0-9\-]+)/(?<name>[^/?]+)(?:/[^?]*)?(?<query>\?.*)?\z", RegexOptions.CultureInvariant | RegexOptions.Singleline);
    private static readonly Regex _blockName = new(@"^[a-z0-9\-]+\z", RegexOptions.CultureInvariant);

    private readonly string _text;
    private readonly List<StorageProblem> _problems = [];

    private StorageText(string text) => _text = text;

    /// <summary>What is wrong with a text, in the order of its characters as far as it is known.</summary>
    public static IReadOnlyList<StorageProblem> Read(string text)
    {
        // An empty one is another rule's.
        if (string.IsNullOrWhiteSpace(text) || _folder.IsMatch(text))
            return [];
        var reading = new StorageText(text);
        if (_scheme.Match(text) is { Success: true } match)
            reading.ReadUri(match.Groups["scheme"].Value);
        else
            reading.ReadBlock(0);
        return reading._problems;
    }

    private void Add(StorageRule rule, int offset, int length, string message, string? replacement = null) => _problems.Add(new(rule, offset, length, message, replacement));

    /// <summary>The text with some characters replaced.</summary>
    private string With(int offset, int length, string text) => _text.Remove(offset, length).Insert(offset, text);

    private void ReadBlock(int from)
    {
        string block = _text.Substring(from);
        if (_block.Match(block) is not { Success: true } match)
        {
            Add(StorageRule.Scheme, 0, _text.Length, $"'{_text}' is neither a URI, nor an absolute folder, nor a named block: write it as s3://bucket/folder, /folder or s3/my-block");
            return;
        }
        Group type = match.Groups["type"], name = match.Groups["name"], query = match.Groups["query"];
        if (!StorageSchemes.Blocks.Contains(type.Value))
        {
            string? near = type.Value is "gitlab" or "gs" or "az" ? type.Value switch { "gitlab" => "gitlab-repository", "gs" => "gcs", _ => "azure" } : DidYouMean.Nearest(type.Value, StorageSchemes.Blocks);
            string advice = type.Value == "secret" ? "a secret is no storage; write ${NAME} where its value is wanted"
                : near is not null ? $"did you mean '{near}'?"
                : $"there are {string.Join(", ", StorageSchemes.Blocks)}; a folder is written from its root, as /{block}";
            Add(StorageRule.BlockType, from + type.Index, type.Length, $"'{type.Value}' is no type of named blocks: {advice}", near is null || type.Value == "secret" ? null : With(from + type.Index, type.Length, near));
            return;
        }
        if (!_blockName.IsMatch(name.Value))
        {
            string lower = name.Value.ToLowerInvariant().Replace('_', '-').Replace(' ', '-');
            Add(StorageRule.Malformed, from + name.Index, name.Length, $"'{name.Value}' is no name of a block: names have lower-case letters, digits and dashes", _blockName.IsMatch(lower) ? With(from + name.Index, name.Length, lower) : null);
        }
        bool isSource = type.Value is "github" or "gitlab-repository";
        if (query.Length > 0 && !(isSource && query.Value.StartsWith("?path=", StringComparison.Ordinal)))
            Add(StorageRule.Option, from + query.Index, query.Length, "A named block has its options itself: 'sluice block update' changes them", With(from + query.Index, query.Length, ""));
    }

    private void ReadUri(string written)
    {
        string scheme = written.ToLowerInvariant();
        int after = written.Length + 1;
        bool hasSlashes = string.CompareOrdinal(_text, after, "//", 0, 2) == 0;
        if (scheme == "block" && hasSlashes)
        {
            ReadBlock(after + 2);
            return;
        }
        if (!StorageSchemes.All.TryGetValue(scheme, out IReadOnlyList<SchemeOption>? options))
        {
            UnknownScheme(written, scheme);
            return;
        }
        if (!hasSlashes)
        {
            // file:/folder is one.
            if (scheme != "file")
                Add(StorageRule.Malformed, 0, after, $"Two slashes belong behind '{written}:'; write it as {Form(scheme)}", With(after, _text.Length > after && _text[after] == '/' ? 1 : 0, "//"));
            return;
        }
        int start = after + 2;
        int pathAt = IndexOfAny(start, '/', '?', '#'), queryAt = IndexOfAny(pathAt, '?', '#'), end = IndexOfAny(queryAt, '#');
        if (end < _text.Length)
            Add(StorageRule.Malformed, end, _text.Length - end, "What follows '#' is not looked at; a '#' in a name is written %23", With(end, 1, "%23"));
        var given = ReadQuery(scheme, options, queryAt, end);
        ReadAuthority(scheme, start, pathAt);
        ReadPath(scheme, start, pathAt, queryAt, given);
        int segments = _text.Substring(pathAt, queryAt - pathAt).Split(['/'], StringSplitOptions.RemoveEmptyEntries).Length;
        Exclusions.Check(scheme, _text.Substring(start, pathAt - start), segments, given, (option, message) => Add(StorageRule.Excluded, option.Offset, option.Length, message));
    }

    private void UnknownScheme(string written, string scheme)
    {
        string? meant = scheme switch
        {
            "gcs" => "gs",
            "azure" or "abfs" or "abfss" or "wasb" or "wasbs" => "az",
            "s3a" or "s3n" => "s3",
            "oci" => "docker",
            "git" or "ssh" => "git+ssh",
            "https" or "http" when _text.EndsWith(".git", StringComparison.Ordinal) => "git+" + scheme,
            "https" or "http" or "sftp" or "ftp" or "webdav" or "hdfs" => null,
            _ => DidYouMean.Nearest(scheme, StorageSchemes.All.Keys),
        };
        string advice = meant is not null ? $"did you mean '{meant}'?"
            : scheme is "https" or "http" ? "write webhook+https:// for a webhook and git+https:// for a repository"
            : scheme is "sftp" or "ftp" or "webdav" or "hdfs" ? "rclone reaches it, as rclone://remote/folder"
            : $"there are {string.Join(", ", StorageSchemes.All.Keys)}";
        Add(StorageRule.Scheme, 0, written.Length, $"No storage has the scheme '{written}': {advice}", meant is null ? null : With(0, written.Length, meant));
    }

    private void ReadAuthority(string scheme, int start, int end)
    {
        int at = end > start ? _text.LastIndexOf('@', end - 1, end - start) : -1;
        string user = at < 0 ? "" : _text.Substring(start, at - start);
        if (at >= 0 && !(scheme == "git+ssh" && user.IndexOf(':') < 0))
            Add(StorageRule.Malformed, start, at + 1 - start, "A URI is no place for a user or password, which would be compiled into the assembly: credentials are options, as ${NAME}", With(start, at + 1 - start, ""));
        int host = at < 0 ? start : at + 1;
        if (host == end && scheme is not ("file" or "docker"))
        {
            Add(StorageRule.Malformed, 0, end, $"The storage names no {Place(scheme)}: write it as {Form(scheme)}");
            return;
        }
        int colon = end > host ? _text.IndexOf(':', host, end - host) : -1;
        bool hasNoPort = scheme is "s3" or "gs" or "az" or "rclone" or "smb" or "github" or "gitlab" or "bitbucket" or "codecommit";
        if (colon >= 0 && hasNoPort)
            Add(StorageRule.Malformed, colon, end - colon, $"The {Place(scheme)} of a storage has no port{(scheme is "s3" or "gs" or "az" ? "; the address of a server is the option endpoint_url" : scheme == "smb" ? "; it is the option smb_port" : "; the address of a server is the option host")}");
    }

    private void ReadPath(string scheme, int start, int pathAt, int queryAt, IReadOnlyList<GivenOption> given)
    {
        if (pathAt == start && scheme is not ("file" or "docker"))
            return;
        string path = _text.Substring(pathAt, queryAt - pathAt).Trim('/');
        int segments = path.Length == 0 ? 0 : path.Split(['/'], StringSplitOptions.RemoveEmptyEntries).Length;
        bool isKeyed = scheme is "s3" or "gs" or "az" or "smb" or "rclone";
        if (isKeyed && path.Length > 0 && path.IndexOf('%') < 0 && KeyRules.Refuse(path) is { } reason)
            Add(StorageRule.Malformed, pathAt, queryAt - pathAt, $"The folder '{path}' is not possible: {reason}");
        bool isIncomplete = scheme switch
        {
            "smb" or "github" or "gitlab" or "git+https" or "git+http" or "git+ssh" => segments == 0,
            "codecommit" => segments != 1,
            "bitbucket" => segments != 1 && !given.Any(option => option.Name == "project"),
            _ => false,
        };
        if (isIncomplete)
            Add(StorageRule.Malformed, start, queryAt - start, $"The storage names no {(scheme == "smb" ? "share" : "repository")}: write it as {Form(scheme)}");
    }

    private List<GivenOption> ReadQuery(string scheme, IReadOnlyList<SchemeOption> known, int from, int end)
    {
        var given = new List<GivenOption>();
        for (int at = from + 1; at < end;)
        {
            int next = _text.IndexOf('&', at, end - at);
            int stop = next < 0 ? end : next;
            if (stop > at)
                ReadOption(scheme, known, at, stop, given);
            at = stop + 1;
        }
        return given;
    }

    private void ReadOption(string scheme, IReadOnlyList<SchemeOption> known, int from, int end, List<GivenOption> given)
    {
        int equals = _text.IndexOf('=', from, end - from);
        int nameEnd = equals < 0 ? end : equals, valueAt = equals < 0 ? end : equals + 1;
        string name = Unescape(from, nameEnd), value = Unescape(valueAt, end);
        if (known.FirstOrDefault(candidate => candidate.Covers(name)) is not { } option)
        {
            string? near = DidYouMean.Nearest(name, known.Where(candidate => !candidate.IsOpen).Select(candidate => candidate.Name));
            string advice = near is not null ? $"did you mean '{near}'?" : known.Count == 0 ? "it has none" : $"it has {string.Join(", ", known.Select(candidate => candidate.Name))}";
            Add(StorageRule.Option, from, nameEnd - from, $"The storage {scheme} has no option '{name}': {advice}", near is null ? null : With(from, nameEnd - from, near));
            return;
        }
        if (given.Exists(other => other.Name == name))
            Add(StorageRule.Value, from, end - from, $"The option {name} is given twice");
        given.Add(new(name, value, from, nameEnd - from));
        if (value.Length == 0)
        {
            Add(StorageRule.Value, from, end - from, $"The option {name} has no value");
            return;
        }
        bool refers = SecretTexts.Refers(value), isPlain = value.Length == end - valueAt;
        if (SecretTexts.Stray(value) is { } stray)
        {
            int at = isPlain ? valueAt + stray.Offset : valueAt, length = isPlain ? stray.Length : end - valueAt;
            Add(StorageRule.Template, at, length, $"A dollar sign in the option {name} begins no name: write ${{NAME}} for a secret and $$ for the sign itself", isPlain ? With(at, length, stray.Mend) : null);
        }
        else if (!refers && (option.IsSecret || IsSecretHeader(name)))
        {
            string reference = $"${{{SecretName(scheme, name)}}}", kept = Prefix(value);
            Add(
                StorageRule.Secret, valueAt, end - valueAt, $"The option {name} is a secret, which would be compiled into the assembly: write {name}={kept}{reference}, and set it where it is published and where it runs",
                With(valueAt, end - valueAt, kept + reference));
        }
        else if (option.Values is { } values && !refers && !values.Contains(value))
        {
            string? near = DidYouMean.Nearest(value, values);
            Add(StorageRule.Value, valueAt, end - valueAt, $"The option {name} can be {string.Join(", ", values)}{(near is null ? "" : $"; did you mean '{near}'?")}", near is null ? null : With(valueAt, end - valueAt, near));
        }
    }

    // Rule: WebhookOptions of the stores.
    private static readonly Regex _secretHeader = new("_header_(?:(?:proxy-)?authorization$|cookie$|.*(?:token|secret|password|api-?key|signature))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static bool IsSecretHeader(string option) => _secretHeader.IsMatch(option);

    /// <summary>The secret to refer to: where an option's name tells no system, that comes first, as in GITHUB_ACCESS_TOKEN, which is also looked for by default.</summary>
    private static string SecretName(string scheme, string option)
    {
        string name = option is "access_token" or "password" ? $"{scheme.Substring(scheme.IndexOf('+') + 1)}_{option}" : option;
        int header = name.IndexOf("_header_", StringComparison.Ordinal);
        if (header >= 0)
            name = "webhook_" + name.Substring(header + "_header_".Length);
        return string.Concat(name.ToUpperInvariant().Select(c => c is >= 'A' and <= 'Z' or >= '0' and <= '9' ? c : '_'));
    }

    private static string Prefix(string value)
    {
        foreach (string word in new[] { "Bearer ", "Basic ", "token " })
            if (value.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return value.Substring(0, word.Length);
        return "";
    }

    private int IndexOfAny(int from, params char[] marks) => _text.IndexOfAny(marks, from) is >= 0 and var at ? at : _text.Length;

    private string Unescape(int from, int end)
    {
        string raw = _text.Substring(from, end - from);
        return raw.IndexOf('%') < 0 ? raw : Uri.UnescapeDataString(raw);
    }

    private static string Place(string scheme) => scheme switch
    {
        "s3" or "gs" => "bucket",
        "az" => "container",
        "rclone" => "remote",
        "smb" => "share",
        "webhook+https" or "webhook+http" => "host",
        _ => "repository",
    };

    private static string Form(string scheme) => scheme switch
    {
        "file" => "file:///folder",
        "s3" => "s3://bucket/folder",
        "gs" => "gs://bucket/folder",
        "az" => "az://container/folder",
        "rclone" => "rclone://remote/folder",
        "smb" => "smb://host/share/folder",
        "docker" => "docker://registry.example/team",
        "github" => "github://owner/repository",
        "gitlab" => "gitlab://group/project",
        "bitbucket" => "bitbucket://workspace/repository",
        "codecommit" => "codecommit://region/repository",
        "git+ssh" => "git+ssh://git@host/repository.git",
        "git+https" or "git+http" => scheme + "://host/repository.git",
        _ => scheme + "://host/path/{sha256}",
    };
}
