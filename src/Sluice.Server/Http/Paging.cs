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

    /// <summary>Answers one page as Prefect's <c>/paginate</c> routes do.</summary>
    public static async Task<Answer> PageAsync<T>(int page, int? limit, Func<int, int, Task<IReadOnlyList<T>>> list)
    {
        int size = limit ?? MaxLimit;
        IReadOnlyList<T> results = await list(size, (page - 1) * size);
        int count = await CountAsync(list);
        return Answer.Page(results, count, size, page);
    }
}
