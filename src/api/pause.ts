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
