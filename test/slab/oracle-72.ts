// 7.2 without any cunning: sheaves are arrays, the barn is two stacks of them, slabs have one list.

import { detachedGroups, type OracleNode } from "./oracle-slabs.ts";

/** Free objects; the last one is taken first. */
export type Sheaf = number[];

export interface OracleCpu {
  main: Sheaf;
  spare: Sheaf | undefined;
  rcu_free: Sheaf | undefined;
}

export interface SheafOutcome {
  object: number | undefined;
  bits: Set<string>;
  moved: number;
  discarded: number;
}

function outcome(): SheafOutcome {
  return { object: undefined, bits: new Set(), moved: 0, discarded: 0 };
}

const FULL_MAX = 10;
const EMPTY_MAX = 10;

export class Oracle72 {
  readonly cpus: OracleCpu[];
  readonly full: Sheaf[] = [];
  readonly empty: Sheaf[] = [];
  readonly live = new Set<number>();
  /** Full rcu sheaves that wait for a grace period, oldest first. */
  readonly in_flight: Sheaf[] = [];
  sheaves = 0;
  flushed = 0;
  /** Frees of some objects of one slab. */
  slow_frees = 0;

  constructor(
    readonly node: OracleNode,
    cpus: number,
    readonly capacity: number,
    readonly max_sheaves: number,
  ) {
    this.cpus = Array.from({ length: cpus }, () => ({
      main: this.newSheaf()!,
      spare: undefined,
      rcu_free: undefined,
    }));
  }

  private newSheaf(): Sheaf | undefined {
    if (this.sheaves === this.max_sheaves) return undefined;
    this.sheaves++;
    return [];
  }

  // --- allocation ---------------------------------------------------------------------------

  alloc(cpu: number): SheafOutcome {
    const result = outcome();
    const me = this.cpus[cpu]!;
    if (me.main.length > 0) result.bits.add("FAST");
    else if (!this.stockUp(me, result) && !this.refillMain(me, result)) {
      const [object] = this.fromSlabs(1, true);
      result.bits.add(object === undefined ? "FAILED" : "SLAB");
      if (object !== undefined) this.live.add(object);
      result.object = object;
      return result;
    }
    result.object = me.main.pop()!;
    this.live.add(result.object);
    return result;
  }

  private stockUp(me: OracleCpu, result: SheafOutcome): boolean {
    if (me.spare !== undefined && me.spare.length > 0) {
      [me.main, me.spare] = [me.spare, me.main];
      result.bits.add("SPARE");
      return true;
    }
    const full = this.full.pop();
    if (full === undefined) return false;
    this.empty.push(me.main);
    me.main = full;
    result.bits.add("BARN");
    return true;
  }

  private refillMain(me: OracleCpu, result: SheafOutcome): boolean {
    const vessel = me.spare ?? this.empty.pop() ?? this.newSheaf();
    me.spare = undefined;
    if (vessel === undefined) return false;
    vessel.push(...this.fromSlabs(this.capacity, false));
    if (vessel.length < this.capacity) {
      this.flush(vessel, vessel.length, outcome());
      this.sheaves--;
      return false;
    }
    result.moved += this.capacity;
    result.bits.add("REFILL");
    me.spare = me.main;
    me.main = vessel;
    return true;
  }

  /** Objects straight from slabs: from the list, then from new slabs. */
  private fromSlabs(count: number, single: boolean): number[] {
    const { node } = this;
    const got: number[] = single ? this.oneFromList() : this.manyFromList(count);
    while (got.length < count) {
      const slab = node.newSlab();
      if (slab === undefined) break;
      got.push(...slab.free.splice(0, count - got.length));
      if (slab.free.length > 0) {
        node.locks++;
        node.add(slab, "head");
      }
    }
    return got;
  }

  private oneFromList(): number[] {
    const slab = this.node.partial[0];
    if (slab === undefined) return [];
    this.node.locks++;
    const object = slab.free.shift()!;
    if (slab.free.length === 0) this.node.remove(slab);
    return [object];
  }

  private manyFromList(count: number): number[] {
    const { node } = this;
    if (node.partial.length === 0) return [];
    node.locks++;
    const taken = [];
    for (let free = 0; free < count && node.partial.length > 0; ) {
      const slab = node.partial[0]!;
      node.remove(slab);
      free += slab.free.length;
      taken.push(slab);
    }
    const got: number[] = [];
    while (taken.length > 0 && got.length < count) {
      const slab = taken.pop()!;
      const all = slab.free.splice(0);
      got.push(...all.splice(0, count - got.length));
      if (all.length > 0) this.toSlab(all, outcome());
    }
    if (taken.length === 0) return got;
    node.locks++;
    const doomed = [];
    for (const slab of taken.reverse()) {
      if (node.isEmpty(slab) && node.crowded) doomed.push(slab);
      else node.add(slab, "head");
    }
    for (const slab of doomed) node.discard(slab);
    return got;
  }

  allocBulk(cpu: number, count: number): number[] | undefined {
    const me = this.cpus[cpu]!;
    const got: number[] = [];
    while (got.length < count && (me.main.length > 0 || this.stockUp(me, outcome()))) {
      const batch = Math.min(count - got.length, me.main.length);
      got.push(...me.main.splice(me.main.length - batch));
    }
    const rest = count - got.length;
    const more = rest === 0 ? [] : this.fromSlabs(rest, false);
    if (more.length < rest) {
      this.toSlabs(more, outcome());
      this.toSlabs(got, outcome());
      return undefined;
    }
    for (const object of [...got, ...more]) this.live.add(object);
    return [...got, ...more];
  }

  // --- a sheaf held by somebody ---------------------------------------------------------------

  /** A sheaf with so many objects at least. */
  prefill(cpu: number, size: number): Sheaf | undefined {
    const me = this.cpus[cpu]!;
    const sheaf = me.spare ?? this.full.pop() ?? this.empty.pop() ?? this.newSheaf();
    me.spare = undefined;
    if (sheaf === undefined) return undefined;
    if (sheaf.length >= size || this.fill(sheaf)) return sheaf;
    this.drop(sheaf);
    return undefined;
  }

  take(sheaf: Sheaf): number {
    const object = sheaf.pop()!;
    this.live.add(object);
    return object;
  }

  giveBack(cpu: number, sheaf: Sheaf): void {
    const me = this.cpus[cpu]!;
    if (me.spare === undefined) me.spare = sheaf;
    else if (this.full.length < FULL_MAX && this.fill(sheaf)) this.full.push(sheaf);
    else this.drop(sheaf);
  }

  private drop(sheaf: Sheaf): void {
    this.flush(sheaf, sheaf.length, outcome());
    this.sheaves--;
  }

  private fill(sheaf: Sheaf): boolean {
    sheaf.push(...this.fromSlabs(this.capacity - sheaf.length, false));
    return this.isFull(sheaf);
  }

  // --- freeing ------------------------------------------------------------------------------

  free(cpu: number, object: number): SheafOutcome {
    const result = outcome();
    const me = this.cpus[cpu]!;
    if (me.main.length < this.capacity) result.bits.add("FAST");
    else if (!this.makeRoom(me, result)) this.makeRoomByForce(me, result);
    me.main.push(object);
    this.live.delete(object);
    return result;
  }

  private isFull(sheaf: Sheaf): boolean {
    return sheaf.length === this.capacity;
  }

  private makeRoom(me: OracleCpu, result: SheafOutcome): boolean {
    if (me.spare !== undefined && !this.isFull(me.spare)) {
      [me.main, me.spare] = [me.spare, me.main];
      result.bits.add("SPARE");
      return true;
    }
    if (me.spare !== undefined && this.full.length >= FULL_MAX) return false;
    const empty = this.empty.pop();
    if (empty === undefined) return false;
    if (me.spare === undefined) me.spare = me.main;
    else this.full.push(me.main);
    me.main = empty;
    result.bits.add("BARN");
    return true;
  }

  private makeRoomByForce(me: OracleCpu, result: SheafOutcome): void {
    if (me.spare !== undefined && this.full.length >= FULL_MAX) {
      this.flush(me.spare, this.capacity, result);
      [me.main, me.spare] = [me.spare, me.main];
      return;
    }
    const fresh = this.newSheaf();
    if (fresh === undefined) {
      while (me.main.length > 0) this.flush(me.main, Math.min(32, me.main.length), result);
      return;
    }
    result.bits.add("NEW");
    if (me.spare === undefined) me.spare = me.main;
    else {
      this.full.push(me.main);
      result.bits.add("BARN");
    }
    me.main = fresh;
  }

  freeBulk(cpu: number, objects: readonly number[]): SheafOutcome {
    const result = outcome();
    const me = this.cpus[cpu]!;
    const rest = [...objects];
    for (const object of objects) this.live.delete(object);
    while (rest.length > 0) {
      if (!this.isFull(me.main)) result.bits.add("FAST");
      else if (!this.makeRoom(me, result)) {
        result.bits.add("FLUSH");
        result.moved += rest.length;
        this.toSlabs(rest, result);
        break;
      }
      me.main.push(...rest.splice(0, this.capacity - me.main.length));
    }
    return result;
  }

  /** The last `count` objects of a sheaf go to their slabs. */
  private flush(sheaf: Sheaf, count: number, result: SheafOutcome): void {
    if (count === 0) return;
    this.flushed += count;
    result.bits.add("FLUSH");
    result.moved += count;
    this.toSlabs(sheaf.splice(sheaf.length - count), result);
  }

  private toSlabs(objects: readonly number[], result: SheafOutcome): void {
    for (const group of detachedGroups(objects, (o) => this.node.slabOf(o).id)) {
      this.toSlab(group, result);
    }
  }

  private toSlab(group: readonly number[], result: SheafOutcome): void {
    const { node } = this;
    this.slow_frees++;
    const slab = node.slabOf(group[0]!);
    const was_full = slab.free.length === 0;
    slab.free.unshift(...group);
    if (!was_full && !node.isEmpty(slab)) return;
    node.locks++;
    if (node.isEmpty(slab) && node.crowded) {
      if (!was_full) node.remove(slab);
      node.discard(slab);
      result.discarded++;
    } else if (was_full) {
      node.add(slab, "tail");
    }
  }

  flushCpu(cpu: number): SheafOutcome {
    const result = outcome();
    const me = this.cpus[cpu]!;
    if (me.spare !== undefined) {
      this.flush(me.spare, me.spare.length, result);
      this.sheaves--;
      me.spare = undefined;
    }
    while (me.main.length > 0) this.flush(me.main, Math.min(32, me.main.length), result);
    return result;
  }

  shrinkBarn(): SheafOutcome {
    const result = outcome();
    for (const sheaf of this.full.splice(0).reverse()) {
      this.flush(sheaf, sheaf.length, result);
      this.sheaves--;
    }
    this.sheaves -= this.empty.splice(0).length;
    return result;
  }

  // --- after a grace period -----------------------------------------------------------------

  /** "queued", "none" (no sheaf) or "call" (the sheaf is full and waits in in_flight). */
  pushRcu(cpu: number, object: number): "queued" | "none" | "call" {
    const me = this.cpus[cpu]!;
    if (me.rcu_free === undefined && me.spare?.length === 0) {
      me.rcu_free = me.spare;
      me.spare = undefined;
    }
    me.rcu_free ??= this.empty.pop() ?? this.newSheaf();
    if (me.rcu_free === undefined) return "none";
    this.live.delete(object);
    me.rcu_free.push(object);
    if (!this.isFull(me.rcu_free)) return "queued";
    this.in_flight.push(me.rcu_free);
    me.rcu_free = undefined;
    return "call";
  }

  returnRcu(): SheafOutcome {
    const result = outcome();
    const sheaf = this.in_flight.shift()!;
    if (this.full.length < FULL_MAX) {
      this.full.push(sheaf);
      result.bits.add("RCU");
      return result;
    }
    this.flush(sheaf, sheaf.length, result);
    if (this.empty.length < EMPTY_MAX) this.empty.push(sheaf);
    else this.sheaves--;
    return result;
  }

  /** A flush of the partly filled rcu sheaf, and the end of its grace period. */
  barrierRcu(cpu: number): SheafOutcome | undefined {
    const me = this.cpus[cpu]!;
    const sheaf = me.rcu_free;
    me.rcu_free = undefined;
    if (sheaf === undefined) return undefined;
    const result = outcome();
    this.flush(sheaf, sheaf.length, result);
    this.sheaves--;
    return result;
  }

  get waiting(): number {
    const filling = this.cpus.reduce((sum, cpu) => sum + (cpu.rcu_free?.length ?? 0), 0);
    return filling + this.in_flight.reduce((sum, sheaf) => sum + sheaf.length, 0);
  }

  get cached(): number {
    const own = this.cpus.reduce((sum, cpu) => sum + cpu.main.length + (cpu.spare?.length ?? 0), 0);
    const stored = this.full.reduce((sum, sheaf) => sum + sheaf.length, 0);
    return this.node.free_in_slabs + own + stored;
  }
}
