// A run in a worker thread of one's own, as a page would use a Web Worker: the main entry touches neither files nor threads.
// Progress comes as messages, and Ctrl-C, or a message, aborts the run.
//
// usage: node exit-in-a-worker.mjs [VMAS]

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { alternating, parseProfile, parseScenario, simulate } from "vma-teardown";
import profile from "vma-teardown/profiles/icount-6.12.json" with { type: "json" };

/** In the worker: simulates, and answers with the figures. */
async function work(vmas) {
  const scenario = `
version: 1
address_space: { generate: alternating, vma_count: ${vmas} }
strategies: [call_rcu]
`;
  const { machine, strategies, seed } = parseScenario(scenario, "inline");
  const controller = new AbortController();
  parentPort.once("message", () => controller.abort(new Error("nobody waits any more")));
  const { metrics, digest } = await simulate(
    {
      machine,
      space: alternating(vmas),
      strategy: strategies[0],
      profile: parseProfile(JSON.stringify(profile), "icount-6.12.json"),
      seed,
      probe_flags: 0,
    },
    {
      onProgress: ({ fraction }) => parentPort.postMessage({ fraction }),
      signal: controller.signal,
    },
  );
  parentPort.postMessage({ metrics, digest });
  parentPort.close();
}

function start(vmas) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { vmas } });
  process.once("SIGINT", () => worker.postMessage("stop"));
  worker.on("message", ({ fraction, metrics, digest }) => {
    if (metrics === undefined) process.stderr.write(`${Math.round(fraction * 100)} %\r`);
    else console.log(`exit ${(metrics.exit_total_ns / 1e6).toFixed(1)} ms, digest ${digest}`);
  });
  worker.on("error", ({ message }) => {
    console.error(message);
    process.exitCode = 1;
  });
}

if (isMainThread) start(Number(process.argv[2] ?? 300_000));
else await work(workerData.vmas);
