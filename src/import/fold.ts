// Runs of the same steps again and again as `repeat`.

/** Steps of a repeated run at most; longer ones are not looked for. */
const PERIOD_MAX = 32;
/** Turns of one repetition (src/litmus/file.ts). */
const TURNS_MAX = 10_000;

/** A step as it is, or a run of steps and how often it occurs. */
export interface Folded {
  readonly turns: number;
  readonly steps: readonly string[];
}

/** What a repetition cannot hold: names of address spaces, each made once, and the end. */
const ONCE = /^\{(fork|exec|wait):|^exit$/;

/** Steps that are looked at for one run; what goes beyond is a run of its own. */
const WINDOW = 2 * TURNS_MAX;

/** How often the steps at `at` follow one another. */
function turnsAt(steps: readonly string[], at: number, period: number): number {
  const most = Math.min(WINDOW, steps.length - at - period);
  let same = 0;
  while (same < most && steps[at + same] === steps[at + period + same]) same++;
  return 1 + Math.floor(same / period);
}

/** The shortest period that no longer one outdoes by a turn of its own. */
function runAt(steps: readonly string[], at: number): { period: number; turns: number } {
  let best = { period: 1, turns: 1 };
  for (let period = 1; period <= PERIOD_MAX && at + 2 * period <= steps.length; period++) {
    if (ONCE.test(steps[at + period - 1]!)) break;
    if (steps[at] !== steps[at + period]) continue;
    const turns = turnsAt(steps, at, period);
    if (turns > 1 && (turns - 1) * period >= best.turns * best.period) best = { period, turns };
  }
  return { period: best.period, turns: Math.min(TURNS_MAX, best.turns) };
}

export function fold(steps: readonly string[]): Folded[] {
  const folded: Folded[] = [];
  for (let at = 0; at < steps.length; ) {
    const { period, turns } = runAt(steps, at);
    folded.push({ turns, steps: steps.slice(at, at + period) });
    at += period * turns;
  }
  return folded;
}
