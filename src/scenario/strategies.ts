// Strategies by name. A preset is nothing but a point in the policy space of `FreePolicy`.

import { BATCH_MAX } from "../api/policy.ts";
import type { FreePolicy, Strategy } from "../api/types.ts";
import { InputError, quoteFound } from "../errors.ts";
import { nearest } from "./suggest.ts";

interface Preset {
  readonly summary: string;
  /** Jiffies in one second matter to the throttle only. */
  readonly exit: (hz: number) => FreePolicy;
}

const PRESETS: Readonly<Record<string, Preset>> = {
  direct: {
    summary: "free each VMA at once (what 6.12 does at exit)",
    exit: () => ({ collect: "none", drain: { when: "end" }, release: "direct" }),
  },
  call_rcu: {
    summary: "one call_rcu() per VMA",
    exit: () => ({ collect: "none", drain: { when: "end" }, release: "call-rcu" }),
  },
  typesafe: {
    summary: "free each VMA at once, only empty slabs wait (what 7.2 does)",
    exit: () => ({ collect: "none", drain: { when: "end" }, release: "typesafe" }),
  },
  throttle: {
    summary: "per-mm list, drained by a free that comes over a second after the last drain",
    exit: (hz) => ({
      collect: "mm-list",
      drain: { when: "interval", jiffies: hz },
      release: "call-rcu",
    }),
  },
  "throttle-timer": {
    summary: "the same list, but a timer drains it a second after its first VMA at the latest",
    exit: (hz) => ({
      collect: "mm-list",
      drain: { when: "interval", jiffies: hz, timer: true },
      release: "call-rcu",
    }),
  },
  "throttle-shrinker": {
    summary: "the throttle's list with a shrinker: drained when memory is short",
    exit: (hz) => ({
      collect: "mm-list",
      drain: { when: "interval", jiffies: hz, shrinker: true },
      release: "call-rcu",
    }),
  },
  kvfree_rcu: {
    summary:
      "kvfree_rcu(): pages of 507 pointers, a monitor, a worker after the grace period (not in 7.2)",
    exit: () => ({ collect: "bulk", drain: { when: "end" }, release: "call-rcu" }),
  },
  "rcu-sheaf": {
    summary: "kfree_rcu() into a sheaf, one call_rcu() for each full one (7.2)",
    exit: () => ({ collect: "sheaf", drain: { when: "end" }, release: "call-rcu" }),
  },
  single: {
    summary: "all VMAs on one private list, one call_rcu() at the end",
    exit: () => ({ collect: "private-list", drain: { when: "end" }, release: "call-rcu" }),
  },
};

const BATCH = /^batch-(\d+)$/;

/** Names to suggest and to list; `batch-32` stands for any N. */
export const STRATEGY_NAMES: readonly string[] = [
  "direct",
  "call_rcu",
  "batch-32",
  "throttle",
  "throttle-timer",
  "throttle-shrinker",
  "single",
  "kvfree_rcu",
  "typesafe",
  "rcu-sheaf",
];

/** What a name stands for in a sentence; undefined for names of the user's own. */
export function strategySummary(name: string): string | undefined {
  const batch = BATCH.exec(name);
  if (batch !== null) return `per-mm list, handed over as soon as it is longer than ${batch[1]}`;
  return Object.hasOwn(PRESETS, name) ? PRESETS[name]!.summary : undefined;
}

/**
 * The strategy of a preset's name: `direct`, `batch-32`, ... `hz` is the machine's, which gives the throttle its
 * second in jiffies. Throws InputError with the nearest name where there is no such preset.
 */
export function presetStrategy(name: string, hz: number): Strategy {
  const found = lookUpPreset(name, hz);
  if ("strategy" in found) return found.strategy;
  const problem = "unknown preset of a strategy";
  throw new InputError({ problem, found: quoteFound(name), hint: found.hint });
}

type PresetLookup = { readonly strategy: Strategy } | { readonly hint: string };

/** The same, with words of its own for who has no such preset. */
export function lookUpPreset(name: string, hz: number): PresetLookup {
  const batch = BATCH.exec(name);
  if (batch !== null) {
    const vmas = Number(batch[1]);
    if (vmas > BATCH_MAX) return { hint: `N of batch-N is at most ${BATCH_MAX}` };
    const drain = { when: "size-over", vmas } as const;
    return { strategy: { name, exit: { collect: "mm-list", drain, release: "call-rcu" } } };
  }
  if (Object.hasOwn(PRESETS, name)) return { strategy: { name, exit: PRESETS[name]!.exit(hz) } };
  const best = nearest(name, STRATEGY_NAMES);
  return {
    hint:
      best === undefined
        ? `known: ${STRATEGY_NAMES.join(", ")} (batch-N for any N)`
        : `did you mean \`${best}\`?`,
  };
}
