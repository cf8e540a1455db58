// `litmus`: small races under many schedules, judged by the lifetime oracle.

import { InputError, quoteFound } from "../../errors.ts";
import { exploreLitmus, exploreMixed, type LitmusSummary } from "../../litmus/explore.ts";
import { mixedScenario } from "../../litmus/mixed.ts";
import { loadLitmus, readyLitmus } from "../../litmus/ready.ts";
import { SAFE_STRATEGIES, type SafeStrategy } from "../../litmus/safe-strategies.ts";
import type { LitmusSpec } from "../../litmus/spec.ts";
import { LitmusWorld } from "../../litmus/world.ts";
import { jsonText } from "../../output/json.ts";
import { breachText, legend, runText, summaryText, verdictLine } from "../../output/litmus-text.ts";
import { hintFor } from "../../scenario/suggest.ts";
import { parseInteger } from "../../scenario/units.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import { type CommandIo, ExitCode } from "../io.ts";
import { withProgress } from "../progress.ts";
import type { LitmusOptions } from "../usage/litmus.ts";
import { numberOption } from "../values.ts";

const SEEDS_MAX = 100_000_000;

function seedOption(text: string): bigint {
  if (/^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n) return BigInt(text);
  const parsed = parseInteger(text);
  if ("value" in parsed && parsed.value >= 0) return BigInt(parsed.value);
  throw new InputError({
    problem: "bad value of --seed",
    found: quoteFound(text),
    expected: "a whole number from 0 to 2^64 - 1",
  });
}

function strategiesOption(text: string | undefined): readonly SafeStrategy[] {
  if (text === undefined) return SAFE_STRATEGIES;
  const found = SAFE_STRATEGIES.filter(({ name }) => name === text);
  if (found.length > 0) return found;
  const names = SAFE_STRATEGIES.map(({ name }) => name);
  const hint = hintFor(text, names);
  throw new InputError({ problem: "bad value of --strategy", found: quoteFound(text), hint });
}

function mixedText(summaries: readonly LitmusSummary[]): string {
  return summaries
    .map((summary) => {
      const { name, witness } = summary;
      const lines = [verdictLine(summary)];
      if (witness !== undefined) {
        const strategy = name.slice("mixed-".length);
        lines.push(...witness.breaches.map(breachText));
        lines.push(
          `  replay   vma-teardown litmus mixed --strategy ${strategy} --seed ${witness.seed}`,
        );
      }
      return `${lines.join("\n")}\n`;
    })
    .join("");
}

export async function litmusCommand(
  names: readonly string[],
  options: LitmusOptions,
  io: CommandIo,
): Promise<ExitCode> {
  await prepareDelivery(options, names);
  const seeds =
    options.seeds === undefined ? undefined : numberOption("--seeds", options.seeds, 1, SEEDS_MAX);
  if (options.seed !== undefined) return replay(names, options, seedOption(options.seed), io);
  const list = names.length === 0 ? await readyLitmus() : names;
  const mixed = list.includes("mixed");
  if (!mixed) refuseStrategy(options.strategy);
  const tests = list.filter((name) => name !== "mixed");
  const specs = await Promise.all(tests.map(loadLitmus));
  const strategies = mixed ? strategiesOption(options.strategy) : [];
  const summaries = await withProgress(io, "exploring", async (report) => {
    const all = specs.length + strategies.length;
    const results: LitmusSummary[] = [];
    const part = (fraction: number): void => report((results.length + fraction) / all);
    const how = { ...(seeds !== undefined && { seeds }), onProgress: part, signal: io.signal };
    for (const spec of specs) results.push(await exploreLitmus(spec, how));
    for (const strategy of strategies) results.push(await exploreMixed(strategy, how));
    return results;
  });
  const document = options.json
    ? jsonText({ format: "vma-teardown litmus", version: 1, tests: summaries.map(plainSummary) })
    : litmusText(specs, summaries, names.length > 0 ? tests : undefined);
  await deliver(io, options, document);
  return summaries.every(({ ok }) => ok) ? ExitCode.FINE : ExitCode.CHECK_FAILED;
}

/** At length where tests were named: then these are the names. */
function litmusText(
  specs: readonly LitmusSpec[],
  summaries: readonly LitmusSummary[],
  names: readonly string[] | undefined,
): string {
  const scripted = summaries.slice(0, specs.length);
  const text = names
    ? scripted.map((summary, at) => summaryText(summary, specs[at]!.observe, names[at]!)).join("\n")
    : scripted.map((summary) => `${verdictLine(summary)}\n`).join("") + legend(scripted);
  return text + mixedText(summaries.slice(specs.length));
}

/** Scripted tests say themselves how they free. */
function refuseStrategy(strategy: string | undefined): void {
  if (strategy === undefined) return;
  const problem = "--strategy belongs to `mixed`";
  throw new InputError({ problem, found: `--strategy ${strategy} without it` });
}

/** JSON knows no bigint: seeds and pages as numbers where they fit, else as text. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function plainSummary({ witness, ...rest }: LitmusSummary): unknown {
  const { counts: _, ...run } = witness ?? { counts: undefined };
  return plain({ ...rest, ...(witness === undefined ? {} : { witness: run }) });
}

async function replay(
  names: readonly string[],
  options: LitmusOptions,
  seed: bigint,
  io: CommandIo,
): Promise<ExitCode> {
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new InputError({
      problem: "--seed replays one test",
      found: `${names.length} tests`,
      expected: "the name of one litmus test",
    });
  }
  if (options.seeds !== undefined) {
    const problem = "--seed replays one schedule, --seeds explores many";
    throw new InputError({ problem, found: "both", expected: "one of them" });
  }
  if (name !== "mixed") refuseStrategy(options.strategy);
  const specs =
    name === "mixed"
      ? strategiesOption(options.strategy).map((strategy) => mixedScenario(strategy, seed))
      : [await loadLitmus(name)];
  const world = new LitmusWorld();
  const runs = specs.map((spec) => {
    const run = world.run(spec, seed);
    return { name: spec.name, run, schedule: world.schedule(spec) };
  });
  const document = options.json
    ? jsonText({
        format: "vma-teardown litmus run",
        version: 1,
        runs: runs.map(({ name: test, run: { counts: _, ...run }, schedule }) =>
          plain({ name: test, ...run, schedule }),
        ),
      })
    : runs.map((one) => runText(one.name, one.run, one.schedule)).join("\n");
  await deliver(io, options, document);
  return ExitCode.FINE;
}
