// A program that uses the library and nothing of Node: it runs here, there and in the browser.

import {
  compare,
  jobSpec,
  MapsParser,
  parseProfile,
  parseScenario,
  resolveScenario,
  strategyJobs,
} from "vma-teardown";
import { VmaIndex } from "vma-teardown/vma-index";

const SCENARIOS = [
  `
version: 1
name: real process, one CPU
address_space: {maps: node-server.smaps, scale_to: 30_000}
strategies: [direct, call_rcu, batch-32, throttle, single]
seed: 1
`,
  `
version: 1
name: gappy, four CPUs
machine: {cpus: 4, hz: 1000}
address_space: {generate: gappy, vma_count: 20_000, page_count_max: 700, gap_pages_max: 90}
strategies: [call_rcu, batch-32, single]
seed: 18446744073709551615
tick_phases: 3
`,
];

function parseMaps(text, file) {
  const parser = new MapsParser({ file, origin: file });
  parser.push(new TextEncoder().encode(text));
  return parser.finish();
}

/** A tree of the index alone, node by node. */
async function indexText() {
  const index = await VmaIndex.create();
  for (let page = 0; page < 500; page++) index.store(page * 8192, page * 8192 + 4096, page + 1);
  return `${index}`;
}

/** Runs every scenario; answers names, digests and metrics in order. */
export async function runAll(profile_text, maps_text) {
  const profile = parseProfile(profile_text, "profile");
  const outcomes = [{ scenario: "index", digest: await indexText() }];
  for (const text of SCENARIOS) {
    const scenario = parseScenario(text, "scenario");
    const resolved = await resolveScenario(scenario, {
      readMaps: async (file) => parseMaps(maps_text, file),
      readProfile: async () => profile,
    });
    const jobs = scenario.strategies.flatMap((strategy) => strategyJobs(resolved, strategy));
    for (const { strategy, digest, metrics } of await compare(jobs.map(jobSpec))) {
      outcomes.push({ scenario: scenario.name, strategy, digest, metrics });
    }
  }
  return outcomes;
}
