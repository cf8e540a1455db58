// The files of the code base, as the checks of this folder see them: what git knows or would add.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export const FILES: readonly string[] = execFileSync(
  "git",
  ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
  { cwd: ROOT, maxBuffer: 1 << 26 },
)
  .toString()
  .split("\n")
  .filter((name) => name !== "" && existsSync(join(ROOT, name)));

/** Text of a file, by its path from the root. */
export function textOf(name: string): string {
  return readFileSync(join(ROOT, name), "utf8");
}

/** Files of these folders with this ending. */
export function filesIn(folders: readonly string[], ending: RegExp): string[] {
  return FILES.filter(
    (name) => folders.some((folder) => name.startsWith(`${folder}/`)) && ending.test(name),
  );
}

/** Every line that matches, as `file:line: text`. */
export function linesLike(names: readonly string[], pattern: RegExp): string[] {
  return names.flatMap((name) =>
    textOf(name)
      .split("\n")
      .flatMap((line, at) => (pattern.test(line) ? [`${name}:${at + 1}: ${line.trim()}`] : [])),
  );
}

/** The code of a line without its comment; good enough where no string holds two slashes. */
export function withoutComments(text: string): string {
  const blank = (comment: string): string => comment.replace(/[^\n]/g, " ");
  return text.replace(/\/\*.*?\*\//gs, blank).replace(/\/\/[^\n]*/g, blank);
}

/** What a module imports or re-exports at run time: everything but types. */
export function importsOf(name: string): string[] {
  const statements =
    /^(?:import|export)\s(?!type\b)[^";]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gm;
  return [...textOf(name).matchAll(statements)].map(([, from, bare]) => from ?? bare!);
}
