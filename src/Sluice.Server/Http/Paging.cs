using System.Text.Json.Serialization;

namespace Sluice.Server.Http;

/// <summary>Counting and paging over calls that list.</summary>
internal static class Paging
{
    public const int MaxLimit = 200;

    public static async Task<int> CountAsync<T>(Func<int, int, Task<IReadOnlyList<T>>> list)
    {
        for (int offset = 0; ; offset += MaxLimit)
        {
            int count = (await list(MaxLimit, offset)).Count;
            if (count < MaxLimit)
            {
                return offset + count;
            }
        }
    }

    /// <summary>How many rows stand before a page; beyond all that there can be, it is still beyond.</summary>
    public static int Offset(int page, int limit) => (int)Math.Min(int.MaxValue, (page - 1L) * limit);

    /// <summary>Answers one page as Prefect's <c>/paginate</c> routes do.</summary>
    public static async Task<Answer> PageAsync<T>(int page, int? limit, Func<int, int, Task<IReadOnlyList<T>>> list)
    {
        int size = limit ?? MaxLimit;
        IReadOnlyList<T> results = await list(size, Offset(page, size));
        int count = await CountAsync(list);
        return Answer.Page(results, count, size, page);
    }
}
