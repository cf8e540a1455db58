// The WebAssembly modules that are embedded as text, src/generated/.

/** The bytes of such a text, in Node and in browsers. */
export function embeddedBytes(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  // a plain loop: Uint8Array.from takes fifty times as long, a tenth of a second for the engine
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
