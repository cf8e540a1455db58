// The slab model alone: for its tests and benches.

export * from "./slab";
export { slabIndexOf } from "./locate";
