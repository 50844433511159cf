namespace Weather;

/// <summary>A year of weather in a city.</summary>
public sealed record WeatherReport(
    string City, int Year, int Days, double MeanCelsius, Extreme Hottest, Extreme Coldest, int WetDays, double PrecipitationMillimetres);

/// <summary>The day of an extreme temperature.</summary>
public sealed record Extreme(DateOnly Date, double Celsius);
