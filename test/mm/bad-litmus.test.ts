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
  [
    "more touched pages than there are",
    "[32, 4]",
    "[32, 4, 1, 5]",
    /A\.vmas\.1: found a list of 4, expected at most 4 touched pages, as the VMA has no more$/,
  ],
  ["a way that needs a clock", "exit: direct", "exit: bulk", /exit: found "bulk"/],
  ["an empty turn", "[{ fault: 17 }]", "[{ repeat: 2, do: [] }]", /at least one operation/],
  [
    "turns with an address space too few",
    "[{ fault: 17 }]",
    '[{ repeat: 2, do: [{ fork: "A-#" }] }]',
    /threads\.0\.do\.0\.do\.0: .*the name of an address space/,
  ],
  [
    "VMAs in what a fork is to make",
    "  A: {",
    "  C: { later: true, vmas: [[1, 2]] }\n  A: {",
    /^small\.yaml:8:27: bad value of mms\.C\.vmas: found a list of 1, expected none beside `later: true`/,
  ],
  [
    "two address spaces of one name",
    "  A: {",
    '  "A-#": { count: 2 }\n  A-1: {}\n  A: {',
    /^small\.yaml:9:8: bad value of mms\.A-1: .*expected a name of its own \(A-1 is another\)$/,
  ],
  [
    "an address space that is made twice",
    "  A: {",
    "  C: { later: true }\n  A: {",
    /threads\.0\.do\.1: found a mapping, expected an address space that nothing else makes.*\(C\)$/,
    "[{ fork: C }, { exec: C, vmas: 1 }]",
  ],
  [
    "an address space that is made in every turn",
    "  A: {",
    "  C: { later: true }\n  A: {",
    /threads\.0\.do\.0\.do\.0: .*expected an address space that nothing else makes/,
    "[{ repeat: 2, do: [{ fork: C }] }]",
  ],
  [
    "a thread in an address space that is still to be made",
    "  A: {",
    "  C: { later: true }\n  A: {",
    /threads\.1\.mm: found "C", expected one that is there from the start, or `born: true` beside it/,
    "[exit] }\n  - { name: early, mm: C, do: [exit]",
  ],
  [
    "a thread that would wait for a fork for ever",
    "mm: A, do",
    "born: true, mm: A, do",
    /threads\.0\.born: found true, expected false, or an `mm` with `later: true`/,
  ],
  [
    "a fault without an address space",
    "mm: A, do",
    "do",
    /threads\.0\.do\.0: .*expected what a thread without an address space \(`mm`\) can do/,
  ],
  [
    "more threads than the explorer tells apart",
    "mm: A, do",
    "mm: A, count: 256, do",
    /^small\.yaml:10:3: bad value of threads: found a list of 1, expected at most 255 threads in all$/,
  ],
  [
    "more turns than a schedule has steps",
    "[{ fault: 17 }]",
    "[{ repeat: 10_000, do: [{ fault: 17 }, { fault: 18 }] }], count: 6",
    /threads: .*expected at most 100,000 operations in all, with all turns \(there are 120,000\)$/,
  ],
  [
    "no address space at all",
    "mms:\n  A: { vmas: [[16, 4], [32, 4]] }",
    "mms: {}",
    /threads\.0\.mm: found "A", expected the name of an address space \(there are none\)$/,
  ],
  ["a number that goes nowhere", "A: { vmas", "A: { count: 2, vmas", /a name with `#`/],
  ["a page that is none", "fault: 17", "fault: -1", /:10:/],
  ["an unknown rule to leave out", "exit: direct", "exit: direct\nwithout: [rcu]", /without/],
])("%s", (_, found, written, message, program = "[{ fault: 17 }]") => {
  const text = GOOD.replace("[{ fault: 17 }]", program).replace(found, written);
  expect(messageOf(text)).toMatch(message);
});
