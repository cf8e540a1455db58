// A place outside every project, for checks that must see nothing but what they install themselves.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Node looks for packages in every folder above. */
function seesPackages(folder) {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "node_modules"))) return true;
    if (at === dirname(at)) return false;
  }
}

/** Makes an empty folder; the caller removes it with `removeScratch`. */
export function makeScratch(name) {
  const base = [tmpdir(), "/var/tmp", homedir()].find((folder) => !seesPackages(folder));
  if (base === undefined) {
    throw new Error("no scratch folder: there is a node_modules above each of them; set TMPDIR");
  }
  return mkdtempSync(join(base, `vma-teardown-${name}-`));
}

export function removeScratch(folder) {
  rmSync(folder, { recursive: true, force: true });
}

/** The environment without what npm tells its scripts: for commands that shall run as by hand. */
export function plainEnvironment(extra = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_/i.test(name) && !["INIT_CWD", "NODE_ENV"].includes(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}
