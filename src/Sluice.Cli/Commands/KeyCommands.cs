using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Storage.Trust;

namespace Sluice.Cli.Commands;

/// <summary><c>key create|show</c>: keys that sign packages.</summary>
internal static class KeyCommands
{
    public static IEnumerable<Command> Create(CliContext context) => [New(context), Show(context)];

    private static Verb New(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = "The new file, readable by its owner alone." };
        return new Verb(context, "create", "Makes a key (ECDSA P-256) that signs packages, as a PEM file, and shows its public half.") { Examples = ["sluice key create release.key"] }
            .With(file).Reads().Does(async (call, cancellationToken) =>
            {
                string path = Path.GetFullPath(call.Get(file));
                using var key = SigningKey.Create();
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                try
                {
                    await using var stream = new FileStream(path, options);
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(key.ToPem()), cancellationToken);
                }
                catch (IOException) when (File.Exists(path))
                {
                    throw new CliException($"'{path}' exists, and a key that is lost signs nothing any more: name another file, or move that one away");
                }
                Write(call, key.Public);
                call.Screen.Note($"The private key is in {path}: keep it secret, and give it to publishes as SluiceSigningKeyFile, or its text as the variable {SigningKey.Variable}. Workers get the line above: sluice worker start --allowed-key p256:…");
                return ExitCodes.Ok;
            });
    }

    private static Verb Show(CliContext context)
    {
        var file = new Argument<string?>("FILE") { Description = $"A PEM file with a private or public key. Default: the text in {SigningKey.Variable}.", Arity = ArgumentArity.ZeroOrOne };
        var pem = new Option<bool>("--pem") { Description = "Write the public key as PEM, for a file." };
        return new Verb(context, "show", "Shows the public half of a key, which workers take as --allowed-key.") { Examples = ["sluice key show release.key", "sluice key show release.key --pem > release.pub"] }
            .With(file, pem).Reads().Does((call, _) =>
            {
                VerificationKey key = KeyOf(call.Get(file));
                if (call.Get(pem))
                    call.Screen.Out.Write(key.ToPem());
                else
                    Write(call, key);
                return Task.FromResult(ExitCodes.Ok);
            });
    }

    private static VerificationKey KeyOf(string? file)
    {
        if (file is not null && (file.StartsWith("p256:", StringComparison.Ordinal) || (File.Exists(file) && !File.ReadAllText(file).Contains("PRIVATE KEY", StringComparison.Ordinal))))
            return VerificationKey.Parse(file);
        using SigningKey key = SigningKey.Find(file, Environment.GetEnvironmentVariable)
            ?? throw CliException.BadUsage($"name a key file, or set {SigningKey.Variable}");
        return key.Public;
    }

    private static void Write(Invocation call, VerificationKey key)
    {
        if (call.Json)
        {
            Json.Write(call.Screen.Out, new JsonObject { ["id"] = key.Id, ["public"] = key.ToString(), ["pem"] = key.ToPem() });
            return;
        }
        call.Screen.Line(key.ToString());
        call.Screen.Note($"Key {key.Id[..16]}.");
    }
}
