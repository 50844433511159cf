using System.Text.RegularExpressions;
using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Webhook;

/// <summary>What a webhook's URI says: the request that stores a package, the one that gets it, and what publish wrote into it.</summary>
internal sealed partial record WebhookOptions
{
    private static readonly IReadOnlyList<string> s_methods = ["GET", "PATCH", "POST", "PUT"];

    /// <summary>The options by their names in a URI's query.</summary>
    public static IReadOnlyList<StoreOption> Known { get; } =
    [
        new("build_method", "Method of the request that stores a package. Default: POST.", Values: s_methods),
        new("build_url", "Its URL. Default: the storage's own address."),
        new("build_header_NAME", "A header of it, as build_header_Authorization."),
        new("build_body", "Its body as text, in which {archive} is the archive as base64. Default: the archive itself."),
        new("id_pointer", "JSON pointer (RFC 6901) to the id in its answer, which {id} then stands for."),
        new("get_method", "Method of the request that gets a package. Default: GET.", Values: s_methods),
        new("get_url", "Its URL. Default: the storage's own address."),
        new("get_header_NAME", "A header of it."),
        new("get_body", "Its body as text. Default: none."),
        new("get_pointer", "JSON pointer to the archive as base64 in its answer. Default: the answer is the archive."),
        new("config", "A JSON file with these options, read by publish and relative to where it runs."),
        new("name", "What {name} stands for. Written by publish."),
        new("key", "What {key} stands for. Written by publish."),
        new("id", "What {id} stands for. Written by publish."),
    ];

    /// <summary>The request that stores a package.</summary>
    public required WebhookRequest Build { get; init; }

    /// <summary>The request that gets it.</summary>
    public required WebhookRequest Get { get; init; }

    /// <summary>Where the id is in the answer to the build request.</summary>
    public string? IdPointer { get; init; }

    /// <summary>Where the archive is in the answer to the get request.</summary>
    public string? GetPointer { get; init; }

    /// <summary>What publish wrote: the values of name, key and id.</summary>
    public required IReadOnlyDictionary<string, string> Written { get; init; }

    /// <summary>The URI's options that the get request needs, as a worker finds them in a package's location.</summary>
    public required IReadOnlyList<(string Name, string Value)> Kept { get; init; }

    /// <summary>Reads a URI without <c>config</c>.</summary>
    /// <exception cref="StorageException">Of kind Invalid.</exception>
    public static WebhookOptions Read(Uri location, ISecretSource secrets)
    {
        StoreOptions options = StoreOptions.Read(location, Known, secrets);
        string shown = StoreOptions.Shown(location);
        // Uri escapes the braces of a template.
        string address = $"{location.Scheme["webhook+".Length..]}://{location.Authority}{Unbraced(location.AbsolutePath)}";
        var read = new WebhookOptions
        {
            Build = Request("build", HttpMethod.Post),
            Get = Request("get", HttpMethod.Get),
            IdPointer = Pointer("id_pointer"),
            GetPointer = Pointer("get_pointer"),
            Written = WebhookTemplate.Words.Where(options.Has).ToDictionary(word => word, word => options.Text(word)!),
            Kept = [.. options.Names.Where(name => name.StartsWith("get_", StringComparison.Ordinal)).Select(name => (name, options.Text(name)!))],
        };
        // Of an address that neither request uses, a package's location would not tell whose it is.
        if (options.Has("build_url") && options.Has("get_url") && new WebhookTemplate(address) is var unused && (unused.UnknownWord() ?? (unused.Has("id") ? "id" : null)) is { } idle)
            throw Invalid($"The storage {shown} has {{{idle}}} in its path, which stands for nothing, since build_url and get_url say the addresses: leave it out.");
        read.Check(shown);
        return read;

        WebhookRequest Request(string which, HttpMethod method)
        {
            string prefix = which + "_header_";
            (string Name, WebhookTemplate Value)[] headers =
                [.. options.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => (name[prefix.Length..], new WebhookTemplate(options.Text(name)!)))];
            foreach ((string name, WebhookTemplate value) in headers)
            {
                if (!HeaderName().IsMatch(name))
                    throw Invalid($"The option {prefix}{name} of the storage {shown} names no header: letters, digits and '-' make one.");
                if (SecretHeader().IsMatch(name) && SecretTemplate.NamesIn(value.Text).Count == 0)
                    throw Invalid($"The option {prefix}{name} of the storage {shown} looks like a secret, and a URI is no place for one: write ${{NAME}} in its place and set NAME where it runs.");
            }
            return new(
                options.Text(which + "_method") is { } named ? HttpMethod.Parse(named) : method, new(options.Text(which + "_url") ?? address), headers,
                options.Text(which + "_body") is { } body ? new(body) : null);
        }

        string? Pointer(string name) => options.Text(name) is { } pointer && JsonPointer.Refuse(pointer) is { } reason
            ? throw Invalid($"The option {name} of the storage {shown} is '{pointer}', and that is no JSON pointer: {reason}.")
            : options.Text(name);
    }

    /// <summary>What is wrong with the requests together. The location of a package keeps the get request alone.</summary>
    private void Check(string shown)
    {
        bool isPackage = Written.Count > 0;
        foreach ((string which, WebhookRequest request) in isPackage ? new[] { ("get", Get) } : [("build", Build), ("get", Get)])
        {
            if (request.Url.UnknownWord() is { } word)
                throw Invalid($"The address of the {which} request of the storage {shown} has {{{word}}}, and there are {string.Join(", ", WebhookTemplate.Words.Select(w => $"{{{w}}}"))}.");
        }
        if (!isPackage && Build.Has("id"))
            throw Invalid($"The build request of the storage {shown} has {{id}}, which is known only when it was answered: use {{sha256}}, {{name}} or {{key}}.");
        if (Get.Has("id") && IdPointer is null && !Written.ContainsKey("id"))
            throw Invalid($"The get request of the storage {shown} has {{id}}: say where the answer to the build request has it, as id_pointer=/id.");
        if (!Get.Has("id") && !Get.Has("sha256") && !Get.Has("key"))
            throw Invalid($"The get request of the storage {shown} asks for the same archive whatever the package: put {{sha256}}, {{key}} or {{id}} into its address.");
        if (Build.Body is { } body && !body.Has(WebhookTemplate.Archive))
            throw Invalid($"The option build_body of the storage {shown} leaves the package out: write {{archive}} where it goes, as base64.");
        if (Build.Body is null && Build.Method == HttpMethod.Get)
            throw Invalid($"The build request of the storage {shown} is a GET, which carries no archive: name PATCH, POST or PUT.");
    }

    private static string Unbraced(string path) =>
        path.Replace("%7B", "{", StringComparison.OrdinalIgnoreCase).Replace("%7D", "}", StringComparison.OrdinalIgnoreCase);

    private static StorageException Invalid(string message) => new(StorageErrorKind.Invalid, message);

    // RFC 9110, section 5.1.
    [GeneratedRegex("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
    private static partial Regex HeaderName();

    [GeneratedRegex("^(proxy-)?authorization$|^cookie$|token|secret|password|api-?key|signature", RegexOptions.IgnoreCase)]
    private static partial Regex SecretHeader();
}
