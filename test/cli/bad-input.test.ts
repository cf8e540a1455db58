// What a user may get wrong on the command line: one clear line, and the exit code.

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli } from "./in-process.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
  writeFileSync(
    join(folder, "good.yaml"),
    "version: 1\naddress_space: { generate: alternating, vma_count: 100 }\n",
  );
  writeFileSync(
    join(folder, "wide.yaml"),
    "version: 1\naddress_space: { generate: contiguous, vma_count: 1000000, page_count: 100000000 }\n",
  );
  writeFileSync(
    join(folder, "munmap.yaml"),
    "version: 1\nworkload: { type: munmap, first_vma: 90, vma_count: 20 }\naddress_space: { generate: alternating, vma_count: 100 }\n",
  );
  writeFileSync(join(folder, "bad.yaml"), "version: 1\nmachine: { cpuz: 1 }\n");
  writeFileSync(join(folder, "lost-maps.yaml"), "version: 1\naddress_space: { maps: no.maps }\n");
  writeFileSync(
    join(folder, "lost-profile.yaml"),
    "version: 1\nprofile: icount-6.21\naddress_space: { generate: alternating, vma_count: 9 }\n",
  );
  writeFileSync(
    join(folder, "long-profile.yaml"),
    "version: 1\nprofile: ./long.json\naddress_space: { generate: alternating, vma_count: 9 }\n",
  );
  writeFileSync(join(folder, "empty.maps"), "");
  writeFileSync(
    join(folder, "maps.txt"),
    "00400000-00452000 r-xp 00000000 08:02 173521 /usr/bin/x\n",
  );
  writeFileSync(join(folder, "maps.gz"), gzipSync("00400000-00452000 r-xp 0 08:02 1 /x\n"));
  writeFileSync(join(folder, "binary.yaml"), Buffer.from([0x41, 0xff, 0x00, 0x41]));
  writeFileSync(join(folder, "utf16.yaml"), Buffer.from("\ufeffversion: 1\n", "utf16le"));
  writeFileSync(join(folder, "rows.csv"), "id,n\na,1\n");
  const columns = "kernel,op,n,populate,exit_wait_ns";
  writeFileSync(join(folder, "strange.csv"), "date,price\n1,2\n");
  writeFileSync(join(folder, "header.csv"), `${columns}\n`);
  writeFileSync(
    join(folder, "negative.csv"),
    `${columns}
6.12,exit,1000,0,-5
`,
  );
  writeFileSync(join(folder, "profile.json"), '{\n  "name": "x"\n}\n');
  const costs = { tick: { ps: 1, source: "x" }, tikc: { ps: 1, source: "x" } };
  const profile = { name: "x", title: "x", machine: "x", date: "2026-01-01", valid: "x", costs };
  writeFileSync(join(folder, "cost.json"), JSON.stringify(profile));
  const negative = { ...profile, costs: { tick: { ps: -5, source: "x" } } };
  writeFileSync(join(folder, "negative.json"), JSON.stringify(negative));
  writeFileSync(join(folder, "long.json"), " ".repeat(1_100_000));
  writeFileSync(join(folder, "huge.yaml"), "");
  truncateSync(join(folder, "huge.yaml"), 700_000_000);
  writeFileSync(join(folder, "dated.json"), JSON.stringify({ ...profile, date: "yesterday" }));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** `@name` in arguments and messages stands for a file of the folder. */
interface BadLine {
  readonly args: string;
  readonly code: 2 | 3;
  readonly says: string | RegExp;
}

const BAD_LINES: readonly BadLine[] = [
  {
    args: "measure --sizes 1000,many",
    code: 2,
    says: 'bad value of --sizes: found "many", expected numbers of VMAs separated by commas, such as 1000,8000,65_000',
  },
  {
    args: "measure --sizes 0",
    code: 2,
    says: /^bad value of --sizes: found "0"/,
  },
  {
    args: "measure --repeats 0",
    code: 2,
    says: 'bad value of --repeats: found "0", expected a whole number from 1 to 1,000',
  },
  {
    args: "measure --populate maybe",
    code: 2,
    says: 'bad value of --populate: found "maybe", expected no, yes or both',
  },
  {
    args: "measure --cpu two",
    code: 2,
    says: 'bad value of --cpu: found "two", expected a whole number from 0 to 4,095',
  },
  {
    args: "measure --out @none/here.csv",
    code: 2,
    says: /^@none\/here\.csv: /,
  },
  {
    args: "run @good.yaml --set workload.type=munmap --set workload.first_vma=100",
    code: 2,
    says: "--set workload.first_vma=100: bad value of workload.first_vma: found 100, expected one of the 100 VMAs of the address space, from 0",
  },
  {
    args: "run @munmap.yaml",
    code: 2,
    says: "@munmap.yaml:2:53: bad value of workload.vma_count: found 20, expected at most 10 of the 100 VMAs of the address space",
  },
  {
    args: "litmus L1-munmap-fault-6.12 --strategy direct",
    code: 2,
    says: "--strategy belongs to `mixed`: found --strategy direct without it",
  },
  {
    args: "litmus mixed --seed 1 --seeds 9",
    code: 2,
    says: "--seed replays one schedule, --seeds explores many: found both, expected one of them",
  },
  {
    args: "trace @good.yaml --measured @none.csv",
    code: 2,
    says: "@none.csv: cannot read the measured trace: found no such file",
  },
  {
    args: "compare @good.yaml --html @one --out @one",
    code: 2,
    says: '--out and --html name one file: found "@one", expected two',
  },
  {
    args: "compare @good.yaml --html @",
    code: 2,
    says: "@: cannot write: found a directory, expected a file",
  },
  {
    args: "compare @good.yaml --html @no/such.html",
    code: 2,
    says: "@no/such.html: cannot write: found no such folder",
  },
  {
    args: "trace @good.yaml --csv @one --svg @one",
    code: 2,
    says: '--svg and --csv name one file: found "@one", expected two',
  },
  {
    args: "replay-index @",
    code: 2,
    says: "@: cannot read the index log: found a directory",
  },
  {
    args: "compair x",
    code: 2,
    says: /^unknown command: found "compair", expected one of run, compare, .*, help$/,
  },
  {
    args: "help foo",
    code: 2,
    says: /^unknown command: found "foo", expected one of run, .*help$/,
  },
  ...["sweep @good.yaml --vary seed=1,2 --csv -", "run @good.yaml --html -"].map((args) => ({
    args,
    code: 2 as const,
    says: /^bad value of --(csv|html): found "-", expected the name of a file \(standard output has the report; /,
  })),
  {
    args: "measure --out -",
    code: 2,
    says: /^bad value of --out: found "-", expected the name of a file \(standard output has the report; /,
  },
  {
    args: "describe exits/build-farms",
    code: 2,
    says: "exits/build-farms: cannot read scenario: found no such file (did you mean `exits/build-farm`?)",
  },
  {
    args: "describe exits",
    code: 2,
    says: /^exits: cannot read scenario: found no such file \(known: exits\/allocators, exits\/as-found, .* and \d+ more\)$/,
  },
  {
    args: "describe ",
    code: 2,
    says: 'no name of a scenario: found "", expected a scenario file, - for standard input, or the name of a ready one',
  },
  {
    args: "describe @good.yaml --set profile=list.yaml",
    code: 2,
    says: "unknown cost profile: found list.yaml (known: hikey-like, icount-6.12, icount-7.2, wall-clock-6.18; a path ends in .json or has a slash)",
  },
  {
    args: "run @good.yaml --sed 3",
    code: 2,
    says: "error: unknown option '--sed' (Did you mean one of --seed, --set?)",
  },
  {
    args: "run @good.yaml --seed",
    code: 2,
    says: "error: option '--seed <number>' argument missing",
  },
  { args: "run a b", code: 2, says: /^error: too many arguments for 'run'\. Expected 1 argument/ },
  {
    args: "validate",
    code: 2,
    says: "error: required option '--data <file.csv...>' not specified",
  },
  {
    args: "run",
    code: 2,
    says: "nothing to simulate: expected a scenario file, or --maps with a file, a PID or -",
  },
  {
    args: "run @maps.txt",
    code: 2,
    says: "@maps.txt: not a scenario: found maps of a process (--maps @maps.txt takes it)",
  },
  {
    args: "run @maps.gz",
    code: 2,
    says: "@maps.gz: cannot read scenario: found gzip data, expected a text file (decompress it first)",
  },
  {
    args: "run - --maps -",
    code: 2,
    says: "both the scenario and --maps are standard input: expected one of them (name a file for the other)",
  },
  {
    args: "run @none.yaml",
    code: 2,
    says: "@none.yaml: cannot read scenario: found no such file",
  },
  {
    args: "compare node-sever",
    code: 2,
    says: "node-sever: cannot read scenario: found no such file (did you mean `node-server`?)",
  },
  { args: "run @", code: 2, says: "@: cannot read scenario: found a directory" },
  {
    args: "run @binary.yaml",
    code: 2,
    says: "@binary.yaml: cannot read scenario: found bytes that are no UTF-8, expected a text file",
  },
  {
    args: "run @utf16.yaml",
    code: 2,
    says: "@utf16.yaml: cannot read scenario: found UTF-16 text, expected a text file (save it as UTF-8)",
  },
  {
    args: "run @bad.yaml",
    code: 2,
    says: "@bad.yaml:2:12: unknown key machine.cpuz (did you mean `cpus`?)",
  },
  {
    args: "run @lost-maps.yaml",
    code: 2,
    says: '@no.maps: cannot read maps: found no such file, expected a file, a PID or "-" (named at @lost-maps.yaml:2:24)',
  },
  {
    args: "run @lost-profile.yaml",
    code: 2,
    says: "@lost-profile.yaml:2:10: unknown cost profile: found icount-6.21 (did you mean `icount-6.12`?)",
  },
  {
    args: "compare --maps @empty.maps",
    code: 2,
    says: "nothing to exit from: maps of @empty.maps: found no VMAs, expected at least one (maps are empty for kernel threads and for processes that have ended)",
  },
  { args: "run --maps @none", code: 2, says: /^@none: cannot read maps: found no such file/ },
  {
    args: "run --maps 4194305",
    code: 2,
    says: /no process 4194305: expected the PID of a running process/,
  },
  {
    args: "run @good.yaml --set machine.cpuz=8",
    code: 2,
    says: "--set machine.cpuz=8: unknown key machine.cpuz (did you mean `cpus`?)",
  },
  {
    args: "run @good.yaml --set machine.cpus",
    code: 2,
    says: '--set: no KEY=VALUE: found "machine.cpus", expected a key of the scenario and its value, such as machine.cpus=8',
  },
  {
    args: "run @good.yaml --seed -1",
    code: 2,
    says: '--seed -1: bad value of seed: found "-1", expected a whole number from 0 to 2^64 - 1',
  },
  {
    args: "run @good.yaml --seed lucky",
    code: 2,
    says: '--seed lucky: bad value of seed: found "lucky", expected a whole number from 0 to 2^64 - 1',
  },
  {
    args: "run @good.yaml --vmas -5",
    code: 2,
    says: '--vmas -5: bad value of address_space.vma_count: found "-5", expected a whole number from 1 to 1,000,000,000',
  },
  {
    args: "run --maps /proc/self/maps --vmas 1e9999",
    code: 2,
    says: '--vmas 1e9999: bad value of address_space.scale_to: found "1e9999", expected a whole number from 1 to 1,000,000,000 (digits alone, such as 100_000)',
  },
  {
    args: "run @good.yaml --strategies direct,sinlge",
    code: 2,
    says: '--strategies direct,sinlge: bad value of strategies.1: found "sinlge", expected a strategy (did you mean `single`?)',
  },
  {
    args: "run @good.yaml --tick-phases 0",
    code: 2,
    says: '--tick-phases 0: bad value of tick_phases: found "0", expected a whole number from 1 to 64',
  },
  {
    args: "run @good.yaml --workers two",
    code: 2,
    says: 'bad value of --workers: found "two", expected a whole number from 0 to 256',
  },
  {
    args: "run @good.yaml --out @",
    code: 2,
    says: "@: cannot write: found a directory, expected a file",
  },
  {
    args: "run @good.yaml --out @no/result.txt",
    code: 2,
    says: "@no/result.txt: cannot write: found no such folder",
  },
  {
    args: "run @good.yaml --set profile=icount-6.21",
    code: 2,
    says: /^unknown cost profile: found icount-6\.21 \(did you mean `icount-6\.12`\?\)$/,
  },
  {
    args: "run @good.yaml --set profile=none.json",
    code: 2,
    says: "@none.json: cannot read cost profile: found no such file",
  },
  {
    args: "run @good.yaml --set profile=profile.json",
    code: 2,
    says: "@profile.json:1:1: missing key title: expected a one-line title",
  },
  {
    args: "run @good.yaml --set profile=cost.json",
    code: 2,
    says: /^@cost\.json:1:\d+: unknown cost: found "tikc" \(did you mean `tick`\?\)$/,
  },
  {
    args: "run @good.yaml --set profile=negative.json",
    code: 2,
    says: /^@negative\.json:1:\d+: bad value of costs\.tick\.ps: found -5, expected a whole number from 0 to/,
  },
  {
    args: "run @good.yaml --set profile=dated.json",
    code: 2,
    says: /^@dated\.json:1:\d+: bad value of date: found "yesterday", expected a date such as 2026-01-31$/,
  },
  {
    args: "run @good.yaml --set profile=long.json",
    code: 3,
    says: "@long.json: file too long for a settings file: found 1,100,000 characters needed, expected at most 1,048,576 (is this the right file?)",
  },
  {
    args: "run @long-profile.yaml",
    code: 3,
    says: "@long.json: file too long for a settings file: found 1,100,000 characters needed, expected at most 1,048,576 (is this the right file?)",
  },
  {
    args: "validate --data @none.csv",
    code: 2,
    says: "@none.csv: cannot read measured rows: found no such file",
  },
  {
    args: "validate --data @rows.csv",
    code: 2,
    says: /^@rows\.csv:1:1: missing columns .* of \w[\w-]* rows/,
  },
  {
    args: "validate --data @strange.csv",
    code: 2,
    says: /^@strange\.csv:1:1: no column of measured rows: found "date", "price", expected the columns of one of fault, .*, vmalloc \(see docs\/cli\.md\)$/,
  },
  {
    args: "validate --data @header.csv",
    code: 2,
    says: "@header.csv:1:1: no rows: found a header alone, expected rows of figures below it",
  },
  {
    args: "validate --data @negative.csv",
    code: 2,
    says: "@negative.csv:2:18: bad figure in column exit_wait_ns: found -5, expected a number from 0 on, -1 for what was not measured, or nothing",
  },
  {
    args: "validate --data @rows.csv --phases 0",
    code: 2,
    says: 'bad value of --phases: found "0", expected a whole number from 1 to 1,024',
  },
  {
    args: "validate --data @rows.csv --tolerance much",
    code: 2,
    says: 'bad value of --tolerance: found "much", expected a share such as 10% or 0.1, at most 100%',
  },
  {
    args: "validate --data @rows.csv --metrics exit_totl_ns",
    code: 2,
    says: 'bad value of --metrics: found "exit_totl_ns", expected all, claimed, or names of metrics (did you mean `exit_total_ns`?)',
  },
  {
    args: "replay-index @rows.csv --kernel 6.1",
    code: 2,
    says: 'bad value of --kernel: found "6.1", expected one of 6.12, 7.2',
  },
  { args: "replay-index @none.log", code: 2, says: /^@none\.log: cannot read the index log/ },
  {
    args: "run @good.yaml --vmas 100_000_000",
    code: 3,
    says: "run does not fit: found 6,400,065,536 bytes needed, expected at most 4,294,901,760",
  },
  {
    args: "describe @good.yaml --vmas 900_000_000",
    code: 3,
    says: /bytes needed, expected at most 4,294,901,760/,
  },
  {
    args: "describe rcu-flood --vmas 100",
    code: 2,
    says: "--vmas 100: bad value of address_space: found a mapping, expected no such key: the workload rcu_flood takes none",
  },
  {
    args: "sweep rcu-flood --vary vmas=10,100",
    code: 2,
    says: /the workload rcu_flood takes none/,
  },
  {
    args: "trace @good.yaml --tick-phases 4",
    code: 2,
    says: '--tick-phases without --measured: found "4", expected --measured as well (of several tick phases the one next to a measured trace is shown)',
  },
  {
    args: "trace @good.yaml --events 5",
    code: 2,
    says: '--events without --perfetto: found "5", expected --perfetto as well (only a timeline has events)',
  },
  {
    args: "run @huge.yaml",
    code: 3,
    says: "@huge.yaml: file too long: found 700,000,000 bytes needed, expected at most 4,194,304 (is this the right file?)",
  },
  {
    args: "validate --data @huge.yaml",
    code: 3,
    says: "@huge.yaml: file too long: found 700,000,000 bytes needed, expected at most 268,435,456 (is this the right file?)",
  },
  {
    args: "run /dev/zero",
    code: 3,
    says: /^\/dev\/zero: file too long: found 4,\d{3},\d{3} bytes needed, expected at most 4,194,304/,
  },
  {
    args: "compare @wide.yaml",
    code: 3,
    says: /^contiguous VMAs do not fit: found 100,000,000,000,000 pages of 47-bit addresses needed/,
  },
];

describe("bad input on the command line is refused in one line:", () => {
  it.each(BAD_LINES)("$args", async ({ args, code, says }) => {
    const files = args.split(" ").map((part) => part.replace("@", `${folder}/`));
    const outcome = await cli(files);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr.endsWith("\n")).toBe(true);
    expect(outcome.stderr.trimEnd()).not.toContain("\n");
    const prefix = "vma-teardown: ";
    expect(outcome.stderr.startsWith(prefix)).toBe(true);
    const message = outcome.stderr.slice(prefix.length).trimEnd().replaceAll(`${folder}/`, "@");
    if (typeof says === "string") expect(message).toBe(says);
    else expect(message).toMatch(says);
    expect(outcome.code).toBe(code);
  });
});
