using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>
/// Encrypts the values of blocks with AES-256-GCM, bound to the block's id, so that neither the database nor a copy of it tells secrets. The key lies beside
/// the database in a file of its own, which its owner alone may read; it is made when the first block is.
/// </summary>
internal sealed class BlockCipher(SluiceHome home)
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private byte[]? _key;

    /// <exception cref="OrchestrationException">Of kind Storage: there is no key, and blocks that were encrypted with one.</exception>
    public byte[] Encrypt(Scope scope, Guid id, IReadOnlyDictionary<string, JsonElement> data)
    {
        byte[] plain = Encoding.UTF8.GetBytes(Columns.Map(data));
        byte[] sealedData = new byte[NonceBytes + TagBytes + plain.Length];
        Span<byte> nonce = sealedData.AsSpan(0, NonceBytes), tag = sealedData.AsSpan(NonceBytes, TagBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key ??= Read() ?? MakeFirst(scope), TagBytes);
        aes.Encrypt(nonce, plain, sealedData.AsSpan(NonceBytes + TagBytes), tag, id.ToByteArray(bigEndian: true));
        CryptographicOperations.ZeroMemory(plain);
        return sealedData;
    }

    /// <summary>The values; null where the key is gone or another one.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Decrypt(Guid id, ReadOnlySpan<byte> sealedData)
    {
        if ((_key ??= Read()) is not { } key || sealedData.Length < NonceBytes + TagBytes)
            return null;
        byte[] plain = new byte[sealedData.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(sealedData[..NonceBytes], sealedData[(NonceBytes + TagBytes)..], sealedData.Slice(NonceBytes, TagBytes), plain, id.ToByteArray(bigEndian: true));
            return Columns.ParseMap(Encoding.UTF8.GetString(plain));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>What to say where <see cref="Decrypt"/> answers null.</summary>
    public OrchestrationException Unreadable(string block) => new(OrchestrationErrorKind.Storage,
        $"The block {block} was encrypted with another key than {home.EncryptionKey} holds: put that file back, or delete the block and create it again.");

    private byte[]? Read()
    {
        try
        {
            byte[] text = File.ReadAllBytes(home.EncryptionKey);
            byte[] key = new byte[KeyBytes];
            int length = text.AsSpan().TrimEnd("\r\n "u8).Length;
            return Base64.DecodeFromUtf8(text.AsSpan(0, length), key, out _, out int written) == System.Buffers.OperationStatus.Done && written == KeyBytes
                ? key
                : throw Unusable("it does not hold a key of 32 bytes in base64");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e);
        }
    }

    private byte[] MakeFirst(Scope scope) => scope.Db.Exists($"SELECT 1 FROM block_document")
        ? throw new OrchestrationException(OrchestrationErrorKind.Storage,
            $"The key that encrypts blocks, {home.EncryptionKey}, is gone, and there are blocks that only it opens: put that file back, or delete them all, and the next one is saved with a new key.")
        : Make();

    /// <summary>Makes the key; of several processes that do so at once, one wins and the others take its key.</summary>
    private byte[] Make()
    {
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        string temporary = $"{home.EncryptionKey}.{Guid.NewGuid():N}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, home.EncryptionKey, overwrite: false);
            return key;
        }
        catch (IOException) when (File.Exists(home.EncryptionKey))
        {
            return Read() ?? throw Unusable("it vanished");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private OrchestrationException Unusable(string reason, Exception? inner = null) =>
        new(OrchestrationErrorKind.Storage, $"The key that encrypts blocks, {home.EncryptionKey}, cannot be used: {reason.TrimEnd('.')}.", inner);
}
