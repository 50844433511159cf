namespace Sluice.Deploy.Journal;

/// <summary>An app whose deployments are touched, and the store that its publishes keep records and journals in.</summary>
/// <param name="App">The app.</param>
/// <param name="Store">The store.</param>
internal readonly record struct AppPlace(string App, Uri Store);
