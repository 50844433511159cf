using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Sluice.Orchestration.Http;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>A server whose certificate an authority of its own has made, as companies have.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly X509Certificate2 _authority = Authority("CN=Own authority");
    private WebApplication? _app;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using X509Certificate2 certificate = Certificate(_authority);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        // The copy has its key in a form that all systems' TLS can use.
        X509Certificate2 own = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(own)));
        _app = builder.Build();
        _app.Run(http => ScriptedServer.JsonAsync(http, http.Request.Path == "/api/sluice/info" ? 404 : 200, http.Request.Path == "/api/admin/version" ? "\"3.8.3\"" : "[]"));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_that_nobody_here_knows_is_refused_in_a_line_that_says_how_to_trust_it()
    {
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => ListAsync(new()));
        error.Kind.ShouldBe(OrchestrationErrorKind.Unreachable);
        error.Message.ShouldContain("PREFECT_API_SSL_CERT_FILE");
        error.Message.ShouldNotContain("\n");
    }

    [Fact]
    public async Task The_file_of_its_authority_makes_it_trusted_and_that_of_another_does_not()
    {
        await ListAsync(new() { CertificateFile = File(_authority) });
        using X509Certificate2 other = Authority("CN=Somebody else");
        (await Should.ThrowAsync<OrchestrationException>(() => ListAsync(new() { CertificateFile = File(other) }))).Kind.ShouldBe(OrchestrationErrorKind.Unreachable);
    }

    [Fact]
    public Task Whoever_asks_for_no_check_gets_none() => ListAsync(new() { SkipsVerification = true });

    private async Task ListAsync(ApiClientSettings settings)
    {
        await using HttpOrchestrationApi api = new(new ApiEndpoint($"https://localhost:{new Uri(_app!.Urls.First()).Port}/api"), TimeProvider.System, settings with { MaxRetries = 0 });
        (await api.ListFlowsAsync(new(), Cancel)).ShouldBeEmpty();
    }

    private string File(X509Certificate2 certificate)
    {
        string path = _folder[$"{Guid.NewGuid():N}.pem"];
        System.IO.File.WriteAllText(path, certificate.ExportCertificatePem());
        return path;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private static X509Certificate2 Certificate(X509Certificate2 authority)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3, 4]);
        return made.CopyWithPrivateKey(key);
    }
}
