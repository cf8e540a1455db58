// What the lifetime oracle says of rules that somebody broke, one rule at a time.

import { describe, expect, it } from "vitest";
import { readBreach } from "../../src/litmus/fill.ts";
import { smallWorld } from "./mm-room.ts";
import { runs } from "./small-litmus.ts";

const V6_12 = 1;

describe("the oracle", () => {
  it("counts the page behind a VMA's last one as outside", () => {
    // a change of the first half: what the reader has found ends where his page begins
    const found = runs(
      "generation: 7.2, without: [no-address-check]",
      `{ name: reader, mm: A, do: [{ fault: 20 }] },
       { name: changer, mm: A, do: [{ mprotect: [16, 4, 2] }] }`,
      400,
      "A: { vmas: [[16, 8, 0, 8]] }",
    ).flatMap(({ breaches }) => breaches);
    const outside = found.filter(({ missing }) => missing === "address-check");
    expect(outside.length).toBeGreaterThan(0);
    for (const breach of outside) {
      expect(breach).toMatchObject({ kind: "wrong-vma", access: "work", page: 20n });
    }
  });

  it("sees who works on a VMA that is detached already, before it is freed", () => {
    const found = runs(
      "generation: 6.12, without: [unmap-without-vma-lock]",
      `{ name: reader, mm: A, do: [{ fault: 16 }] },
       { name: unmapper, mm: A, do: [{ munmap: [16, 4] }] }`,
      400,
    ).flatMap(({ breaches }) => breaches);
    const working = found.filter(({ access }) => access === "work");
    expect(working.length).toBeGreaterThan(0);
    for (const breach of working) {
      expect(breach).toMatchObject({
        kind: "reader-inside",
        missing: "vma-write-lock",
        state: "detached",
      });
    }
  });

  it("tells a VMA that is freed twice", () => {
    const { room, vma, actors, mm } = smallWorld(V6_12, 1);
    const [unmapper] = actors;
    expect(room.mmapWriteLock(unmapper!, mm, 0)).toBe(1);
    while (room.startWrite(unmapper!, vma, 0) === 0);
    expect(room.markDetached(unmapper!, vma)).toBe(1);
    expect(room.freeDetached(unmapper!, mm, vma)).toBe(1);
    expect(room.breachesKept()).toBe(0);
    expect(room.freeDetached(unmapper!, mm, vma)).toBe(0);
    const breach = readBreach(new DataView(room.memory.buffer, room.breachAt(0), 48), [
      { name: "unmapper", ops: [] },
    ]);
    expect(breach).toMatchObject({ kind: "freed-twice", missing: "queued-once", state: "free" });
  });
});
