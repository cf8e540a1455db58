import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // These need a packed tarball and a browser: see test/package/vitest.config.ts.
    exclude: [...configDefaults.exclude, "test/package/**", "test/browser/**"],
    testTimeout: 120_000,
    allowOnly: false,
    maxWorkers: "100%", // by default one core stays idle, which is half of two
  },
});
