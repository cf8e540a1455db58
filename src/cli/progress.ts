// A progress bar with the time that is left, on a terminal and nowhere else.

import progress, { type Options } from "cli-progress";
import type { CommandIo } from "./io.ts";

const STEPS = 1000;

/** cli-progress has the word INF, cut to "NF", for a rate that is not known yet. */
export function timeLeft(seconds: unknown, options: Options, step: number): string {
  return typeof seconds === "number" ? progress.Format.TimeFormat(seconds, options, step) : "?";
}

/**
 * Runs `work` under a progress bar; the bar is gone when the work is done, fails or is aborted.
 * `work` reports its share done, 0 to 1.
 */
export async function withProgress<T>(
  io: CommandIo,
  label: string,
  work: (report: (fraction: number) => void) => Promise<T>,
): Promise<T> {
  if (io.terminal === undefined) return work(() => {});
  const bar = new progress.SingleBar({
    stream: io.terminal,
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
