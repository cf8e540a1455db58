// A tree read out of linear memory, node by node, for pictures and comparisons.

import type { IndexExports } from "./exports.ts";
import { LAST_PAGE } from "./exports.ts";

/** One node: the slots of a leaf hold values, those of an inner node hold nodes. */
export interface NodeLayout {
  readonly first: bigint;
  readonly last: bigint;
  /** Values of a leaf's slots; empty for an inner node. */
  readonly values: readonly number[];
  /** Children of an inner node; empty for a leaf. */
  readonly children: readonly NodeLayout[];
  /** Last page of each slot. */
  readonly lasts: readonly bigint[];
}

// offsets of assembly/index/layout.ts and record.ts
const END_MASK = 15;
const IS_LEAF = 16;
const IS_WIDE = 32;
const PIVOTS = 4;
const VALUES = 64;
const CHILDREN = 48;
const TREE_ROOT = 4;

function readNode(view: DataView, node: number, first: bigint, last: bigint): NodeLayout {
  const header = view.getUint32(node, true);
  const leaf = (header & IS_LEAF) !== 0;
  const lasts: bigint[] = [];
  for (let slot = 0; slot < (header & END_MASK); slot++) {
    const extension = view.getUint32(node + PIVOTS, true);
    const wide = (header & IS_WIDE) !== 0;
    lasts.push(
      wide
        ? view.getBigUint64(extension + 8 * slot, true)
        : first + BigInt(view.getUint32(node + PIVOTS + 4 * slot, true)),
    );
  }
  lasts.push(last);
  const words = lasts.map((_, slot) =>
    view.getUint32(node + (leaf ? VALUES : CHILDREN) + 4 * slot, true),
  );
  if (leaf) return { first, last, values: words, children: [], lasts };
  const children = words.map((child, slot) =>
    readNode(view, child, slot === 0 ? first : lasts[slot - 1]! + 1n, lasts[slot]!),
  );
  return { first, last, values: [], children, lasts };
}

/** The nodes of a tree, undefined for an empty one. */
export function layoutOf(wasm: IndexExports, tree: number): NodeLayout | undefined {
  const view = new DataView(wasm.memory.buffer);
  const root = view.getUint32(tree + TREE_ROOT, true);
  return root === 0 ? undefined : readNode(view, root, 0n, LAST_PAGE);
}

function page(number: bigint): string {
  return number === LAST_PAGE ? "M" : String(number);
}

function draw(node: NodeLayout, indent: string, lines: string[]): void {
  const leaf = node.children.length === 0;
  const slots = node.lasts.map((last, slot) =>
    leaf ? `(${page(last)},${node.values[slot] || "-"})` : `(${page(last)})`,
  );
  const kind = leaf ? "leaf" : "inner";
  lines.push(`${indent}${kind}[${page(node.first)}..${page(node.last)}]: ${slots.join(" ")}`);
  for (const child of node.children) draw(child, `${indent}  `, lines);
}

/** One line a node: "(last page,value)" per slot, "-" for empty, M for the last page. */
export function pictureOf(root: NodeLayout | undefined): string {
  if (root === undefined) return "(empty)";
  const lines: string[] = [];
  draw(root, "", lines);
  return lines.join("\n");
}
