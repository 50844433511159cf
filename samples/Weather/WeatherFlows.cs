using Microsoft.Extensions.Logging;
using Sluice;

namespace Weather;

/// <summary>Reports on the daily weather of a city.</summary>
public static class WeatherFlows
{
    /// <summary>Sums up a year of daily weather observations of one city.</summary>
    /// <param name="city">The city: Seattle or New York.</param>
    /// <param name="year">The year, 2012 to 2015.</param>
    /// <param name="wetFrom">Millimetres of precipitation from which a day counts as wet.</param>
    [Flow("Weather report", Retries = 2, RetryDelaySeconds = 10, TimeoutSeconds = 600)]
    [Deployment("daily", Cron = "0 6 * * *", TimeZone = "America/Los_Angeles", Tags = ["weather"], Parameters = """{"city": "Seattle"}""")]
    [Deployment("east-coast", Interval = "PT6H", Tags = ["weather"], Parameters = """{"city": "New York", "wetFrom": 2.5}""")]
    public static async Task<WeatherReport> BuildReportAsync(
        string city, ILogger logger, int year = 2015, double wetFrom = 1, CancellationToken cancellation = default)
    {
        var days = new List<Observation>();
        await foreach (Observation day in Observation.ReadAsync(Path.Combine(AppContext.BaseDirectory, "data", "weather.csv"), cancellation))
            if (day.Date.Year == year && string.Equals(day.City, city, StringComparison.OrdinalIgnoreCase))
                days.Add(day);

        if (days.Count == 0)
            throw new ArgumentException($"There are no observations of '{city}' in {year}. The data has Seattle and New York, 2012 to 2015.");

        logger.LogInformation("Read {Days} days of {City} in {Year}", days.Count, days[0].City, year);
        Observation hottest = days.MaxBy(day => day.HighCelsius)!;
        Observation coldest = days.MinBy(day => day.LowCelsius)!;
        logger.LogInformation("Hottest day: {Date:yyyy-MM-dd} with {High} °C", hottest.Date, hottest.HighCelsius);

        return new WeatherReport(
            days[0].City,
            year,
            days.Count,
            Math.Round(days.Average(day => (day.HighCelsius + day.LowCelsius) / 2), 1),
            new Extreme(hottest.Date, hottest.HighCelsius),
            new Extreme(coldest.Date, coldest.LowCelsius),
            days.Count(day => day.PrecipitationMillimetres >= wetFrom),
            Math.Round(days.Sum(day => day.PrecipitationMillimetres), 1));
    }
}
