namespace Sluice.Generators.Model;

/// <summary>A flow, ready to be emitted. Holds texts and numbers only, so that it can be compared and kept between compilations.</summary>
/// <param name="ClassName">The generated class's name, unique in the compilation.</param>
/// <param name="Method">The method, <c>global::</c>.</param>
/// <param name="Docs">The method's XML docs, raw.</param>
/// <param name="IsObsolete">Whether method or type is obsolete: then so is what is generated, which may use what is obsolete as an error, too.</param>
/// <param name="Arguments">All of the method's parameters in order.</param>
internal sealed record FlowModel(
    string Name, string ClassName, string Entrypoint, string Method, string? Description, string? Version, int Retries, double RetryDelaySeconds,
    int CrashRetries, double TimeoutSeconds, bool PersistResult, string? Docs, bool IsObsolete, EquatableArray<ArgumentModel> Arguments, ResultModel Result,
    TypeTable ParameterTypes, TypeTable ResultTypes, EquatableArray<DeploymentModel> Deployments)
{
    /// <summary>The arguments that JSON gives.</summary>
    public IEnumerable<ArgumentModel> Parameters => Arguments.Where(argument => argument.Injected == InjectedKind.None);
}

/// <summary>A parameter of the method.</summary>
/// <param name="Name">Its name in C#, without @.</param>
/// <param name="JsonName">Its name in JSON.</param>
/// <param name="Injected">What it gets instead of a value from JSON.</param>
/// <param name="Type">Its type; null when it is injected.</param>
/// <param name="Required">Whether it has no default.</param>
/// <param name="Default">Its default, in C# or by [DefaultValue].</param>
/// <param name="Constraints">What its attributes ask.</param>
internal sealed record ArgumentModel(
    string Name, string JsonName, InjectedKind Injected, TypeNode? Type, bool Required, DefaultValue? Default, Constraints? Constraints = null);

/// <summary>What the host gives a method.</summary>
internal enum InjectedKind
{
    None,
    Context,
    Cancellation,
    Logger,
}

/// <summary>What the method returns.</summary>
/// <param name="IsAwaited">Whether it is a Task or ValueTask.</param>
/// <param name="Type">The value's type; null for none.</param>
internal sealed record ResultModel(bool IsAwaited, TypeNode? Type);
