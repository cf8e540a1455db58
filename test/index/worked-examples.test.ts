// Worked examples printed from the real trees: the nodes before and after one operation.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Kernel } from "./support.ts";
import { FastTree, KERNELS } from "./support.ts";

interface Example {
  readonly name: string;
  readonly sets: string[];
  before: string;
  readonly steps: { op: string; height: number; nodes: number; deferred: number[]; tree: string }[];
}

const LAST = 2 ** 52 - 1;
const page = (word: string | undefined): number => (word === "M" ? LAST : Number(word));

function parse(text: string): Example[] {
  const examples: Example[] = [];
  let tree: string[] = [];
  let finish = (): void => {};
  for (const line of `${text}\n== end`.split("\n")) {
    const current = examples.at(-1);
    const op = /^op (.*) -> height (\d+), nodes (\d+), deferred \+(\d+)(?: \(non-RCU \+(\d+)\))?/;
    const found = op.exec(line);
    if (line.startsWith("== ") || line === "before" || found) {
      finish();
      finish = () => {};
      tree = [];
    }
    if (line.startsWith("== ")) {
      examples.push({ name: line.slice(3), sets: [], before: "", steps: [] });
    } else if (line.startsWith("set ")) {
      current!.sets.push(line.slice(4));
    } else if (line === "before") {
      const lines = tree;
      finish = () => {
        current!.before = lines.join("\n");
      };
    } else if (found) {
      const lines = tree;
      const [, words, height, nodes, rcu, plain] = found;
      finish = () => {
        const deferred = [Number(plain ?? 0), Number(rcu)];
        const [h, n] = [Number(height), Number(nodes)];
        current!.steps.push({ op: words!, height: h, nodes: n, deferred, tree: lines.join("\n") });
      };
    } else if (line.startsWith("  ") && current) {
      tree.push(line.slice(2));
    }
  }
  return examples.slice(0, -1);
}

function set(tree: FastTree, line: string): void {
  const words = line.split(/\s+/).filter((word) => word !== "..");
  const [a, b, v] = words.slice(1, 4).map(Number) as [number, number, number];
  if (words.length === 4) {
    tree.store(a, b, v);
    return;
  }
  const [da, db, dv, count] = [8, 9, 10, 12].map((i) => Number(words[i])) as number[];
  for (let i = 0; i < count!; i++) tree.store(a + i * da!, b + i * db!, v + i * dv!);
  expect([a + (count! - 1) * da!, v + (count! - 1) * dv!]).toEqual([
    page(words[4]),
    page(words[6]),
  ]);
}

function run(tree: FastTree, op: string): void {
  const [letter, ...words] = op.split(" ");
  const [a, b, v] = words.map(page) as [number, number, number];
  if (letter === "S") tree.store(a, b, v);
  else if (letter === "N") tree.store(a, b, 0);
  else if (letter === "I") tree.insert(a, b, v);
  else if (letter === "E") tree.erase(a);
  else throw new Error(`unknown operation ${op}`);
}

function examplesOf(kernel: Kernel): Example[] {
  return parse(readFileSync(`test/fixtures/maple-vectors/worked-${kernel}.txt`, "utf8"));
}

describe.each(KERNELS)("worked examples of %s", (kernel) => {
  it("are all there", () => {
    const examples = examplesOf(kernel);
    expect(examples.length).toBe(kernel === "7.2" ? 30 : 6);
    expect(examples.every(({ steps, before }) => steps.length > 0 && before !== "")).toBe(true);
  });

  describe.each([false, true])("RCU mode %s", (rcu) => {
    it.each(examplesOf(kernel).map((example) => [example.name, example] as const))(
      "%s",
      (_name, { sets, before, steps }) => {
        const tree = new FastTree({ kernel, rcu, target: "debug" });
        for (const line of sets) set(tree, line);
        expect(tree.draw()).toBe(before);
        for (const step of steps) {
          const deferred = tree.deferred;
          run(tree, step.op);
          expect(tree.draw()).toBe(step.tree);
          expect(tree.height).toBe(step.height);
          expect(tree.nodes).toBe(step.nodes);
          expect(tree.deferred - deferred).toBe(step.deferred[rcu ? 1 : 0]);
          expect(tree.audit()).toBe("");
        }
      },
    );
  });
});
