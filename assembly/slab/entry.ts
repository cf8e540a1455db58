// The slab model alone: for its tests and benches.

export * from "./slab";
export { slabIndexOf } from "./locate";
export {
  sheafChurn,
  sheafDrain,
  sheafFill,
  sheafHot,
  shuffle,
  slabChurn,
  slabDrain,
  slabFill,
  slabHot,
} from "./churn";
