// The index alone, for tests, benchmarks and for embedding.

export * from "./tree";
export * from "./batch";
