// Scenarios, profiles and maps out of files. Node only.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve, sep } from "node:path";
import { openSpace, type SpaceRecipe } from "../api/space.ts";
import type { CostProfile } from "../api/types.ts";
import { InputError, type InputPlace } from "../errors.ts";
import { packageFolder, readStdin, readText } from "../files.ts";
import type { AddressSpace } from "../input/address-space.ts";
import { openMaps } from "../input/maps-file.ts";
import { parseProfile, profileBase } from "../profile/profile.ts";
import type { OverrideRule } from "./overrides.ts";
import { type ResolvedScenario, resolveScenario } from "./resolve.ts";
import { parseScenario, scenarioError } from "./scenario.ts";
import { type Path, parseSource, valueAt } from "./source.ts";
import { hintFor, nearest } from "./suggest.ts";
import { spaceProblem } from "./workloads/workloads.ts";

async function namesIn(folder: string, ending: string): Promise<string[]> {
  const options = { recursive: true };
  const names = await readdir(join(packageFolder(), folder), options).catch(() => []);
  const named = names.filter((name) => name.endsWith(ending));
  return named.map((name) => name.slice(0, -ending.length).replaceAll(sep, "/")).sort();
}

function isPath(name: string): boolean {
  return name.includes("/") || name.endsWith(".json");
}

/** Finds a profile by name (those of the package) or path (relative to `folder`). */
export async function readProfile(name: string, folder = "."): Promise<CostProfile> {
  const file = profileFile(name, folder);
  if (isPath(name) || existsSync(file)) return profileOf(file);
  const known = await namesIn("profiles", ".json");
  const no_path = nearest(name, known) === undefined ? "; a path ends in .json or has a slash" : "";
  const hint = hintFor(name, known) + no_path;
  throw new InputError({ problem: "unknown cost profile", found: name, hint });
}

/** Where a profile of that name would lie. */
export function profileFile(name: string, folder = "."): string {
  if (!isPath(name)) return join(packageFolder(), "profiles", `${name}.json`);
  return isAbsolute(name) ? name : join(folder, name);
}

/** A profile and the one it is based on, which stands alone. */
async function profileOf(file: string): Promise<CostProfile> {
  const text = await readText(file, "cost profile");
  const base = profileBase(text, file);
  if (base === undefined) return parseProfile(text, file);
  const base_file = join(packageFolder(), "profiles", `${base}.json`);
  if (!existsSync(base_file)) {
    const hint = hintFor(base, await namesIn("profiles", ".json"));
    throw new InputError({ file, problem: "based on an unknown cost profile", found: base, hint });
  }
  return parseProfile(text, file, await profileOf(base_file));
}

/** Instead of a file's name: standard input. */
const STDIN = "-";

/** It can be read once. */
function stdinTwice(maps: string): InputError {
  return new InputError({
    problem: `both the scenario and ${maps} are standard input`,
    expected: "one of them",
    hint: "name a file for the other",
  });
}

/** The text of a scenario, and the name that messages give its file. */
async function scenarioText(name: string | undefined): Promise<{ file: string; text: string }> {
  if (name === undefined) return { file: "scenario", text: NO_FILE };
  if (name === STDIN) return { file: "<stdin>", text: await readStdin("<stdin>", "scenario") };
  if (name === "") {
    const expected = "a scenario file, - for standard input, or the name of a ready one";
    throw new InputError({ problem: "no name of a scenario", found: '""', expected });
  }
  const { file, hint } = await scenarioFile(name);
  return { file, text: await readText(file, "scenario", { hint }) };
}

/** A scenario's file: as given, or one of the package's by its bare name, `exits/build-farm` too. */
async function scenarioFile(name: string): Promise<{ file: string; hint: string | undefined }> {
  if (existsSync(name) || !/^(\w+\/)?[\w-][\w.-]*$/.test(name))
    return { file: name, hint: undefined };
  const ready = join(packageFolder(), "scenarios", `${name}.yaml`);
  if (existsSync(ready)) return { file: ready, hint: undefined };
  return { file: name, hint: await scenarioHint(name) };
}

/** The nearest of the package's scenarios, else those of the folder that `name` begins with, else some. */
async function scenarioHint(name: string): Promise<string> {
  // races over VMAs are YAML files as well, but no scenarios
  const names = (await namesIn("scenarios", ".yaml")).filter((one) => !one.startsWith("litmus/"));
  const beside = names.filter((one) => one.startsWith(`${name.split("/")[0]}/`));
  const listed = nearest(name, names) === undefined && beside.length > 0 ? beside : names;
  return hintFor(name, listed);
}

export interface LoadOptions {
  /** Applied in this order before checking. */
  readonly overrides?: readonly OverrideRule[] | undefined;
  /** Instead of the scenario's address space: a file, a PID or "-". */
  readonly maps?: string | undefined;
}

/** An error about a file or profile that a scenario names says where it does. */
function namedAt(error: unknown, place: InputPlace): unknown {
  // what is wrong inside of that file has its own line, and a limit its own numbers
  if (!(error instanceof InputError) || error.line !== undefined || error.code === 3) return error;
  const { problem, file, found, expected, hint, cause } = error;
  const parts = { problem, found, expected, cause };
  if (file === undefined) return new InputError({ ...parts, ...place, hint });
  const named = `named at ${place.file}:${place.line}:${place.column}`;
  return new InputError({ ...parts, file, hint: hint === undefined ? named : `${hint}; ${named}` });
}

/** How /proc/PID/maps and smaps begin. */
const MAPS_LINE = /^[0-9a-f]+-[0-9a-f]+ [r-][w-][x-][ps] /;

/** Do both make the same address space? Columns are the same where they are one object. */
function sameRecipe(one: SpaceRecipe, other: SpaceRecipe): boolean {
  const [mine, its] = [Object.entries(one), new Map<string, unknown>(Object.entries(other))];
  const shares = JSON.stringify(one.populated) === JSON.stringify(other.populated);
  const same = ([key, value]: [string, unknown]) => key === "populated" || value === its.get(key);
  return shares && mine.length === its.size && mine.every(same);
}

const NO_FILE = "version: 1\nname: maps\n";

/** A scenario that was read and may be resolved with different overrides; each file is read once. */
export interface OpenScenario {
  /** Throws InputError or LimitError. Overrides are applied in this order before checking. */
  resolve(overrides: readonly OverrideRule[]): Promise<ResolvedScenario>;
}

/** What `read` answers, asked once for each name. */
function once<T>(read: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (name) => {
    const answer = answers.get(name) ?? read(name);
    answers.set(name, answer);
    return answer;
  };
}

/**
 * Reads a scenario: a file, one of the package by its name, or "-" for standard input. Without a name, `maps` is
 * the address space of a machine with kernel defaults; with one, `maps` stands instead of its address space: a
 * file, a PID or "-". Throws InputError.
 */
export async function openScenario(
  name: string | undefined,
  maps?: string | undefined,
): Promise<OpenScenario> {
  if (name === undefined && maps === undefined) {
    throw new InputError({
      problem: "nothing to simulate",
      expected: "a scenario file, or --maps with a file, a PID or -",
    });
  }
  if (name === STDIN && maps === STDIN) throw stdinTwice("--maps");
  const { file, text } = await scenarioText(name);
  if (MAPS_LINE.test(text)) {
    const hint = name === undefined ? undefined : `--maps ${name} takes it`;
    throw new InputError({ file, problem: "not a scenario", found: "maps of a process", hint });
  }
  const space: OverrideRule[] =
    maps === undefined
      ? []
      : [{ path: ["address_space"], value: { maps }, option: `--maps ${maps}` }];
  const folder = dirname(file);
  const placed = async <T>(path: Path, value: string, reading: Promise<T>): Promise<T> => {
    try {
      return await reading;
    } catch (error) {
      const source = parseSource(text, file);
      // an option may have put another value there
      throw valueAt(source.tree, path) === value ? namedAt(error, source.place(path)) : error;
    }
  };
  const ownMaps = async (target: string): Promise<AddressSpace> => {
    if (name === STDIN && target === STDIN) throw stdinTwice("its maps");
    return scenarioMaps(folder, target);
  };
  const mapsOf = once<AddressSpace>((target) =>
    maps === undefined
      ? placed(["address_space", "maps"], target, ownMaps(target))
      : openMaps(target),
  );
  const profileNamed = once((profile) =>
    placed(["profile"], profile, readProfile(profile, folder)),
  );

  let last: SpaceRecipe | undefined;
  const resolve = async (overrides: readonly OverrideRule[]): Promise<ResolvedScenario> => {
    const rules = [...space, ...overrides];
    const scenario = parseScenario(text, file, rules);
    const context = { readMaps: mapsOf, readProfile: profileNamed, shared: true };
    const fresh = await resolveScenario(scenario, context);
    // what is known of an address space is known by its recipe: points that have the same one share it
    if (last === undefined || !sameRecipe(last, fresh.space)) last = fresh.space;
    const resolved = { ...fresh, space: last };
    const problem = spaceProblem(scenario.workload, () => openSpace(resolved.space));
    if (problem !== undefined) throw scenarioError(problem, text, file, rules);
    const { address_space, profile } = scenario;
    const own_maps = address_space !== undefined && "maps" in address_space && address_space.maps;
    const files = [
      ...(name === undefined || name === STDIN ? [] : [file]),
      ...(own_maps && isFile(own_maps) ? [maps ?? relativeTo(folder, own_maps)] : []),
      profileFile(profile, folder),
    ];
    return { ...resolved, files };
  };
  return { resolve };
}

/**
 * Loads a scenario with its maps and profile. Without a file, `options.maps` is the address space of
 * a machine with kernel defaults. Throws InputError or LimitError.
 */
export async function loadScenario(
  name: string | undefined,
  options: LoadOptions = {},
): Promise<ResolvedScenario> {
  const { resolve } = await openScenario(name, options.maps);
  return resolve(options.overrides ?? []);
}

/** Neither standard input nor a process. */
const isFile = (target: string): boolean => target !== STDIN && !/^\d+$/.test(target);

/** `--maps` is relative to where the user stands, a scenario's maps to the scenario. */
async function scenarioMaps(folder: string, target: string): Promise<AddressSpace> {
  if (!isFile(target)) return openMaps(target);
  const space = await openMaps(relativeTo(folder, target));
  // Reports are to be the same wherever the scenario lies.
  return renamed(space, `maps of ${basename(target)}`);
}

function renamed(space: AddressSpace, origin: string): AddressSpace {
  const chunks = (chunk_vmas: number) => space.chunks(chunk_vmas);
  const { found, vma_count } = space;
  const again = found && renamed(found, `${origin}, resident as found`);
  return { origin, vma_count, chunks, found: again };
}

function relativeTo(folder: string, target: string): string {
  if (isAbsolute(target)) return target;
  const path = join(folder, target);
  return path.startsWith("..") ? resolve(path) : path;
}
