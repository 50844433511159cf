using System.Text.Json;
using Sluice.Deploy.Manifest;
using Sluice.Testing;

// Compiled into this assembly as the generator's attributes are into a user's.
[assembly: Sluice.Runtime.FlowManifest(1, """{"name":"Compiled flow","entrypoint":"Sluice.Deploy.Tests.dll!X.Y","deployments":[{"name":"daily","schedules":[]}],"later":"é \"quoted\""}""")]

namespace Sluice.Runtime
{
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class FlowManifestAttribute(int version, string json) : Attribute
    {
        public int Version { get; } = version;

        public string Json { get; } = json;
    }
}

namespace Sluice.Deploy.Tests.Manifest
{
    public sealed class ManifestReaderTests : IDisposable
    {
        private readonly TempFolder _temp = new();

        public void Dispose() => _temp.Dispose();

        [Fact]
        public void A_compiled_assembly_gives_its_manifest_with_every_member()
        {
            ReadManifest read = ManifestReader.Read(typeof(ManifestReaderTests).Assembly.Location);
            read.Manifest.Assembly.ShouldBe("Sluice.Deploy.Tests");
            read.Manifest.Flows.ShouldHaveSingleItem().Deployments.ShouldHaveSingleItem().Name.ShouldBe("daily");
            JsonElement.DeepEquals(read.Json, JsonDocument.Parse("""
                {"manifest_version":1,"assembly":"Sluice.Deploy.Tests","flows":[
                  {"name":"Compiled flow","entrypoint":"Sluice.Deploy.Tests.dll!X.Y","deployments":[{"name":"daily","schedules":[]}],"later":"é \"quoted\""}]}
                """).RootElement).ShouldBeTrue(read.Json.GetRawText());
        }

        [Theory]
        [InlineData("System.Runtime")]
        [InlineData("netstandard")]
        [InlineData("mscorlib")]
        public void The_framework_it_was_built_for_does_not_matter(string runtime)
        {
            string path = FlowAssembly.Write(_temp["app.dll"], ["""{"name":"a","entrypoint":"e"}""", """{"name":"b","entrypoint":"e"}"""], runtime: runtime);
            ManifestReader.Read(path).Manifest.Flows.Select(f => f.Name).ShouldBe(["a", "b"]);
        }

        [Fact]
        public void An_assembly_without_the_attribute_has_no_flows()
        {
            ManifestReader.Read(typeof(ManifestReader).Assembly.Location).Manifest.Flows.ShouldBeEmpty();
            ManifestReader.Read(FlowAssembly.Write(_temp["app.dll"], ["{}"], attribute: ("Other", "FlowManifestAttribute"))).Manifest.Flows.ShouldBeEmpty();
        }

        [Fact]
        public void An_empty_file_text_and_a_cut_assembly_are_said_to_be_damaged()
        {
            byte[] whole = File.ReadAllBytes(typeof(ManifestReaderTests).Assembly.Location);
            foreach (byte[] content in (byte[][])[[], "no assembly"u8.ToArray(), whole[..200], whole[..(whole.Length / 2)]])
            {
                File.WriteAllBytes(_temp["app.dll"], content);
                Should.Throw<ManifestException>(() => ManifestReader.Read(_temp["app.dll"])).Message.ShouldContain(_temp["app.dll"]);
            }
        }

        [Fact]
        public void A_damaged_assembly_gives_a_manifest_or_a_clear_error_whatever_byte_is_wrong()
        {
            byte[] whole = File.ReadAllBytes(FlowAssembly.Write(_temp["whole.dll"], ["""{"name":"a","entrypoint":"e"}"""]));
            var random = new Random(7);
            int refused = 0;
            for (int i = 0; i < 2_000; i++)
            {
                byte[] damaged = [.. whole];
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                File.WriteAllBytes(_temp["app.dll"], damaged);
                try
                {
                    ManifestReader.Read(_temp["app.dll"]);
                }
                catch (ManifestException)
                {
                    refused++;
                }
            }
            refused.ShouldBeGreaterThan(0);
        }

        [Theory]
        [InlineData("""{"entrypoint":"e"}""")]
        [InlineData("""{"name":null,"entrypoint":"e"}""")]
        [InlineData("""{"name":"a","entrypoint":"e","deployments":"daily"}""")]
        [InlineData("""["a"]""")]
        [InlineData("""{"name":""")]
        public void A_manifest_that_is_not_ours_is_refused(string flow) =>
            Should.Throw<ManifestException>(() => ManifestReader.Read(FlowAssembly.Write(_temp["app.dll"], [flow]))).Message.ShouldContain("not what Sluice writes");

        [Fact]
        public void A_manifest_of_a_later_version_is_refused_with_the_way_out() =>
            Should.Throw<ManifestException>(() => ManifestReader.Read(FlowAssembly.Write(_temp["app.dll"], ["{}"], version: 2))).Message
                .ShouldContain("version 2, and this Sluice reads 1");

        [Fact]
        public void A_missing_file_is_said_so() =>
            Should.Throw<ManifestException>(() => ManifestReader.Read(_temp["none.dll"])).Message.ShouldContain("does not exist");
    }
}
