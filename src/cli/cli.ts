// The command line as a function: arguments in, exit code out.

import { Command, CommanderError } from "commander";
import { InputError, quoteFound } from "../errors.ts";
import { type CommandIo, ExitCode } from "./io.ts";
import { addCalibrate } from "./usage/calibrate.ts";
import { addCompare } from "./usage/compare.ts";
import { addDescribe } from "./usage/describe.ts";
import { addImport } from "./usage/import.ts";
import { addLitmus } from "./usage/litmus.ts";
import { addMeasure } from "./usage/measure.ts";
import { addReplayIndex } from "./usage/replay-index.ts";
import { addRun } from "./usage/run.ts";
import { addSchema } from "./usage/schema.ts";
import { addSweep } from "./usage/sweep.ts";
import { addTrace } from "./usage/trace.ts";
import { addValidate } from "./usage/validate.ts";

const AFTER_HELP = `
Strategies: direct, call_rcu, batch-N (any N), throttle, throttle-timer, throttle-shrinker, single,
kvfree_rcu, in 7.2 typesafe and rcu-sheaf, or a scenario's own.
Scenarios: a file, or one of the package by name; docs/scenarios.md lists them.
Exit codes: 0 fine, 1 a check failed, 2 bad input, 3 a limit, 70 a fault of this program, 130 interrupted.

Examples:
  vma-teardown compare node-server
  vma-teardown run node-server --strategies call_rcu --json
  vma-teardown sweep node-server --vary vmas=1_000..1_000_000x10
  vma-teardown validate --data results.csv`;

function unknownCommand(root: Command, name: string): InputError {
  const known = root.commands.map((command) => command.name());
  return new InputError({
    problem: "unknown command",
    found: quoteFound(name),
    expected: `one of ${known.join(", ")}`,
  });
}

/** `help COMMAND`, which refuses a command that there is not, where commander's own prints everything. */
function addHelp(root: Command): void {
  root
    .helpCommand(false)
    .command("help")
    .argument("[command]")
    .description("display help for command")
    .action((name: string | undefined) => {
      const found = root.commands.find((command) => command.name() === name);
      if (name !== undefined && found === undefined) throw unknownCommand(root, name);
      (found ?? root).help();
    });
}

function program(outer: CommandIo, version: string, exit: (code: ExitCode) => void): Command {
  const root = new Command("vma-teardown")
    .description(
      "Simulates how a Linux process frees its VMAs: exit latency, dead memory, RCU load.",
    )
    .version(version)
    .option("--quiet", "tell no progress on standard error")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: outer.stdout,
      writeErr: outer.stderr,
      // One line, suggestion included.
      outputError: (text, write) =>
        write(`vma-teardown: ${text.trim().replace(/\s*\n\s*/g, " ")}\n`),
    })
    .addHelpText("after", AFTER_HELP);
  const io: CommandIo = {
    ...outer,
    get quiet() {
      return root.opts().quiet === true;
    },
  };
  addRun(root, io);
  addCompare(root, io);
  addSweep(root, io);
  addDescribe(root, io);
  addValidate(root, io, exit);
  addMeasure(root, io);
  addCalibrate(root, io);
  addImport(root, io);
  addReplayIndex(root, io, exit);
  addLitmus(root, io, exit);
  addTrace(root, io);
  addSchema(root, io);
  addHelp(root);
  root.on("command:*", ([name]: string[]) => {
    throw unknownCommand(root, name ?? "");
  });
  return root;
}

function failure(error: unknown, io: CommandIo): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitCode.FINE : ExitCode.BAD_INPUT;
  }
  if (io.signal.aborted) {
    io.stderr("vma-teardown: interrupted\n");
    return ExitCode.INTERRUPTED;
  }
  if (error instanceof InputError) {
    io.stderr(`vma-teardown: ${error.message}\n`);
    return error.code;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr(`vma-teardown: internal error, please report it: ${text}\n`);
  return ExitCode.INTERNAL;
}

/** Runs one command line (without node and script). Never throws. */
export async function runCli(
  args: readonly string[],
  io: CommandIo,
  version: string,
): Promise<ExitCode> {
  let code: ExitCode = ExitCode.FINE;
  const root = program(io, version, (wanted) => {
    code = wanted;
  });
  try {
    await root.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return failure(error, io);
  }
}
