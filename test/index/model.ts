// The maple tree written for reading, not for speed: nodes are objects, every write rebuilds
// lists, gaps are not kept at all. It shares no code and no idea of storage with the fast tree.
// Rules as measured on the kernel's lib/maple_tree.c, 7.2 and 6.12 (docs/model/index.md).

export const M = 2 ** 52 - 1;

export interface Leaf {
  readonly min: number;
  readonly max: number;
  readonly slots: readonly Slot[];
}

export interface Inner {
  readonly min: number;
  readonly max: number;
  readonly children: readonly ModelNode[];
}

export type ModelNode = Leaf | Inner;

/** One range of a leaf; value 0 is empty. */
export interface Slot {
  readonly last: number;
  readonly value: number;
}

type Item = Slot | ModelNode;
type Kind = "split" | "rebalance" | "spanning";

const isLeaf = (node: ModelNode): node is Leaf => "slots" in node;
const itemsOf = (node: ModelNode): readonly Item[] => (isLeaf(node) ? node.slots : node.children);
const lastOf = (item: Item): number => ("last" in item ? item.last : item.max);

/** A node on the way down and the slot taken in it. */
interface Stop {
  node: ModelNode;
  slot: number;
}

function firstAt(node: ModelNode, slot: number): number {
  return slot === 0 ? node.min : lastOf(itemsOf(node)[slot - 1]!) + 1;
}

export class ModelTree {
  root: ModelNode | undefined;
  height = 0;
  deferred = 0;
  /** How often each corner of the rules was reached. */
  readonly seen = new Map<string, number>();
  readonly is72: boolean;
  rcu: boolean;

  constructor(kernel: "6.12" | "7.2", rcu: boolean) {
    this.is72 = kernel === "7.2";
    this.rcu = rcu;
  }

  nodes(node: ModelNode | undefined = this.root): number {
    if (node === undefined) return 0;
    if (isLeaf(node)) return 1;
    return node.children.reduce((sum, child) => sum + this.nodes(child), 1);
  }

  /** Non-empty ranges in order. */
  ranges(): { first: number; last: number; value: number }[] {
    const found: { first: number; last: number; value: number }[] = [];
    const visit = (node: ModelNode): void => {
      if (!isLeaf(node)) {
        for (const child of node.children) visit(child);
        return;
      }
      node.slots.forEach((slot, i) => {
        const first = firstAt(node, i);
        if (slot.value !== 0) found.push({ first, last: slot.last, value: slot.value });
      });
    };
    if (this.root) visit(this.root);
    return found;
  }

  #walk(page: number): Stop[] {
    const path: Stop[] = [];
    let node = this.root!;
    for (;;) {
      const items = itemsOf(node);
      const found = items.findIndex((item) => lastOf(item) >= page);
      const slot = found < 0 ? items.length - 1 : found;
      path.push({ node, slot });
      if (isLeaf(node)) return path;
      node = node.children[slot]!;
    }
  }

  load(page: number): number {
    if (this.root === undefined) return 0;
    const { node, slot } = this.#walk(page).at(-1)!;
    return (node as Leaf).slots[slot]!.value;
  }

  insert(a: number, b: number, value: number): number {
    if (this.root !== undefined) {
      const { node, slot } = this.#walk(a).at(-1)!;
      const held = (node as Leaf).slots[slot]!;
      if (held.value !== 0 || b > held.last) return -17;
    }
    return this.store(a, b, value);
  }

  erase(page: number): number {
    if (this.root === undefined) return 0;
    const { node, slot } = this.#walk(page).at(-1)!;
    const held = (node as Leaf).slots[slot]!;
    if (held.value !== 0) this.store(firstAt(node, slot), held.last, 0);
    return held.value;
  }

  store(a: number, b: number, value: number): number {
    if (this.root === undefined) {
      if (value !== 0) this.#plantRoot(a, b, value);
      return 0;
    }
    const path = this.#walk(a);
    const { node } = path.at(-1)!;
    const spanning = b > node.max || (b === node.max && value === 0 && b !== M);
    if (spanning) this.#spanning(path, a, b, value);
    else this.#inLeaf(path, a, b, value);
    return 0;
  }

  destroy(): void {
    if (this.root !== undefined && this.rcu) this.deferred++;
    this.root = undefined;
    this.height = 0;
  }

  #plantRoot(a: number, b: number, value: number): void {
    const slots: Slot[] = [];
    if (a > 0) slots.push({ last: a - 1, value: 0 });
    slots.push({ last: b, value });
    if (b < M) slots.push({ last: M, value: 0 });
    this.root = { min: 0, max: M, slots };
    this.height = 1;
  }

  #newRoot(value: number): void {
    if (this.rcu) this.deferred++;
    this.root = value === 0 ? undefined : { min: 0, max: M, slots: [{ last: M, value }] };
    this.height = value === 0 ? 0 : 1;
  }

  #inLeaf(path: Stop[], start: number, end: number, value: number): void {
    let [a, b] = [start, end];
    const leaf = path.at(-1)!.node as Leaf;
    const e = leaf.slots.length - 1;
    let o = path.at(-1)!.slot;
    let rs = firstAt(leaf, o);
    const c = leaf.slots[o]!.value;
    let oe = o;
    while (oe < e && b > leaf.slots[oe]!.last) oe++;
    let pe = leaf.slots[oe]!.last;
    if (value === 0) {
      if (leaf.slots[oe]!.value === 0) b = pe;
      else if (b === pe && oe < e && leaf.slots[oe + 1]!.value === 0) {
        oe++;
        pe = leaf.slots[oe]!.last;
        b = pe;
      }
      if (c === 0) a = rs;
      else if (a === rs && o > 0 && leaf.slots[o - 1]!.value === 0) {
        o--;
        rs = firstAt(leaf, o);
        a = rs;
      }
    }
    const mid: Slot[] = [];
    if (rs < a) mid.push({ last: a - 1, value: c });
    mid.push({ last: b, value });
    if (pe > b) mid.push({ last: pe, value: leaf.slots[oe]!.value });

    const exact = a === rs && b === pe && o === oe;
    if (!exact && a === 0 && b === M) {
      this.#newRoot(value);
      return;
    }
    path.at(-1)!.slot = o;
    const newEnd = e - (oe - o + 1) + mid.length;
    if (!exact && newEnd < 6 && path.length > 1) {
      this.#rebuild("rebalance", path, withSlot(path, oe), mid, a, b);
      return;
    }
    if (!exact && newEnd >= 16) {
      this.#rebuild("split", path, withSlot(path, oe), mid, a, b);
      return;
    }
    const rootAndSmall = newEnd < 6;
    const slotStore = !rootAndSmall && newEnd === e && oe - o === 1;
    if (!exact && this.rcu && !slotStore) this.deferred++;
    const slots = [...leaf.slots.slice(0, o), ...mid, ...leaf.slots.slice(oe + 1)];
    this.#replace(path, path.length - 1, { min: leaf.min, max: leaf.max, slots });
  }

  #spanning(left: Stop[], start: number, end: number, value: number): void {
    let [a, b] = [start, end];
    if (a === 0 && b === M) {
      this.#newRoot(value);
      return;
    }
    const right = this.#walk(b === M ? M : b + 1);
    const from = left.at(-1)!;
    const L = from.node as Leaf;
    const R = right.at(-1)!.node as Leaf;
    const c = L.slots[from.slot]!.value;
    const held = R.slots[right.at(-1)!.slot]!;
    let rs = firstAt(L, from.slot);
    if (value === 0) {
      if (c === 0) a = rs;
      if (a === rs && from.slot > 0 && L.slots[from.slot - 1]!.value === 0) {
        from.slot--;
        rs = firstAt(L, from.slot);
        a = rs;
      }
      if (held.value === 0) b = held.last;
      if (a === 0 && b === M) {
        this.#newRoot(0);
        return;
      }
    }
    const mid: Slot[] = [];
    if (rs < a) mid.push({ last: a - 1, value: c });
    mid.push({ last: b, value });
    if (held.last > b) mid.push({ last: held.last, value: held.value });
    this.#rebuild("spanning", left, right, mid, a, b);
  }

  /** Puts a node in the place of the one at a depth of a path; everything above is copied. */
  #replace(path: Stop[], depth: number, node: ModelNode): void {
    if (depth === 0) {
      this.root = node;
      return;
    }
    // the kernel changes the parent in place: same object identity matters to discard()
    const parent = path[depth - 1]!;
    const children = (parent.node as Inner).children as ModelNode[];
    children[parent.slot] = node;
  }

  #rebuild(kind: Kind, left: Stop[], right: Stop[], first: Item[], a: number, b: number): void {
    let mid = first;
    const kept = new Set<ModelNode>();
    for (let depth = this.height - 1; ; depth--) {
      const leaf = depth === this.height - 1;
      const S = leaf ? 16 : 10;
      let D: Item[] = [
        ...itemsOf(left[depth]!.node).slice(0, left[depth]!.slot),
        ...mid,
        ...itemsOf(right[depth]!.node).slice(right[depth]!.slot + 1),
      ];
      const sibling = this.#sibling(kind, left, right, depth, D.length);
      if (sibling > 0) D = [...D, ...itemsOf(right[depth]!.node)];
      if (sibling < 0) D = [...itemsOf(left[depth]!.node), ...D];
      const min = left[depth]!.node.min;
      const max = right[depth]!.node.max;
      const pushed = Math.abs(sibling) === 2 ? sibling : 0;
      const parts = this.#parts(D, S, leaf, pushed);
      const made = nodesOf(parts, min, leaf);
      this.#note(kind, leaf, sibling, parts.length);
      if (leaf && D.length === 32 && parts.length === 3) this.#see("32 data, empty cut");
      if (!leaf) for (const item of D) if (!mid.includes(item)) kept.add(item as ModelNode);
      const covers = min === 0 && max === M;
      if (covers) {
        const top = this.root!;
        const only = made.length === 1;
        this.root = only ? made[0] : { min: 0, max: M, children: made };
        this.height = this.height - depth + (only ? 0 : 1);
        this.#discard(top, kept, a, b);
        return;
      }
      const climbs = !this.is72 && kind !== "split";
      if (made.length === 1 && left[depth]!.node === right[depth]!.node && !climbs) {
        const top = left[depth]!.node;
        this.#replace(left, depth, made[0]!);
        this.#discard(top, kept, a, b);
        return;
      }
      mid = made;
    }
  }

  #see(corner: string): void {
    this.seen.set(corner, (this.seen.get(corner) ?? 0) + 1);
  }

  #note(kind: Kind, leaf: boolean, sibling: number, parts: number): void {
    const level = leaf ? "leaf" : "inner";
    this.#see(`${kind} ${level}, ${parts} parts`);
    const side = sibling < 0 ? "left" : "right";
    if (sibling !== 0) this.#see(`${kind} ${level}, ${side} sibling`);
  }

  /** 0 none, 1 right, -1 left; 2 and -2 when it takes what is too much. Moves that path. */
  #sibling(kind: Kind, left: Stop[], right: Stop[], depth: number, n: number): number {
    const leaf = depth === this.height - 1;
    const S = leaf ? 16 : 10;
    if (depth === 0) return 0;
    const pushes = kind === "split" || (kind === "rebalance" && this.is72);
    if (n > S && pushes) {
      const { node, slot } = left[depth - 1]!;
      const siblings = (node as Inner).children;
      const rightmost = right[depth]!.node.max === M;
      const limit = this.is72 ? 2 * S : 2 * S - (leaf ? 1 : 0) - (rightmost ? 1 : 0);
      if (slot > 0 && itemsOf(siblings[slot - 1]!).length + n < limit) {
        turn(left, depth - 1, slot - 1, depth, -1);
        return -2;
      }
      if (slot + 1 < siblings.length && itemsOf(siblings[slot + 1]!).length + n < limit) {
        turn(right, depth - 1, slot + 1, depth, 1);
        return 2;
      }
      return 0;
    }
    if (kind === "split") return 0;
    const covers = left[depth]!.node.min === 0 && right[depth]!.node.max === M;
    const small = n <= (leaf ? 6 : 4) || (kind === "rebalance" && leaf);
    if (!small || covers) return 0;
    for (let d = depth - 1; d >= 0; d--) {
      if (right[d]!.slot + 1 < itemsOf(right[d]!.node).length) {
        turn(right, d, right[d]!.slot + 1, depth, 1);
        return 1;
      }
      if (left[d]!.slot > 0) {
        turn(left, d, left[d]!.slot - 1, depth, -1);
        return -1;
      }
    }
    return 0;
  }

  #parts(D: Item[], S: number, leaf: boolean, pushed: number): Item[][] {
    const empty = (x: number): boolean => leaf && (D[x] as Slot).value === 0;
    const n = D.length;
    if (n <= S) return [D];
    if (this.is72) return parts72(D, S, leaf, empty);
    const be = n - 1;
    const fix = (x: number, end: number): number =>
      !empty(x) ? x : x < S - 1 && end - x > 6 ? x + 1 : x - 1;
    if (pushed !== 0) {
      const cut = pushed < 0 ? fix(S - 2, be) : fix(n - S, n);
      return [D.slice(0, cut + 1), D.slice(cut + 1)];
    }
    let cut = Math.floor(be / 2);
    let second: number | undefined;
    if (be >= 2 * S || (empty(cut) && be >= 2 * S - 1)) {
      cut = Math.floor(be / 3);
      second = 2 * cut;
    }
    cut = fix(cut, be);
    if (second === undefined) return [D.slice(0, cut + 1), D.slice(cut + 1)];
    second = fix(second, be);
    return [D.slice(0, cut + 1), D.slice(cut + 1, second + 1), D.slice(second + 1)];
  }

  #discard(node: ModelNode, kept: Set<ModelNode>, a: number, b: number): void {
    // 6.12 reuses replaced nodes outside RCU mode
    if (this.rcu || this.is72) this.deferred++;
    if (isLeaf(node)) return;
    for (const child of node.children) {
      if (kept.has(child)) continue;
      if (a <= child.min && child.max <= b) this.deferred += this.rcu ? 1 : 0;
      else this.#discard(child, kept, a, b);
    }
  }
}

function withSlot(path: Stop[], slot: number): Stop[] {
  const copy = path.map((stop) => ({ ...stop }));
  copy.at(-1)!.slot = slot;
  return copy;
}

function turn(path: Stop[], depth: number, slot: number, to: number, side: 1 | -1): void {
  path[depth]!.slot = slot;
  for (let d = depth; d < to; d++) {
    const node = (path[d]!.node as Inner).children[path[d]!.slot]!;
    path[d + 1] = { node, slot: side > 0 ? 0 : itemsOf(node).length - 1 };
  }
}

function parts72(D: Item[], S: number, leaf: boolean, empty: (x: number) => boolean): Item[][] {
  const n = D.length;
  let cut = Math.floor((n - 1) / 2);
  const three = n > 2 * S || (n === 2 * S && leaf && empty(cut));
  if (three) cut = Math.floor((n + 2) / 3);
  const parts: Item[][] = [];
  let at = 0;
  let want = cut + 1;
  for (let i = 0; i < (three ? 2 : 1); i++) {
    let take = want;
    want = cut + 1;
    if (empty(at + take - 1)) {
      take--;
      want = cut + 2;
    }
    parts.push(D.slice(at, at + take));
    at += take;
  }
  return [...parts, D.slice(at)];
}

function nodesOf(parts: Item[][], min: number, leaf: boolean): ModelNode[] {
  let first = min;
  return parts.map((items) => {
    const from = first;
    const max = lastOf(items.at(-1)!);
    first = max + 1;
    return leaf
      ? { min: from, max, slots: items as Slot[] }
      : { min: from, max, children: items as ModelNode[] };
  });
}

/** The tree in the notation of src/vma-index/picture.ts. */
export function drawModel(node: ModelNode | undefined, indent = ""): string {
  if (node === undefined) return "(empty)";
  const page = (n: number): string => (n === M ? "M" : String(n));
  const slots = itemsOf(node).map((item) =>
    "last" in item ? `(${page(item.last)},${item.value || "-"})` : `(${page(item.max)})`,
  );
  const kind = isLeaf(node) ? "leaf" : "inner";
  const line = `${indent}${kind}[${page(node.min)}..${page(node.max)}]: ${slots.join(" ")}`;
  if (isLeaf(node)) return line;
  return [line, ...node.children.map((child) => drawModel(child, `${indent}  `))].join("\n");
}
