// What a command talks to, so that tests can listen.

import type { EngineClass } from "../api/engine-port.ts";

export interface CommandIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Where a progress bar may be drawn; absent in pipes. */
  readonly terminal?: NodeJS.WriteStream | undefined;
  /** No progress is told. */
  readonly quiet?: boolean | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Another engine, for tests. */
  readonly engine?: EngineClass | undefined;
}

/** What a process ends with. */
export const ExitCode = {
  FINE: 0,
  CHECK_FAILED: 1,
  BAD_INPUT: 2,
  LIMIT: 3,
  /** A fault of this program, as in sysexits. */
  INTERNAL: 70,
  /** 128 + SIGINT, as shells report it. */
  INTERRUPTED: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
