// The real exit of this machine's kernel beside its simulation, in turn, at the same number of VMAs.
//
// One round is one exit of the measuring program (from just before _exit() to wait4()'s return) and one
// simulated exit of the same layout, so that slow spells of the machine fall on both. Real exits free VMAs
// directly; that is what is simulated. Minimum and median of the ratios are printed with both times.

import { cpus, release } from "node:os";
import { Engine } from "../../src/engine/engine.ts";
import { InputError } from "../../src/errors.ts";
import { alternating } from "../../src/input/generate.ts";
import { compileMeasure, findCompiler } from "../../src/measure/compiler.ts";
import { defaultSizes, thisMachine } from "../../src/measure/machine.ts";
import { measure } from "../../src/measure/measure.ts";
import { quantile } from "../../src/stats/quantiles.ts";
import { benchSpec } from "../engine/spec.ts";

const ROUNDS = 25;
/** What the project promises: a simulated exit takes at most this share of the real one. */
const SHARE_MAX = 0.2;

const signal = new AbortController().signal;

/** Milliseconds of a simulated teardown, and of building the address space before. */
function simulated(n: number): { teardown_ms: number; build_ms: number } {
  const engine = Engine.create(benchSpec(alternating(n, { base_process: true }), "direct"));
  const start = performance.now();
  for (const _ of engine.loadChunks());
  const built = performance.now();
  while (!engine.runSlice());
  const end = performance.now();
  if (engine.result().metrics.freed_final < n) throw new Error("not all VMAs were freed");
  engine.release();
  return { teardown_ms: end - built, build_ms: built - start };
}

async function real(program: string, n: number): Promise<number> {
  const request = { sizes: [n], repeats: 1, seconds: 0, populate: 0, cpu: 0 } as const;
  const { samples } = await measure(program, request, { signal, onProgress: () => {} });
  return samples.find(({ op }) => op === "exit")!.exit_wait_ns / 1e6;
}

async function pairs(program: string, n: number): Promise<void> {
  simulated(n); // compiled and warm, as the kernel is
  const rounds: { real_ms: number; teardown_ms: number; build_ms: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ real_ms: await real(program, n), ...simulated(n) });
  }
  const ratios = rounds.map(({ teardown_ms, real_ms }) => teardown_ms / real_ms);
  const middle = (of: (round: (typeof rounds)[number]) => number) =>
    quantile(rounds.map(of), 0.5).toFixed(2);
  const median = quantile(ratios, 0.5);
  process.stdout.write(
    `${n} VMAs: real exit ${middle((one) => one.real_ms)} ms, simulated ${middle((one) => one.teardown_ms)} ms ` +
      `(built in ${middle((one) => one.build_ms)} ms); simulated / real ${median.toFixed(3)} ` +
      `(best ${quantile(ratios, 0).toFixed(3)}, worst ${quantile(ratios, 1).toFixed(3)}): ` +
      `${median <= SHARE_MAX ? "within" : "beyond"} one fifth\n`,
  );
}

try {
  const machine = await thisMachine();
  const program = await compileMeasure(await findCompiler(process.env.CC), signal);
  process.stdout.write(
    `Linux ${release()}, ${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}; medians of ${ROUNDS} pairs\n`,
  );
  for (const n of defaultSizes(machine).filter((size) => size >= 16_000)) {
    await pairs(program.file, n);
  }
  await program.remove();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stdout.write(`skipped: ${error.message}\n`);
}
