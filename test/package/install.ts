// Packs the package, installs the tarball into an empty project and lays the consumers beside it.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { TestProject } from "vitest/node";
import { makeScratch, plainEnvironment, removeScratch } from "../../scripts/scratch.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of the project that has the package installed. */
    readonly project: string;
    /** The packed package. */
    readonly tarball: string;
  }
}

function npm(args: readonly string[], cwd: string): string {
  const env = plainEnvironment();
  return execFileSync("npm", args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] }).toString();
}

export default function setup({ provide }: TestProject): () => void {
  const scratch = makeScratch("package");
  const packed = npm(["pack", "--json", "--silent", "--pack-destination", scratch], ROOT);
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf("["))) as [{ filename: string }];
  const tarball = join(scratch, filename);

  const project = join(scratch, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  npm(["install", "--prefer-offline", "--no-audit", "--no-fund", tarball], project);

  cpSync(join(ROOT, "test/package/consumer"), project, { recursive: true });
  const maps = readFileSync(join(ROOT, "scenarios/maps/node-server.smaps.gz"));
  mkdirSync(join(project, "public"));
  writeFileSync(join(project, "public/node-server.smaps"), gunzipSync(maps));

  provide("project", project);
  provide("tarball", tarball);
  return () => removeScratch(scratch);
}
