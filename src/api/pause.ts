// Giving the event loop its turn, in Node and in browsers, without the 4 ms of nested timers.

declare const setImmediate: ((callback: () => void) => unknown) | undefined;

/** Resolves after pending input, timers and signals had their turn. */
export function pause(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** How long the event loop may wait for its turn. */
const TURN_MS = 40;

/** Long work in pieces: whether the event loop is due, and its turn, in which the work may be aborted. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #end_ms = performance.now() + TURN_MS;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  due(): boolean {
    return performance.now() >= this.#end_ms;
  }

  /** Rejects with the signal's reason. */
  async give(): Promise<void> {
    await pause();
    this.#signal?.throwIfAborted();
    this.#end_ms = performance.now() + TURN_MS;
  }
}
