using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Storage;
using Sluice.Storage.Trust;

namespace Sluice.Cli.Services;

/// <summary>The options that say which programs a worker takes. What is not written comes from the settings.</summary>
internal sealed class PolicyOptions
{
    private readonly Option<bool> _require = new("--require-signature") { Description = "Take signed packages alone; needs an allowed key. Default: SLUICE_REQUIRE_SIGNATURE." };
    private readonly Option<string[]> _keys = new("--allowed-key") { Description = "A key that may sign packages: a PEM file with the public key, or p256:…; may be repeated. Runs of other packages are refused. Default: SLUICE_ALLOWED_KEYS.", HelpName = "FILE" };
    private readonly Option<string[]> _repositories = new("--allowed-repository") { Description = "A repository that programs may be built from, as https://git.example/team/flows, or https://git.example/team/* for all below; may be repeated. Default: SLUICE_ALLOWED_REPOSITORIES.", HelpName = "URL" };

    /// <summary>The options.</summary>
    public IEnumerable<Option> All => [_require, _keys, _repositories];

    /// <summary>The policy of a call; null where nothing asks for one.</summary>
    /// <exception cref="CliException">A key is none, or signatures are asked for and nobody may sign.</exception>
    public PackagePolicy? Read(Invocation call) => Of(
        call.Get(_require) || IsTrue(call.Settings[CliSettings.RequireSignature]),
        call.Get(_keys) is { Length: > 0 } keys ? keys : List(call.Settings[CliSettings.AllowedKeys]),
        call.Get(_repositories) is { Length: > 0 } repositories ? repositories : List(call.Settings[CliSettings.AllowedRepositories]));

    /// <summary>The policy of the settings; null where they ask for none.</summary>
    /// <exception cref="CliException">As <see cref="Read"/>.</exception>
    public static PackagePolicy? OfSettings(CliSettings settings) =>
        Of(IsTrue(settings[CliSettings.RequireSignature]), List(settings[CliSettings.AllowedKeys]), List(settings[CliSettings.AllowedRepositories]));

    private static PackagePolicy? Of(bool require, string[] keys, string[] repositories)
    {
        if (require && keys.Length == 0)
            throw CliException.BadUsage($"--require-signature (or {CliSettings.RequireSignature}) asks for signatures, and nobody may sign: name the public keys with --allowed-key FILE or {CliSettings.AllowedKeys}; 'sluice key show' writes one");
        if (repositories.FirstOrDefault(repository => !PackagePolicy.IsRepository(repository)) is { } wrong)
            throw CliException.BadUsage($"the allowed repository '{wrong}' is no address of one: write it as https://git.example/team/flows, or https://git.example/team/* for all below");
        try
        {
            return keys.Length == 0 && repositories.Length == 0 ? null : new() { Keys = [.. keys.Select(VerificationKey.Parse)], Repositories = repositories };
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Invalid)
        {
            throw CliException.BadUsage(e.Message.TrimEnd('.'));
        }
    }

    private static string[] List(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static bool IsTrue(string? text) => text switch
    {
        null or "" or "false" or "False" or "0" => false,
        "true" or "True" or "1" => true,
        _ => throw CliException.BadUsage($"{CliSettings.RequireSignature} is '{text}': write true or false"),
    };
}
