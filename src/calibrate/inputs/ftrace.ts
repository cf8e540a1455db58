// Text of ftrace's function_graph tracer: how long exit_mmap and its phases took.
//
// A line has the CPU, perhaps time stamp and task, a duration where a function ends, and the function:
//
//    1)               |  exit_mmap() {
//    1) ! 337.123 us  |    unmap_vmas();
//    1) # 1236.022 us |  }
//
// What begins and ends is matched per CPU by its nesting, as the closing line need not name anything.

import { InputError } from "../../errors.ts";

export interface TracedExit {
  /** Line on which exit_mmap ends. */
  readonly line: number;
  readonly exit_mmap_ns: number;
  readonly unmap_vmas_ns: number | undefined;
  readonly free_pgtables_ns: number | undefined;
}

const CPU = /^[\s\d.|]*?(\d+)\)/;
const DURATION = /([\d.]+)\s+us/;
const ENTRY = /^([\w.]+)\s*\(.*\)\s*\{/;
const LEAF = /^([\w.]+)\s*\(.*\)\s*;/;

interface Frame {
  readonly name: string;
  unmap_vmas_ns?: number;
  free_pgtables_ns?: number;
}

export function isFtrace(text: string): boolean {
  return /^# tracer: function_graph/m.test(text) || /^\s*\d+\)[^\n]*\|\s/m.test(text);
}

function note(stack: readonly Frame[], name: string, ns: number): void {
  const exit = stack.findLast((frame) => frame.name === "exit_mmap");
  if (exit === undefined) return;
  if (name === "unmap_vmas") exit.unmap_vmas_ns = ns;
  if (name === "free_pgtables") exit.free_pgtables_ns = ns;
}

/** All complete exits of a trace, in their order. Throws InputError when there is none. */
export function tracedExits(text: string, file: string): TracedExit[] {
  const stacks = new Map<string, Frame[]>();
  const exits: TracedExit[] = [];
  text.split("\n").forEach((line, at) => {
    const cpu = CPU.exec(line)?.[1];
    const parts = line.split("|");
    if (line.startsWith("#") || cpu === undefined || parts.length < 2) return;
    const call = parts.at(-1)!.trim();
    const microseconds = DURATION.exec(parts.slice(0, -1).join(" "))?.[1];
    const ns = microseconds === undefined ? undefined : Number(microseconds) * 1000;
    const stack = stacks.get(cpu) ?? [];
    stacks.set(cpu, stack);
    const entered = ENTRY.exec(call)?.[1];
    const leaf = LEAF.exec(call)?.[1];
    if (entered !== undefined) stack.push({ name: entered });
    else if (leaf !== undefined && ns !== undefined) note(stack, leaf, ns);
    else if (call.startsWith("}")) {
      const frame = stack.pop();
      if (frame === undefined || ns === undefined) return;
      note(stack, frame.name, ns);
      if (frame.name !== "exit_mmap") return;
      const { unmap_vmas_ns, free_pgtables_ns } = frame;
      exits.push({ line: at + 1, exit_mmap_ns: ns, unmap_vmas_ns, free_pgtables_ns });
    }
  });
  if (exits.length > 0) return exits;
  throw new InputError({
    file,
    line: 1,
    column: 1,
    problem: "no complete exit_mmap() in the trace",
    expected: "function_graph output with exit_mmap() { ... } and a duration at its end",
    hint: "echo exit_mmap > set_graph_function; echo 2 > max_graph_depth",
  });
}
