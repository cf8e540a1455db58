// Bundles benchmarks and runs them one after the other.
//
// usage: npm run bench [-- room ...]      e.g. npm run bench -- queue slab engine/capacity

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
/** As deep as the sources, so that paths relative to a module stay right. */
const OUT = join(ROOT, "build", "bench");

const wanted = process.argv.slice(2);

/** Is a benchmark in the room `part`, or the one that it names? */
function isPart(name, part) {
  return dirname(name) === part || name === `${part}.bench.ts`;
}

const files = readdirSync(join(ROOT, "bench"), { recursive: true })
  .filter((name) => name.endsWith(".bench.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => isPart(name, part)))
  .sort();
if (files.length === 0) {
  process.stderr.write(`no benchmark in ${wanted.join(", ")}: see the folders of bench/\n`);
  process.exitCode = 1;
}

for (const file of files) {
  const name = `${basename(file, ".bench.ts")}.mjs`;
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "warn",
    build: {
      ssr: join(ROOT, "bench", file),
      outDir: OUT,
      emptyOutDir: false,
      target: "node20",
      rollupOptions: { output: { entryFileNames: name } },
    },
  });
  process.stdout.write(`\n=== bench/${file}\n`);
  // Without the baseline compiler of WebAssembly: it would be measured in the first rounds.
  const { status } = spawnSync(process.execPath, ["--no-liftoff", join(OUT, name)], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
