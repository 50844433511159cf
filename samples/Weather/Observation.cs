using System.Globalization;
using System.Runtime.CompilerServices;

namespace Weather;

/// <summary>One day of weather in one city.</summary>
internal sealed record Observation(string City, DateOnly Date, double PrecipitationMillimetres, double HighCelsius, double LowCelsius)
{
    /// <summary>Reads the CSV file: location, date, precipitation, temp_max, temp_min, wind, weather.</summary>
    public static async IAsyncEnumerable<Observation> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        bool header = true;
        await foreach (string line in File.ReadLinesAsync(path, cancellation))
        {
            if (header)
            {
                header = false;
                continue;
            }
            string[] field = line.Split(',');
            yield return new Observation(
                field[0],
                DateOnly.ParseExact(field[1], "yyyy-MM-dd", CultureInfo.InvariantCulture),
                double.Parse(field[2], CultureInfo.InvariantCulture),
                double.Parse(field[3], CultureInfo.InvariantCulture),
                double.Parse(field[4], CultureInfo.InvariantCulture));
        }
    }
}
