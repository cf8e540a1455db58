// The program in Node: prints what came out as JSON.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runAll } from "./runs.js";

const profile = fileURLToPath(import.meta.resolve("vma-teardown/profiles/icount-6.12.json"));
const outcomes = await runAll(
  readFileSync(profile, "utf8"),
  readFileSync("public/node-server.smaps", "utf8"),
);
process.stdout.write(JSON.stringify(outcomes));
