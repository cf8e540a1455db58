// Mistakes in litmus files: one line each that says where, what, and what would do.

import { expect, it } from "vitest";
import { parseLitmus } from "../../src/litmus/file.ts";

const GOOD = `version: 1
litmus: small
title: a small race
generation: "6.12"
munmap: call-rcu
exit: direct
mms:
  A: { vmas: [[16, 4], [32, 4]] }
threads:
  - { name: faulter, mm: A, do: [{ fault: 17 }] }
observe: { breach: any }
expect: never
`;

function messageOf(text: string): string {
  try {
    parseLitmus(text, "small.yaml");
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

it("reads a good one", () => {
  expect(messageOf(GOOD)).toBe("no error");
});

it.each([
  [
    "an unknown operation",
    "fault: 17",
    "fautl: 17",
    /^small\.yaml:10:36: unknown key threads\.0\.do\.0\.fautl \(did you mean `fault`\?\)/,
  ],
  [
    "an unknown key",
    "expect: never",
    "expext: never",
    /unknown key expext \(did you mean `expect`/,
  ],
  [
    "an unknown kernel",
    '"6.12"',
    '"6.11"',
    /generation: found "6\.11", expected one of 6\.1, 6\.12/,
  ],
  ["an unknown way to free", "exit: direct", "exit: diretc", /did you mean `direct`/],
  ["an unknown address space", "mm: A", "mm: B", /the name of an address space/],
  ["VMAs that overlap", "[32, 4]", "[18, 4]", /VMAs in ascending order/],
  ["a way that needs a clock", "exit: direct", "exit: bulk", /exit: found "bulk"/],
  ["an empty turn", "[{ fault: 17 }]", "[{ repeat: 2, do: [] }]", /at least one operation/],
  [
    "turns with an address space too few",
    "[{ fault: 17 }]",
    '[{ repeat: 2, do: [{ fork: "A-#" }] }]',
    /threads\.0\.do\.0\.do\.0: .*the name of an address space/,
  ],
  ["a number that goes nowhere", "A: { vmas", "A: { count: 2, vmas", /a name with `#`/],
  ["a page that is none", "fault: 17", "fault: -1", /:10:/],
  ["an unknown rule to leave out", "exit: direct", "exit: direct\nwithout: [rcu]", /without/],
])("%s", (_, found, written, message) => {
  expect(messageOf(GOOD.replace(found, written))).toMatch(message);
});
