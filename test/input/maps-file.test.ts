// `--maps FILE|PID|-`: what opens, and what cannot be opened and says so with exit code 2.

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { parseMaps } from "../../src/input/maps.ts";
import { openMaps, settled } from "../../src/input/maps-file.ts";

const MAPS = "test/fixtures/maps/static.maps";
const text = readFileSync(MAPS);
const LINUX = process.platform === "linux";
const ROOT = process.getuid?.() === 0;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "maps-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function failure(opened: Promise<unknown>): Promise<InputError> {
  const error = await opened.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).code).toBe(2);
  expect((error as InputError).message).not.toContain("\n");
  return error as InputError;
}

/** A process file system of one's own: PID 42 as given. */
function fakeProc(name: string, files: Record<string, string | Uint8Array>): string {
  const proc = join(folder, name);
  mkdirSync(join(proc, "42"), { recursive: true });
  for (const [file, content] of Object.entries(files))
    writeFileSync(join(proc, "42", file), content);
  return proc;
}

describe("a file", () => {
  it("is read, compressed or not", async () => {
    const plain = await openMaps(MAPS);
    expect([plain.vma_count, plain.origin]).toEqual([11, `maps of ${MAPS}`]);
    const zipped = join(folder, "zipped");
    writeFileSync(zipped, gzipSync(text));
    expect((await openMaps(zipped)).start_page).toEqual(plain.start_page);
  });

  it("may be empty", async () => {
    const empty = join(folder, "empty");
    writeFileSync(empty, "");
    expect((await openMaps(empty)).vma_count).toBe(0);
    writeFileSync(empty, gzipSync(""));
    expect((await openMaps(empty)).vma_count).toBe(0);
  });

  it("with a number for a name is reached with ./", async () => {
    const numbered = join(folder, "4711");
    writeFileSync(numbered, text);
    expect((await openMaps(numbered)).vma_count).toBe(11);
  });

  it("may be compressed in several members, and larger than one block", async () => {
    const file = join(folder, "large.gz");
    const lines = Array.from({ length: 20_000 }, (_, i) => {
      const page = (0x1000 + i).toString(16);
      return `${page}000-${(0x1001 + i).toString(16)}000 rw-p 00000000 fe:00 ${i}  /opt/${i}\n`;
    });
    const half = [lines.slice(0, 9999), lines.slice(9999)].map((part) => gzipSync(part.join("")));
    writeFileSync(file, Buffer.concat(half));
    expect((await openMaps(file)).vma_count).toBe(20_000);
  });
});

describe("a file that is none", () => {
  it("absent", async () => {
    const error = await failure(openMaps("no/such.maps"));
    expect(error.message).toBe(
      'no/such.maps: cannot read maps: found no such file, expected a file, a PID or "-"',
    );
  });

  it("no name at all", async () => {
    expect((await failure(openMaps(""))).message).toBe(
      'no maps named: found an empty name, expected a file, a PID or "-"',
    );
  });

  it("a directory", async () => {
    const error = await failure(openMaps(folder));
    expect(error.message).toBe(`${folder}: cannot read maps: found a directory, expected a file`);
  });

  it.runIf(LINUX)("the directory of a process", async () => {
    expect((await failure(openMaps("/proc/self"))).message).toBe(
      "/proc/self: cannot read maps: found a directory, expected a file (give the PID alone, or its maps file)",
    );
  });

  it("a path through a file", async () => {
    const error = await failure(openMaps(`${MAPS}/maps`));
    expect(error.message).toMatch(/no such file/);
  });

  it.skipIf(ROOT)("not ours to read", async () => {
    const closed = join(folder, "closed");
    writeFileSync(closed, text);
    chmodSync(closed, 0);
    expect((await failure(openMaps(closed))).message).toBe(
      `${closed}: cannot read maps: found permission denied, expected a readable file`,
    );
  });

  it("damaged gzip", async () => {
    const cut = join(folder, "cut.gz");
    writeFileSync(
      cut,
      gzipSync(readFileSync("test/fixtures/maps/node-server.maps")).subarray(0, 900),
    );
    expect((await failure(openMaps(cut))).message).toBe(
      `${cut}: damaged gzip data: found unexpected end of file, expected a whole .gz file`,
    );
    const garbled = join(folder, "garbled.gz");
    writeFileSync(garbled, Buffer.from([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]));
    expect((await failure(openMaps(garbled))).message).toMatch(/: damaged gzip data: found /);
  });

  it("bad maps inside gzip: the place is that in the text", async () => {
    const bad = join(folder, "bad.gz");
    writeFileSync(bad, gzipSync(`${text}00400000-00401000 r--p 00000000 fe:00 1\n`));
    expect((await failure(openMaps(bad))).message).toMatch(/bad\.gz:13:1: mapping out of order: /);
  });

  it.runIf(LINUX)("an endless device", async () => {
    expect((await failure(openMaps("/dev/zero"))).message).toBe(
      "/dev/zero:1:1: binary data: found a NUL byte, expected the text of /proc/PID/maps or smaps",
    );
  });
});

describe("a process", () => {
  it.runIf(LINUX)("this one", async () => {
    const maps = await openMaps(String(process.pid));
    expect(maps.vma_count).toBeGreaterThan(50);
    expect(maps.origin).toBe(`maps of process ${process.pid}`);
    const names = Array.from({ length: maps.vma_count }, (_, i) => maps.vma(i).name);
    expect(names).toContain("[stack]");
  });

  it("with maps but no smaps", async () => {
    const proc = fakeProc("no-smaps", { maps: text });
    const maps = await openMaps("42", { proc });
    expect([maps.format, maps.vma_count]).toEqual(["maps", 11]);
  });

  it("with smaps, which says more", async () => {
    const smaps = readFileSync("test/fixtures/maps/oddities.smaps");
    const maps = await openMaps("42", { proc: fakeProc("smaps", { smaps, maps: "" }) });
    expect([maps.format, maps.vma_count]).toEqual(["smaps", 49]);
  });

  it.runIf(LINUX)("that is gone", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.on("close", resolve));
    expect((await failure(openMaps(String(child.pid)))).message).toBe(
      `/proc/${child.pid}/maps: no process ${child.pid}: expected the PID of a running process ` +
        `(it has ended, or is not visible from here; a file of that name is given as ./${child.pid})`,
    );
  });

  it.each(["0", "99999999999999999999"])("with the impossible PID %s", async (pid) => {
    expect((await failure(openMaps(pid))).message).toContain(`no process ${pid}: `);
  });

  // The heap grew by a page after the first portion was read, so the second begins with it again.
  const torn =
    "01000000-01002000 rw-p 00000000 00:00 0  [heap]\n" +
    "01000000-01003000 rw-p 00000000 00:00 0  [heap]\n";
  const whole = torn.slice(torn.indexOf("\n") + 1);

  it("that changes while it is read is read again", async () => {
    const texts = [torn, torn, whole];
    const maps = await settled(async () => parseMaps(texts.shift()!), "42");
    expect([maps.vma_count, maps.page_count[0], texts.length]).toEqual([1, 3, 0]);
  });

  it("that never keeps still is an error in the end", async () => {
    const proc = fakeProc("restless", { smaps: torn });
    expect((await failure(openMaps("42", { proc }))).message).toBe(
      `${proc}/42/smaps:2:1: overlapping mapping: found 0x1000000-0x1003000, ` +
        "expected a start at or above 0x1002000, the end of line 1 (process 42 changed its " +
        "mappings in each of 20 readings: stop it meanwhile (kill -STOP 42))",
    );
  });

  it("that cannot be read is not tried again", async () => {
    let readings = 0;
    const gone = settled(async () => {
      readings++;
      throw new InputError({ problem: "no process 42" });
    }, "42");
    expect((await failure(gone)).message).toBe("no process 42");
    expect(readings).toBe(1);
  });

  it("without an address space", async () => {
    const proc = fakeProc("kernel-thread", { smaps: "", maps: "" });
    expect((await failure(openMaps("42", { proc }))).message).toBe(
      `${proc}/42/smaps: process 42 has no address space: found no mappings, expected at least one ` +
        "(it is a kernel thread or has just ended)",
    );
  });

  it.runIf(LINUX && !ROOT)("of another user", async () => {
    expect((await failure(openMaps("1"))).message).toBe(
      "/proc/1/maps: cannot read maps: found permission denied, expected a readable file " +
        "(the maps of another user's process need that user, root or CAP_SYS_PTRACE)",
    );
  });
});

describe("standard input", () => {
  it("is read to its end, compressed or not", async () => {
    const maps = await openMaps("-", { stdin: Readable.from([text]) });
    expect([maps.vma_count, maps.origin]).toEqual([11, "maps from standard input"]);
    const bytes = gzipSync(text);
    const pieces = Readable.from([...bytes].map((byte) => Uint8Array.of(byte)));
    expect((await openMaps("-", { stdin: pieces })).vma_count).toBe(11);
    expect((await openMaps("-", { stdin: Readable.from([text.toString()]) })).vma_count).toBe(11);
  });

  it("gives its name to errors", async () => {
    expect(
      (await failure(openMaps("-", { stdin: Readable.from(["nonsense\n"]) }))).message,
    ).toMatch(/^<stdin>:1:1: bad start address: found "nonsense"/);
  });

  it("that breaks off is an error of the input", async () => {
    const broken = Readable.from(
      (async function* () {
        yield text;
        throw new Error("read EIO");
      })(),
    );
    expect((await failure(openMaps("-", { stdin: broken }))).message).toBe(
      '<stdin>: cannot read maps: found "read EIO", expected a readable file',
    );
  });
});
