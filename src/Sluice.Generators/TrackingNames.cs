namespace Sluice.Generators;

/// <summary>The pipeline's steps, by which tests see that nothing was made anew.</summary>
internal static class TrackingNames
{
    public const string Flows = nameof(Flows);
    public const string FlowNames = nameof(FlowNames);
    public const string Clashes = nameof(Clashes);
    public const string Clients = nameof(Clients);
    public const string Program = nameof(Program);
    public const string ClientPlace = nameof(ClientPlace);
    public const string References = nameof(References);
    public const string ReferencedClients = nameof(ReferencedClients);

    public static readonly string[] All = [Flows, FlowNames, Clashes, Clients, Program, ClientPlace, References, ReferencedClients];
}
