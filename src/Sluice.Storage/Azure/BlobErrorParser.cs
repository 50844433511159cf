using System.Xml;
using System.Xml.Linq;
using Azure;
using Azure.Core;

namespace Sluice.Storage.Azure;

/// <summary>Reads the code and message of a failure: the header, which HEAD has too, and the XML body.</summary>
internal sealed class BlobErrorParser : RequestFailedDetailsParser
{
    public override bool TryParse(Response response, out ResponseError? error, out IDictionary<string, string>? data)
    {
        data = null;
        string? code = response.Headers.TryGetValue("x-ms-error-code", out string? header) ? header : null;
        (string? bodyCode, string? message) = ReadBody(response);
        code ??= bodyCode;
        error = code is null ? null : new ResponseError(code, message?.Split('\n')[0] ?? response.ReasonPhrase);
        return error is not null;
    }

    private static (string? Code, string? Message) ReadBody(Response response)
    {
        if (response.ContentStream is not { CanSeek: true } body || response.Headers.ContentType?.Contains("xml", StringComparison.OrdinalIgnoreCase) != true)
            return (null, null);
        try
        {
            body.Position = 0;
            using XmlReader reader = XmlReader.Create(body, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            XElement root = XElement.Load(reader);
            return ((string?)root.Element("Code"), (string?)root.Element("Message"));
        }
        catch (XmlException)
        {
            return (null, null); // A proxy's page, say; the status tells what there is to tell.
        }
        finally
        {
            body.Position = 0;
        }
    }
}
