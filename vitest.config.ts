import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    // wasm without tier-up pauses: the engine enters long loops once
    poolOptions: {},
  },
});
