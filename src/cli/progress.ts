// How far long work is, on standard error: a bar with the time that is left where that is a terminal, a line
// now and then where it is not, nothing with --quiet.

import type { CommandIo } from "./io.ts";

const STEPS = 1000;
/** From line to line off a terminal. What is over sooner says nothing. */
const LINE_MS = 10_000;

/** Seconds as a person reads them, the more roughly the more there are; "?" until there is a rate. */
export function timeLeft(seconds: unknown): string {
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) return "?";
  const rounded = seconds < 10 ? Math.ceil(seconds) : Math.ceil(seconds / 5) * 5;
  const [minutes, rest] = [Math.floor(rounded / 60), rounded % 60];
  if (minutes === 0) return `${rest}s`;
  if (minutes < 60) return `${minutes}m${rest}s`;
  return `${Math.floor(minutes / 60)}h${minutes % 60}m`;
}

type Report = (fraction: number) => void;

function lines(io: CommandIo, label: string): Report {
  const start_ms = performance.now();
  let next_ms = start_ms + LINE_MS;
  return (fraction) => {
    const now_ms = performance.now();
    if (now_ms < next_ms || fraction >= 1) return;
    next_ms = now_ms + LINE_MS;
    const left_ms = ((now_ms - start_ms) / fraction) * (1 - fraction);
    // some work cannot say how far it is before its first part is done
    const left = fraction > 0 ? `, about ${timeLeft(left_ms / 1000)} left` : "";
    io.stderr(`vma-teardown: ${label}: ${Math.floor(fraction * 100)} %${left}\n`);
  };
}

async function withBar<T>(
  stream: NodeJS.WriteStream,
  label: string,
  work: (report: Report) => Promise<T>,
): Promise<T> {
  const { SingleBar } = (await import("cli-progress")).default;
  const bar = new SingleBar({
    stream,
    format: `${label} [{bar}] {percentage} %  ETA {eta_formatted}`,
    formatTime: timeLeft,
    barsize: 30,
    barCompleteChar: "#",
    barIncompleteChar: "-",
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 20,
    fps: 10,
    gracefulExit: false,
  });
  bar.start(STEPS, 0);
  try {
    return await work((fraction) => bar.update(Math.round(Math.min(1, fraction) * STEPS)));
  } finally {
    bar.stop();
  }
}

/**
 * Runs `work`, which reports its share done, 0 to 1, and tells the user. A bar is gone when the work is
 * done, fails or is aborted.
 */
export async function withProgress<T>(
  io: CommandIo,
  label: string,
  work: (report: Report) => Promise<T>,
): Promise<T> {
  if (io.quiet) return work(() => {});
  if (io.terminal === undefined) return work(lines(io, label));
  return withBar(io.terminal, label, work);
}
