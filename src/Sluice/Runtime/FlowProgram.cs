using System.ComponentModel;

namespace Sluice.Runtime;

/// <summary>The body of the generated <c>Main</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FlowProgram
{
    /// <summary>Executes the flow run that the environment names, or runs a flow locally as the arguments say.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="flows">The flows of the assembly.</param>
    /// <returns>0 completed, 1 failed, 2 bad usage, 130 cancelled, 143 terminated.</returns>
    public static Task<int> RunAsync(string[] arguments, IReadOnlyList<FlowDefinition> flows) => throw new NotImplementedException();
}
