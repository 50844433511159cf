using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Sluice;

namespace Paces;

/// <summary>What a greeting comes to.</summary>
/// <param name="Text">The greeting.</param>
/// <param name="Length">Its characters.</param>
public sealed record Greeting(string Text, int Length);

/// <summary>Flows that end in every way.</summary>
public static class PacesFlows
{
    /// <summary>Greets somebody.</summary>
    /// <param name="name">Who is greeted.</param>
    /// <param name="logger">Gets a line a greeting.</param>
    /// <param name="times">How often.</param>
    [Flow("Greet")]
    [Deployment("by-hand", Parameters = """{"name": "world"}""", Tags = ["polite"])]
    [Deployment("each-second", Cron = "* * * * * *", Parameters = """{"name": "clock"}""")]
    public static Greeting Greet(string name, ILogger logger, int times = 1)
    {
        for (int i = 1; i <= times; i++)
            logger.LogInformation("Greeting {Number}: hello {Name}", i, name);
        return new($"hello {name}", 6 + name.Length);
    }

    /// <summary>Waits until a file appears, or until it is told to end.</summary>
    /// <param name="file">The file.</param>
    /// <param name="logger">Says when it waits.</param>
    /// <param name="cancellation">Ends the wait.</param>
    [Flow("Wait")]
    [Deployment("by-hand", WorkQueue = "slow")]
    public static async Task WaitAsync(string file, ILogger logger, CancellationToken cancellation)
    {
        logger.LogInformation("Waiting as process {Process}", Environment.ProcessId);
        while (!File.Exists(file))
            await Task.Delay(20, cancellation);
    }

    /// <summary>Fails.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="logger">Warns of it.</param>
    [Flow("Fail")]
    [Deployment("by-hand", Parameters = """{"reason": "of course"}""")]
    public static void Fail(string reason, ILogger logger)
    {
        logger.LogWarning("About to fail");
        throw new InvalidOperationException($"It failed {reason}.");
    }

    /// <summary>Takes a secret and keeps it.</summary>
    /// <param name="user">Whose it is.</param>
    /// <param name="token">The secret.</param>
    /// <param name="logger">Learns the user alone.</param>
    [Flow("Enter")]
    [Deployment("by-hand")]
    public static int Enter(string user, [Secret, StringLength(12)] string token, ILogger logger)
    {
        logger.LogInformation("Welcome {User}", user);
        return token.Length;
    }

    /// <summary>Needs a secret of its environment, and tells its digest.</summary>
    /// <param name="logger">Learns its length alone.</param>
    [Flow("Use")]
    [Deployment("by-hand", Secrets = ["PACES_TOKEN"])]
    public static string Use(ILogger logger)
    {
        byte[] token = Encoding.UTF8.GetBytes(Environment.GetEnvironmentVariable("PACES_TOKEN") ?? "");
        logger.LogInformation("The token has {Length} bytes", token.Length);
        return Convert.ToHexString(SHA256.HashData(token));
    }

    /// <summary>Returns a text and has it kept.</summary>
    /// <param name="size">Its characters.</param>
    [Flow("Fill", PersistResult = true)]
    [Deployment("by-hand")]
    public static string Fill(int size = 10) => new('x', size);

    /// <summary>Ends its process without a word.</summary>
    /// <param name="code">The exit code.</param>
    [Flow("Vanish")]
    [Deployment("by-hand")]
    public static void Vanish(int code = 7) => Environment.Exit(code);
}
