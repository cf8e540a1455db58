// Litmus tests as text: verdict lines as herd7 prints them, and reports of the lifetime oracle.

import type { LitmusSummary } from "../litmus/explore.ts";
import type { Condition } from "../litmus/spec.ts";
import type { BreachReport, LitmusRun, Turn } from "../litmus/world.ts";

/** What would have prevented a breach, in words. */
const PROTECTION: Readonly<Record<string, string>> = {
  "rcu-deferral": "the free does not wait for RCU readers (no call_rcu)",
  "rcu-read-lock": "the reader is not inside an RCU read section",
  "rcu-around-unlock": "no RCU read section around the unlock, whose tail touches the lock again",
  "full-grace-period": "the free did not wait for a grace period that began after it was queued",
  "vma-write-lock": "the VMA was not write-locked before it was detached",
  "mm-users": "the reader holds no mm_users: exit need not wait for it",
  "mm-check": "vm_mm was not compared after the reference was taken",
  "address-check": "the address was not compared after the reference was taken",
  "detached-check-first": "the address was read before the VMA was found attached",
  "mm-grab": "the other mm was not grabbed before its VMA was put",
  "queued-once": "nothing keeps a VMA from being handed over twice",
  "oom-skip-check": "MMF_OOM_SKIP was not looked at",
};

const KIND: Readonly<Record<string, string>> = {
  "use-after-free": "use after free",
  "garbage-address": "the address of a VMA that was overwritten when it was handed to RCU",
  "wrong-vma": "work on a VMA of another mm or another address",
  "queued-twice": "queued twice",
  "freed-twice": "freed twice",
  "freed-early": "freed while a reader was inside since before it was queued",
  "mm-use-after-free": "use of an mm_struct after its last reference was gone",
  "no-mm-users": "a VMA is read-locked while nobody holds mm_users",
  "reader-inside": "freed or detached while a reader is inside",
  conservation: "VMAs are lost, or counts disagree",
  exclusion: "reader and writer inside at the same time",
};

function freeText({ freed_by, freed_at, freed_by_callback, state }: BreachReport): string {
  if (freed_by === undefined) return "not freed";
  if (freed_by_callback) return `step ${freed_at}, by the callback that ${freed_by} queued`;
  const handed_over = state === "queued" || state === "waiting";
  return `step ${freed_at}, ${handed_over ? "handed over" : "directly"}, by ${freed_by}`;
}

/** A report of the oracle: reader, object, free, missing protection, both times. */
export function breachText(breach: BreachReport): string {
  const { object, life_seen, life_now, state, page } = breach;
  const lives =
    life_seen === life_now
      ? `life ${life_now}, ${state}`
      : `life ${life_seen} when looked up, now life ${life_now}, ${state}`;
  const at = page < 2n ** 52n ? ` of page ${page}` : "";
  return [
    `  ${KIND[breach.kind] ?? breach.kind}`,
    `    reader   ${breach.reader}, in ${breach.operation}${at}, touches ${breach.access}`,
    `    object   VMA ${object} (${lives})`,
    `    free     ${freeText(breach)}`,
    `    access   step ${breach.time}`,
    `    missing  ${PROTECTION[breach.missing] ?? "a rule of the books"}`,
  ].join("\n");
}

function conditionText({ breach, access, missing, happened = [] }: Condition): string {
  const parts = [
    breach === undefined ? undefined : breach === "any" ? "any breach" : breach,
    access === undefined ? undefined : `at ${access}`,
    missing === undefined ? undefined : `for want of ${missing}`,
    ...happened,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

function replayLine(given: string, seed: bigint): string {
  const word = /^[\w./@%+=:-]+$/.test(given) ? given : `'${given.replaceAll("'", `'\\''`)}'`;
  return `  replay   vma-teardown litmus ${word} --seed ${seed}`;
}

/** One test over many schedules; `given` is what it is called on a command line: a name, or its file. */
export function summaryText(
  summary: LitmusSummary,
  condition: Condition,
  given = summary.name,
): string {
  const { name, runs, positive, negative, observation, witness } = summary;
  const states = summary.states.map(
    ({ runs: count, words, first_seed }) =>
      `${String(count).padStart(8)} :> ${words.join("; ")} (seed ${first_seed})`,
  );
  const lines = [
    `Test ${name}: ${summary.title}`,
    `States ${summary.states.length}`,
    ...states,
    summary.ok ? "Ok" : "No",
    `Condition exists (${conditionText(condition)})`,
    `Observation ${name} ${observation} ${positive} ${negative}`,
  ];
  if (summary.unasked > 0) lines.push(`Breaches that were not asked for: ${summary.unasked}`);
  if (summary.cut_off > 0) lines.push(`Schedules cut off before their end: ${summary.cut_off}`);
  if (witness !== undefined) {
    lines.push(`Witness: seed ${witness.seed} of ${runs}`);
    lines.push(...witness.breaches.map(breachText), replayLine(given, witness.seed));
  }
  return `${lines.join("\n")}\n`;
}

/** One line a test. */
export function verdictLine({ name, ok, observation, positive, negative }: LitmusSummary): string {
  return `${ok ? "Ok" : "No"}  Observation ${name} ${observation} ${positive} ${negative}`;
}

/** What the lines of many tests say, for those who read them for the first time. */
export function legend(summaries: readonly LitmusSummary[]): string {
  const failed = summaries.filter(({ ok }) => !ok);
  const hasty = failed.filter(({ runs, runs_wanted }) => runs < runs_wanted).length;
  const why = hasty === 0 ? "" : ` (${hasty} in fewer schedules than they ask for)`;
  const outcome =
    failed.length === 0 ? "all as expected" : `${failed.length} not as expected${why}`;
  return (
    `\n${summaries.length} tests, ${outcome}. Numbers: schedules in which what the test looks for\n` +
    "happened, and in which it did not. `vma-teardown litmus NAME` tells more of one.\n"
  );
}

/** One schedule, turn by turn. */
export function runText(name: string, run: LitmusRun, schedule: readonly Turn[]): string {
  const turns = schedule.map(({ thread, operation, steps }) => {
    const doing = operation === "" ? "" : ` ${operation}`;
    return `  ${String(steps).padStart(4)} ${thread}${doing}`;
  });
  return `${[
    `Test ${name}, seed ${run.seed}: ${run.happened.join("; ") || "nothing worth a word"}`,
    ...run.breaches.map(breachText),
    "Schedule (steps, thread, operation):",
    ...turns,
  ].join("\n")}\n`;
}
