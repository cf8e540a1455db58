// The map for newcomers has every room: docs/architecture.md beside the folders there are.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../api/built.ts";

/** Written by the build. */
const GENERATED = "src/generated/";

it.each(["assembly", "src"])("docs/architecture.md says what each folder of %s is for", (top) => {
  const rooms = readdirSync(join(ROOT, top), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${top}/${name}/`)
    .filter((room) => room !== GENERATED);
  const table = readFileSync(join(ROOT, "docs/architecture.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|")[1]!);
  const described = table.flatMap((cell) => [...cell.matchAll(/`([^`]+\/)`/g)].map(([, it]) => it));
  expect(described.filter((room) => room!.startsWith(`${top}/`)).sort()).toEqual(rooms.sort());
});
