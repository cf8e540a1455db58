// Whoever embeds the library can name every type that its declarations speak of.

import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ROOT } from "../api/built.ts";

const DIST = join(ROOT, "dist/src/");

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
  types: [],
  strict: true,
};

/** Types that declarations reach from `entry` and that it does not export; those of one file alone aside. */
function unnamed(entry: string): string[] {
  const program = ts.createProgram([DIST + entry], OPTIONS);
  const checker = program.getTypeChecker();
  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const module = checker.getSymbolAtLocation(program.getSourceFile(DIST + entry)!)!;
  const exported = new Set(checker.getExportsOfModule(module).map(resolved));
  const ours = ({ declarations = [] }: ts.Symbol): ts.Declaration[] =>
    declarations.filter((one) => one.getSourceFile().fileName.startsWith(DIST));
  const isLocal = (symbol: ts.Symbol): boolean =>
    ours(symbol).every((one) => (ts.getCombinedModifierFlags(one) & ts.ModifierFlags.Export) === 0);

  const reached = new Set<ts.Symbol>(exported);
  const visit = (node: ts.Node): void => {
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined;
    const found = name && checker.getSymbolAtLocation(name);
    if (found !== undefined && ours(resolved(found)).length > 0) reached.add(resolved(found));
    ts.forEachChild(node, visit);
  };
  // A set goes on to what is added while it is walked.
  for (const symbol of reached) ours(symbol).forEach(visit);
  return [...reached]
    .filter((symbol) => !exported.has(symbol) && !isLocal(symbol))
    .map(({ name }) => name)
    .sort();
}

describe("every type of the public interface has a name to import:", () => {
  it.each(["index.d.ts", "node.d.ts", "vma-index/index.d.ts"])(
    "%s",
    { timeout: 60_000 },
    (entry) => {
      expect(unnamed(entry)).toEqual([]);
    },
  );
});
