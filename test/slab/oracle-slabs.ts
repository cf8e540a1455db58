// What both naive models share: slabs as arrays of free object numbers, a page pool, a node list.
// Object n of slab s has the number s * per_slab + n.

export interface OracleSlab {
  readonly id: number;
  /** Free objects that anybody may take, next one first. */
  free: number[];
  place: "nowhere" | "active" | "cpu" | "node";
}

export class OracleNode {
  /** Partial slabs, oldest first. */
  partial: OracleSlab[] = [];
  /** Slabs with pages; others are absent. */
  readonly slabs = new Map<number, OracleSlab>();
  readonly pending: number[] = [];
  private readonly freed_pages: number[] = [];
  private next_pages = 0;
  locks = 0;
  made = 0;
  discarded = 0;

  constructor(
    readonly per_slab: number,
    readonly min_partial: number,
    readonly max_slabs: number,
    readonly typesafe: boolean,
  ) {}

  slabOf(object: number): OracleSlab {
    const slab = this.slabs.get(Math.floor(object / this.per_slab));
    if (slab === undefined) throw new Error(`object ${object} has no slab`);
    return slab;
  }

  newSlab(): OracleSlab | undefined {
    const id = this.freed_pages.pop() ?? this.next_pages;
    if (id === this.max_slabs) return undefined;
    if (id === this.next_pages) this.next_pages++;
    const free = Array.from({ length: this.per_slab }, (_, i) => id * this.per_slab + i);
    const slab: OracleSlab = { id, free, place: "nowhere" };
    this.slabs.set(id, slab);
    this.made++;
    return slab;
  }

  isEmpty(slab: OracleSlab): boolean {
    return slab.free.length === this.per_slab;
  }

  get crowded(): boolean {
    return this.partial.length >= this.min_partial;
  }

  add(slab: OracleSlab, where: "head" | "tail"): void {
    slab.place = "node";
    if (where === "tail") this.partial.push(slab);
    else this.partial.unshift(slab);
  }

  remove(slab: OracleSlab): void {
    slab.place = "nowhere";
    this.partial = this.partial.filter((other) => other !== slab);
  }

  discard(slab: OracleSlab): void {
    this.slabs.delete(slab.id);
    this.discarded++;
    if (this.typesafe) this.pending.push(slab.id);
    else this.freed_pages.push(slab.id);
  }

  /** The grace period of the oldest waiting slab is over. */
  returnPages(): number | undefined {
    const id = this.pending.shift();
    if (id !== undefined) this.freed_pages.push(id);
    return id;
  }

  get free_in_slabs(): number {
    let free = 0;
    for (const slab of this.slabs.values()) free += slab.free.length;
    return free;
  }
}

/**
 * Splits an array to be freed in bulk into groups of one slab, in the order of freeing: each group
 * starts with the last object left; looking down from there, objects of the same slab join until
 * the third object of another slab is met. Joining swaps, so the array is changed.
 */
export function detachedGroups(
  objects: readonly number[],
  slab_of: (o: number) => number,
): number[][] {
  const left = [...objects];
  const groups: number[][] = [];
  while (left.length > 0) {
    const group = [left[left.length - 1]!];
    const slab = slab_of(group[0]!);
    let strangers = 0;
    for (let i = left.length - 2; i >= 0 && strangers < 3; i--) {
      if (slab_of(left[i]!) !== slab) {
        strangers++;
        continue;
      }
      group.unshift(left[i]!);
      const end = left.length - group.length;
      [left[i], left[end]] = [left[end]!, left[i]!];
    }
    left.length -= group.length;
    groups.push(group);
  }
  return groups;
}
