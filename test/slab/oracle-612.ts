// 6.12 without any cunning: CPUs have an active slab with a private list and a stack of partials.

import { detachedGroups, type OracleNode, type OracleSlab } from "./oracle-slabs.ts";

interface OracleCpu {
  active: OracleSlab | undefined;
  mine: number[];
  partial: OracleSlab[];
}

export interface Outcome {
  object: number | undefined;
  /** Names of path bits without prefix. */
  bits: Set<string>;
  moved: number;
  discarded: number;
}

function outcome(object?: number): Outcome {
  return { object, bits: new Set(), moved: 0, discarded: 0 };
}

export class Oracle612 {
  readonly cpus: OracleCpu[];
  readonly live = new Set<number>();

  constructor(
    readonly node: OracleNode,
    cpus: number,
    readonly cpu_partial_slabs: number,
  ) {
    this.cpus = Array.from({ length: cpus }, () => ({ active: undefined, mine: [], partial: [] }));
  }

  alloc(cpu: number): Outcome {
    const result = outcome();
    const me = this.cpus[cpu]!;
    if (me.mine.length > 0) result.bits.add("FAST");
    else if (!this.refill(me, result)) result.bits.add("FAILED");
    result.object = me.mine.shift();
    if (result.object !== undefined) this.live.add(result.object);
    return result;
  }

  private activate(me: OracleCpu, slab: OracleSlab): void {
    me.active = slab;
    me.mine = slab.free;
    slab.free = [];
    slab.place = "active";
  }

  private refill(me: OracleCpu, result: Outcome): boolean {
    if (me.active !== undefined && me.active.free.length > 0) {
      result.bits.add("REFILL");
      this.activate(me, me.active);
      return true;
    }
    if (me.active !== undefined) me.active.place = "nowhere";
    me.active = undefined;
    const own = me.partial.pop();
    if (own !== undefined) {
      result.bits.add("CPU_PARTIAL");
      this.activate(me, own);
      return true;
    }
    if (this.node.partial.length > 0) {
      result.bits.add("NODE_PARTIAL");
      this.takeFromNode(me, result);
      return true;
    }
    const fresh = this.node.newSlab();
    if (fresh === undefined) return false;
    result.bits.add("NEW_SLAB");
    this.activate(me, fresh);
    return true;
  }

  private takeFromNode(me: OracleCpu, result: Outcome): void {
    this.node.locks++;
    const first = this.node.partial[0]!;
    this.node.remove(first);
    const more = this.cpu_partial_slabs === 0 ? 0 : Math.floor(this.cpu_partial_slabs / 2) + 1;
    for (const slab of this.node.partial.slice(0, more)) {
      this.node.remove(slab);
      slab.place = "cpu";
      me.partial.push(slab);
      result.moved++;
    }
    this.activate(me, first);
  }

  free(cpu: number, object: number): Outcome {
    return this.freeGroup(cpu, [object]);
  }

  freeBulk(cpu: number, objects: readonly number[]): Outcome {
    const all = outcome();
    for (const group of detachedGroups(objects, (o) => this.node.slabOf(o).id)) {
      const one = this.freeGroup(cpu, group);
      for (const bit of one.bits) all.bits.add(bit);
      all.moved += one.moved;
      all.discarded += one.discarded;
    }
    return all;
  }

  private freeGroup(cpu: number, group: readonly number[]): Outcome {
    const result = outcome();
    const me = this.cpus[cpu]!;
    const slab = this.node.slabOf(group[0]!);
    for (const object of group) this.live.delete(object);
    if (me.active === slab) {
      me.mine.unshift(...group);
      result.bits.add("FAST");
      return result;
    }
    result.bits.add("SLOW");
    const was_full = slab.free.length === 0;
    slab.free.unshift(...group);
    if (slab.place === "active") {
      result.bits.add("FROZEN");
      return result;
    }
    const empty = this.node.isEmpty(slab);
    if (empty) result.bits.add("EMPTIED");
    if (was_full) this.putCpuPartial(me, slab, result);
    else if (empty) this.emptied(slab, result);
    return result;
  }

  private emptied(slab: OracleSlab, result: Outcome): void {
    this.node.locks++;
    result.bits.add("LIST_LOCK");
    if (slab.place !== "node" || !this.node.crowded) return;
    this.node.remove(slab);
    this.node.discard(slab);
    result.discarded++;
  }

  private putCpuPartial(me: OracleCpu, slab: OracleSlab, result: Outcome): void {
    result.bits.add("TO_PARTIAL");
    const old = me.partial;
    slab.place = "cpu";
    if (old.length === 0 || old.length < this.cpu_partial_slabs) {
      old.push(slab);
      return;
    }
    me.partial = [slab];
    this.node.locks++;
    result.bits.add("LIST_LOCK");
    const doomed: OracleSlab[] = [];
    for (const other of old.reverse()) {
      if (this.node.isEmpty(other) && this.node.crowded) {
        doomed.push(other);
      } else {
        this.node.add(other, "tail");
        result.moved++;
      }
    }
    for (const other of doomed.reverse()) {
      this.node.discard(other);
      result.discarded++;
    }
  }

  get cached(): number {
    return this.node.free_in_slabs + this.cpus.reduce((sum, cpu) => sum + cpu.mine.length, 0);
  }
}
