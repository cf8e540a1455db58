// Names of mappings, each stored once: a million lines rarely have more than a few hundred names.

import { VmaFlag } from "../../assembly/abi/vma.ts";

const FNV_OFFSET = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

/** Interns byte strings; id 0 is the empty name. */
export class NameTable {
  #bytes = new Uint8Array(4096);
  #bytes_used = 0;
  /** End of name i in #bytes; its start is the end of name i - 1. */
  #ends: number[] = [0];
  #flags: number[] = [0];
  /** Open addressing: id of a name, or 0 for an empty slot. */
  #slots = new Uint32Array(1024);
  #last_id = 0;

  /** Number of distinct names, the empty one included. */
  get length(): number {
    return this.#ends.length;
  }

  /** The id of `bytes[from, to)`, equal for equal bytes. */
  intern(bytes: Uint8Array, from: number, to: number): number {
    if (from === to) return 0;
    if (this.#last_id !== 0 && this.#equals(this.#last_id, bytes, from, to)) return this.#last_id;
    const mask = this.#slots.length - 1;
    let slot = hashBytes(bytes, from, to) & mask;
    let id = this.#slots[slot]!;
    while (id !== 0 && !this.#equals(id, bytes, from, to)) {
      slot = (slot + 1) & mask;
      id = this.#slots[slot]!;
    }
    if (id === 0) {
      id = this.#append(bytes, from, to);
      this.#slots[slot] = id;
      if (this.#ends.length * 2 > this.#slots.length) this.#rehash();
    }
    this.#last_id = id;
    return id;
  }

  /** The name as it stands in the file, escapes and all; bytes that are not UTF-8 become U+FFFD. */
  text(id: number): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      this.#bytes.subarray(this.#start(id), this.#ends[id]),
    );
  }

  /** The flags that a name alone implies, see `nameFlags`. */
  flags(id: number): number {
    return this.#flags[id]!;
  }

  #start(id: number): number {
    return id === 0 ? 0 : this.#ends[id - 1]!;
  }

  #equals(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#start(id);
    const length = to - from;
    if (this.#ends[id]! - start !== length) return false;
    // From the end: names of one process share long prefixes and differ in their last bytes.
    for (let i = length - 1; i >= 0; i--) {
      if (this.#bytes[start + i] !== bytes[from + i]) return false;
    }
    return true;
  }

  #append(bytes: Uint8Array, from: number, to: number): number {
    const end = this.#bytes_used + (to - from);
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#bytes_used));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes.subarray(from, to), this.#bytes_used);
    this.#bytes_used = end;
    this.#ends.push(end);
    const id = this.#ends.length - 1;
    this.#flags.push(nameFlags(this.text(id)));
    return id;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let id = 1; id < this.#ends.length; id++) {
      let slot = hashBytes(this.#bytes, this.#start(id), this.#ends[id]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id;
    }
  }
}

function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = FNV_OFFSET;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
  return hash ^ (hash >>> 15);
}

/** The last one is that of arch/x86/kernel/uprobes.c, 6.18 on. */
const SPECIAL_NAMES = new Set([
  ...["[vdso]", "[vsyscall]", "[uprobes]", "[sigpage]", "[vectors]", "[uprobes-trampoline]"],
]);

/**
 * What a name says of its mapping (fs/proc/task_mmu.c:get_vma_name, 6.12). Bracketed names belong
 * to mappings without a file, so a file that is called "[heap]" does not get here: its path
 * begins with "/".
 */
function nameFlags(name: string): number {
  if (name === "[heap]") return VmaFlag.HEAP;
  if (name === "[stack]") return VmaFlag.STACK | VmaFlag.GROWSDOWN;
  // Up to 4.4 the stacks of threads were named too; they are ordinary mappings.
  if (name.startsWith("[stack:")) return VmaFlag.STACK;
  if (SPECIAL_NAMES.has(name) || name.startsWith("[vvar")) return VmaFlag.SPECIAL;
  let flags = 0;
  if (name.endsWith(" (deleted)") || name.endsWith("//deleted")) flags |= VmaFlag.DELETED;
  if (name.startsWith("/anon_hugepage") || name.startsWith("/dev/hugepages/")) {
    flags |= VmaFlag.HUGETLB;
  }
  return flags;
}

/** Undoes the kernel's escape of the newline, the only byte it escapes (seq_path, "\n"). */
export function unescapeName(name: string): string {
  return name.replaceAll("\\012", "\n");
}
