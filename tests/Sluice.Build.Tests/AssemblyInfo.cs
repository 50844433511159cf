// Builds and kills take both cores; side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
