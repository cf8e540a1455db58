/** What treeValidate's codes mean (assembly/index/validate.ts). */
export const PROBLEMS: Readonly<Record<number, string>> = {
  1: "a leaf is at the wrong depth",
  2: "a live node is marked dead",
  3: "a node has too few slots",
  4: "a node has too many slots",
  5: "pivots do not ascend",
  6: "an unused slot is not clear",
  7: "a wide node has no extension",
  8: "a stored gap is wrong",
  9: "two empty ranges touch",
  10: "a leaf other than the last ends with an empty range",
  11: "the totals do not match the nodes",
  12: "the deferred list is broken",
  13: "the rightmost leaf is not the remembered one",
};
