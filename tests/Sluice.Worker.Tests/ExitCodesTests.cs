namespace Sluice.Worker.Tests;

public sealed class ExitCodesTests
{
    [Theory]
    [InlineData(0, "Flow run process exited with status code 0 without reporting an outcome.", "does the command run one?")]
    [InlineData(1, "Flow run process exited with non-zero status code 1.", "")]
    [InlineData(3, "Flow run process exited with non-zero status code 3.", "")]
    [InlineData(125, "Flow run process exited with non-zero status code 125.", "container runtimes")]
    [InlineData(126, "Flow run process exited with non-zero status code 126.", "permissions")]
    [InlineData(127, "Flow run process exited with non-zero status code 127.", "not found")]
    [InlineData(134, "Flow run process exited with non-zero status code 134.", "unhandled exception")]
    [InlineData(137, "Flow run process exited with non-zero status code 137.", "SIGKILL")]
    [InlineData(-9, "Flow run process exited with non-zero status code -9.", "SIGKILL")]
    [InlineData(143, "Flow run process exited with non-zero status code 143.", "SIGTERM")]
    [InlineData(-15, "Flow run process exited with non-zero status code -15.", "SIGTERM")]
    public void A_code_is_told_with_what_it_may_mean(int code, string beginning, string hint)
    {
        string message = ExitCodes.Describe(code, targetFramework: null);
        message.ShouldStartWith(beginning);
        message[beginning.Length..].ShouldContain(hint);
        (hint.Length == 0).ShouldBe(message.Length == beginning.Length);
    }

    [Theory]
    [InlineData(131)]
    [InlineData(150)]
    [InlineData(-2147450730)]
    public void A_missing_runtime_is_named_for_packages_only(int code)
    {
        ExitCodes.Describe(code, "net9.0").ShouldContain("runtime of net9.0");
        ExitCodes.Describe(code, targetFramework: null).ShouldNotContain("runtime");
    }
}
