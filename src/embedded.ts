// The WebAssembly modules that are embedded as text (src/generated/), and instances of those that bring their own memory.

/** The bytes of such a text, in Node and in browsers. */
export function embeddedBytes(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  // a plain loop: Uint8Array.from takes fifty times as long, a tenth of a second for the engine
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Text of the module, as the asserts of AssemblyScript point to it. */
function textAt(memory: WebAssembly.Memory, pointer: number): string {
  const length = new DataView(memory.buffer).getUint32((pointer >>> 0) - 4, true);
  return new TextDecoder("utf-16le").decode(new Uint8Array(memory.buffer, pointer >>> 0, length));
}

/** An instance of a module that brings its own memory; a failed assert names its file and line. */
export function instantiate<E extends { readonly memory: WebAssembly.Memory }>(
  module: WebAssembly.Module,
): E {
  let memory: WebAssembly.Memory | undefined;
  const instance = new WebAssembly.Instance(module, {
    env: {
      abort(_message: number, file: number, line: number, column: number): never {
        const where = memory === undefined ? "start" : textAt(memory, file);
        throw new Error(`assert failed at ${where}:${line >>> 0}:${column >>> 0}`);
      },
    },
  });
  const exports = instance.exports as unknown as E;
  memory = exports.memory;
  return exports;
}
