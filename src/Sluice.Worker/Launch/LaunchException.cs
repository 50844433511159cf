namespace Sluice.Worker.Launch;

/// <summary>A run could not be started, and trying again would not help. The message is the rest of a sentence, and says how to mend it.</summary>
internal sealed class LaunchException(string message, Exception? innerException = null) : Exception(message, innerException);
