// The program in a browser, bundled by Vite.

import profile from "vma-teardown/profiles/icount-6.12.json?raw";
import { runAll } from "./runs.js";

globalThis.outcomes = async () => {
  const response = await fetch("node-server.smaps");
  return runAll(profile, await response.text());
};
