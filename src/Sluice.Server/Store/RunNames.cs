namespace Sluice.Server.Store;

/// <summary>Names for runs that were given none, as <c>amber-otter</c>: easy to say and to tell apart, not unique.</summary>
internal static class RunNames
{
    private static readonly string[] _adjectives =
    [
        "able", "agile", "amber", "ample", "arctic", "autumn", "azure", "bold", "brave", "breezy", "bright", "brisk", "calm", "candid", "cheerful",
        "clever", "coral", "cosy", "crimson", "crisp", "curious", "dapper", "daring", "deft", "eager", "early", "earnest", "fair", "fearless", "fleet",
        "fond", "frosty", "gentle", "gilded", "glad", "golden", "graceful", "green", "hardy", "hasty", "honest", "humble", "icy", "ivory", "jade",
        "jolly", "keen", "kind", "lively", "loyal", "lucid", "lucky", "lunar", "mellow", "merry", "mild", "misty", "modest", "neat", "nimble", "noble",
        "olive", "patient", "placid", "plucky", "polite", "proud", "quick", "quiet", "rapid", "robust", "rosy", "russet", "sage", "scarlet", "serene",
        "sharp", "silent", "silver", "sleek", "smooth", "snowy", "solar", "spry", "steady", "sturdy", "sunny", "swift", "tawny", "tidy", "tranquil",
        "trusty", "upbeat", "velvet", "vivid", "warm", "wily", "windy", "wise", "witty", "young", "zesty",
    ];

    private static readonly string[] _animals =
    [
        "adder", "alpaca", "ant", "badger", "bat", "beaver", "bee", "bison", "bobcat", "buzzard", "camel", "caribou", "cheetah", "chough", "civet",
        "condor", "cormorant", "coyote", "crab", "crane", "cricket", "crow", "curlew", "deer", "dingo", "dolphin", "dormouse", "dove", "eagle", "eel",
        "egret", "elk", "falcon", "ferret", "finch", "flamingo", "fox", "gannet", "gazelle", "gecko", "gibbon", "goose", "grouse", "gull", "hare",
        "hawk", "hedgehog", "heron", "hoopoe", "ibex", "ibis", "jackal", "jaguar", "jay", "kestrel", "kite", "koala", "lapwing", "lark", "lemur",
        "leopard", "linnet", "lion", "lizard", "llama", "lynx", "magpie", "marmot", "marten", "mole", "moose", "moth", "newt", "octopus", "oriole",
        "otter", "owl", "panda", "pelican", "penguin", "pika", "plover", "puffin", "puma", "quail", "rabbit", "raven", "robin", "salmon", "seal",
        "skylark", "sparrow", "squid", "stoat", "stork", "swan", "tapir", "toad", "trout", "vole", "walrus", "weasel", "wolf", "wren", "zebra",
    ];

    public static string Next() =>
        $"{_adjectives[Random.Shared.Next(_adjectives.Length)]}-{_animals[Random.Shared.Next(_animals.Length)]}";
}
