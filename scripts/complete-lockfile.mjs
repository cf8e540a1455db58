// Adds to package-lock.json the platform packages that a registry mirror does not carry.
//
// npm leaves an optional package that it cannot fetch out of the lockfile, and `npm ci` then calls
// the lockfile out of step with package.json, on every platform. The entries added here say only
// version, system and processor: enough for npm to see which of them concern a machine.
//
// usage: npm install ... && node scripts/complete-lockfile.mjs

import { readFileSync, writeFileSync } from "node:fs";

const FILE = "package-lock.json";
const SYSTEM = /(?:^|-)(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-(\w+))?$/;

function platformEntry(name, version, dev) {
  const match = SYSTEM.exec(name);
  if (match === null) throw new Error(`${FILE} lacks ${name}, which names no platform`);
  const [, os, cpu, abi] = match;
  const libc = os === "linux" ? { libc: [abi === "musl" ? "musl" : "glibc"] } : {};
  return { version, cpu: [cpu], ...(dev ? { dev } : {}), ...libc, optional: true, os: [os] };
}

const lock = JSON.parse(readFileSync(FILE, "utf8"));
let added = 0;
for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const key = `node_modules/${name}`;
    if (key in lock.packages) continue;
    lock.packages[key] = platformEntry(name, version, dev);
    added++;
  }
}
const root = Object.entries(lock.packages).filter(([key]) => key === "");
const rest = Object.entries(lock.packages).filter(([key]) => key !== "");
rest.sort(([a], [b]) => a.localeCompare(b, "en"));
lock.packages = Object.fromEntries([...root, ...rest]);
if (added > 0) writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${FILE}: ${added} platform packages added\n`);
