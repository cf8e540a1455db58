// The linear memory of a run is used again by the next one of this thread. A page that is touched for the
// first time is slow where the host has to find and clear it (measured in virtual machines: 11 us for 4 KiB),
// and took half the time of an exit of any size. A run begins with memory that is all zero, new or used, in
// an instance of its own: nothing of the run before is left.

/** 65,535 pages of 64 KiB: at 65,536 an address one past the end would wrap. */
export const WASM32_BYTES = 65_535 * 65_536;
const PAGE_BYTES = 65_536;
/** More than that is not kept: whoever embeds the engine should have it back. */
const KEPT_BYTES_MAX = 256 * 2 ** 20;

interface Kept {
  readonly memory: WebAssembly.Memory;
  /** What lies behind is zero still. */
  readonly used_bytes: number;
}

/** The memory of the last run of this thread that was given back. */
let kept: Kept | undefined;

/** Memory that is all zero, of one page at least. */
export function takeMemory(): WebAssembly.Memory {
  if (kept === undefined) {
    return new WebAssembly.Memory({ initial: 1, maximum: WASM32_BYTES / PAGE_BYTES });
  }
  const { memory, used_bytes } = kept;
  kept = undefined;
  new Uint8Array(memory.buffer, 0, used_bytes).fill(0);
  return memory;
}

/** Memory of which only the first `used_bytes` were written, and which nobody reads any more. */
export function giveBackMemory(memory: WebAssembly.Memory, used_bytes: number): void {
  const { byteLength } = memory.buffer;
  if (byteLength > KEPT_BYTES_MAX) return;
  kept = { memory, used_bytes: Math.min(used_bytes, byteLength) };
}
