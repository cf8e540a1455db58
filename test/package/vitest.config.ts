// Tests of the packed tarball, installed into an empty project: in Node, in a Vite bundle and in
// Chromium. Apart from the others because they need the network, a browser and a minute.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/package/**/*.test.ts", "test/browser/**/*.test.ts"],
    globalSetup: ["test/package/install.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    allowOnly: false,
  },
});
