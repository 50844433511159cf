namespace Sluice.Runtime.Logs;

/// <summary>Where log records go.</summary>
internal interface ILogSink
{
    /// <summary>Takes a record, from any thread. May wait until there is room for it.</summary>
    void Write(in LogRecord record);
}
