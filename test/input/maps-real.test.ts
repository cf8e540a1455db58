// Captures of real processes parse, with counts that grep, awk and wc gave.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import { derivedAccount, type ParsedMaps, parseMaps } from "../../src/input/maps.ts";
import { openMaps } from "../../src/input/maps-file.ts";
import { formatMaps } from "./format-maps.ts";

const FIXTURES = "test/fixtures/maps";
const SCENARIOS = "scenarios/maps";

function countFlag(maps: ParsedMaps, flag: number): number {
  return maps.flags.reduce((count, flags) => count + (flags & flag ? 1 : 0), 0);
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** File, lines with a range (the vsyscall included), of these with "ac" in VmFlags. */
const SMAPS: readonly (readonly [file: string, mappings: number, accountable: number])[] = [
  [`${SCENARIOS}/node-server.smaps.gz`, 456, 38],
  [`${SCENARIOS}/postgres-backend.smaps.gz`, 287, 126],
  [`${SCENARIOS}/jvm-threads.smaps.gz`, 5201, 2571],
  [`${SCENARIOS}/chromium-browser.smaps.gz`, 896, 350],
  [`${SCENARIOS}/chromium-renderer.smaps.gz`, 1562, 498],
  [`${FIXTURES}/chromium-gpu.smaps.gz`, 750, 298],
  [`${FIXTURES}/oddities.smaps`, 50, 14],
];

const MAPS: readonly (readonly [file: string, mappings: number])[] = [
  [`${FIXTURES}/node-server.maps`, 456],
  [`${FIXTURES}/postgres-backend.maps`, 287],
  [`${FIXTURES}/jvm.maps.gz`, 610],
  [`${FIXTURES}/oddities.maps`, 50],
  [`${FIXTURES}/static.maps`, 12],
];

describe("captured smaps", () => {
  it.each(SMAPS)("%s", async (file, mappings, accountable) => {
    const maps = await openMaps(file);
    expect(maps.format).toBe("smaps");
    expect(maps.gate_vmas).toBe(1);
    expect(maps.vma_count).toBe(mappings - 1);
    expect(countFlag(maps, VmaFlag.ACCOUNT)).toBe(accountable);
    const text = readText(file);
    const rss_kib = [...text.matchAll(/^Rss: +(\d+) kB$/gm)].reduce((n, m) => n + Number(m[1]), 0);
    expect(maps.rss_pages!.reduce((total, pages) => total + pages, 0) * 4).toBe(rss_kib);
    const lines = text.split("\n").filter((line) => /^[0-9a-f]+-/.test(line));
    expect([...formatMaps(maps)].join("")).toBe(`${lines.join("\n")}\n`);
  });
});

describe("captured maps", () => {
  it.each(MAPS)("%s", async (file, mappings) => {
    const maps = await openMaps(file);
    expect(maps.format).toBe("maps");
    expect(maps.vma_count).toBe(mappings - 1);
    expect(maps.rss_pages).toBeUndefined();
    expect([...formatMaps(maps)].join("")).toBe(readText(file));
  });
});

describe("the program of oddities", () => {
  const maps = parseMaps(readFileSync(`${FIXTURES}/oddities.smaps`));
  const vmas = Array.from({ length: maps.vma_count }, (_, i) => maps.vma(i));
  const named = (name: string) => {
    const found = vmas.filter((vma) => vma.name === name);
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  it.each([
    "with space",
    "two  spaces",
    "trailing ",
    "carriage\rreturn",
    "ends in cr\r",
    "tab\there",
    "grün",
    "[heap]",
  ])("maps the file %j", (name) => {
    const vma = named(`/opt/app/odd/${name}`);
    expect(vma.path).toBe(vma.name);
    expect(vma.flags).toBe(VmaFlag.READ | VmaFlag.WRITE | VmaFlag.SHARED | VmaFlag.FILE);
  });

  it("undoes the escape of newlines", () => {
    expect(named("/opt/app/odd/new\\012line").path).toBe("/opt/app/odd/new\nline");
  });

  it("shows bytes that are not UTF-8 as U+FFFD", () => {
    expect(named("/opt/app/odd/latin1-\ufffd").flags & VmaFlag.FILE).toBeTruthy();
  });

  it.each([
    "/opt/app/odd/gone (deleted)",
    // Cannot be told from a deleted one: the kernel does not escape the suffix.
    "/opt/app/odd/alive (deleted)",
    "/opt/app/odd/both (deleted) (deleted)",
    "/memfd:odd name (deleted)",
    "/SYSV00000000 (deleted)",
  ])("takes %j for deleted", (name) => {
    const expected = VmaFlag.SHARED | VmaFlag.FILE | VmaFlag.DELETED;
    expect(named(name).flags & ~(VmaFlag.READ | VmaFlag.WRITE)).toBe(expected);
  });

  it("knows heap, stack, kernel mappings and a stack of the program's own", () => {
    const write = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;
    expect(named("[heap]").flags).toBe(write | VmaFlag.HEAP);
    expect(named("[stack]").flags).toBe(write | VmaFlag.STACK | VmaFlag.GROWSDOWN);
    expect(named("[vdso]").flags).toBe(VmaFlag.READ | VmaFlag.EXEC | VmaFlag.SPECIAL);
    expect(named("[vvar_vclock]").flags).toBe(VmaFlag.READ | VmaFlag.SPECIAL);
    const grows = vmas.find((vma) => vma.start_page === 0x7_0000_0000)!;
    expect(grows.flags).toBe(write | VmaFlag.GROWSDOWN);
  });

  it("knows huge pages, private and shared", () => {
    const huge = VmaFlag.HUGETLB | VmaFlag.FILE | VmaFlag.DELETED | VmaFlag.READ | VmaFlag.WRITE;
    expect(named("/anon_hugepage (deleted)").flags).toBe(huge);
    expect(named("/memfd:huge (deleted)").flags).toBe(huge | VmaFlag.SHARED);
  });

  it("takes accounting from smaps: MAP_NORESERVE is not accountable, write-only is", () => {
    const reserve = vmas.find((vma) => vma.page_count === 64 && vma.perms === "rw-p")!;
    expect(reserve.flags).toBe(VmaFlag.READ | VmaFlag.WRITE);
    const write_only = vmas.find((vma) => vma.perms === "-w-p")!;
    expect(write_only.flags).toBe(VmaFlag.WRITE | VmaFlag.ACCOUNT);
  });
});

describe("accounting derived from plain maps", () => {
  // Two kinds of error, both stated in docs/input.md: mappings that were writable once are missed,
  // and those of MAP_NORESERVE are taken for accountable.
  it.each([
    ["postgres-backend", 126, 77, 77],
    ["chromium-browser", 350, 241, 241],
    ["jvm-threads", 2571, 2573, 2558],
    ["chromium-renderer", 498, 590, 388],
    ["node-server", 38, 365, 30],
  ])("%s: %i accountable, %i derived, %i of both", async (name, stated, derived, both) => {
    const smaps = await openMaps(`${SCENARIOS}/${name}.smaps.gz`);
    const maps = parseMaps(formatMaps(smaps));
    const agreed = maps.flags.reduce(
      (count, flags, i) => count + (flags & smaps.flags[i]! & VmaFlag.ACCOUNT ? 1 : 0),
      0,
    );
    expect(countFlag(smaps, VmaFlag.ACCOUNT)).toBe(stated);
    expect(countFlag(maps, VmaFlag.ACCOUNT)).toBe(derived);
    expect(agreed).toBe(both);
  });

  it("follows the kernel's rule", () => {
    const { READ, WRITE, SHARED, HUGETLB, ACCOUNT, FILE } = VmaFlag;
    expect(derivedAccount(READ | WRITE)).toBe(ACCOUNT);
    expect(derivedAccount(WRITE | FILE)).toBe(ACCOUNT);
    expect(derivedAccount(READ)).toBe(0);
    expect(derivedAccount(READ | WRITE | SHARED)).toBe(0);
    expect(derivedAccount(READ | WRITE | HUGETLB)).toBe(0);
  });
});
