namespace Sluice.Storage.Blocks;

/// <summary>How secrets are named as blocks of the server.</summary>
public static class SecretBlocks
{
    /// <summary>
    /// The name of the block that holds a secret, as <c>my-token</c> for <c>MY_TOKEN</c>: Prefect's names of blocks have lower-case letters, digits and dashes only.
    /// Null where no block can have it.
    /// </summary>
    /// <param name="secret">A secret's name, as <c>${NAME}</c> has it.</param>
    public static string? NameOf(string secret)
    {
        string name = secret.ToLowerInvariant().Replace('_', '-');
        return name.Length > 0 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? name : null;
    }
}
