using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Orchestration;

namespace Sluice.Cli.CommandLine;

/// <summary>What every verb gets besides its arguments.</summary>
internal sealed record CliContext(SluiceHome Home, CliSettings Settings, Screen Screen, Signals Signals, TimeProvider Time);
