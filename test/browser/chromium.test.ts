// The installed package in a Vite bundle, served to a real browser: the same results as in Node,
// to the last bit.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, extname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { OUTCOMES, type Outcome } from "../package/outcome.ts";

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
};

/** The browser that CHROMIUM names, else the first chromium of the PATH. */
function chromiumPath(): string {
  const named = process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates =
    named === undefined ? folders.map((folder) => join(folder, "chromium")) : [named];
  const found = candidates.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    `no browser at ${named ?? "chromium"}: apt-get install chromium, or set CHROMIUM to its path`,
  );
}

/** Serves the files of a folder, and nothing above it, on a free port of this machine. */
function serve(folder: string): Promise<Server> {
  const files = new Set(readdirSync(folder, { recursive: true }).map((name) => `/${name}`));
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const name = path === "/" ? "/index.html" : path;
    if (!files.has(name) || extname(name) === "") {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type }).end(readFileSync(join(folder, name)));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

let browser: Browser | undefined;
let server: Server | undefined;

beforeAll(async () => {
  const root = inject("project");
  await build({ root, configFile: false, logLevel: "warn", base: "./" });
  server = await serve(join(root, "dist"));
  browser = await chromium.launch({ executablePath: chromiumPath(), args: ARGS });
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

it("gives in Chromium what it gives in Node", async () => {
  const page = await browser!.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  const { port } = server!.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/`);
  const inBrowser = await page.evaluate(() =>
    (globalThis as unknown as { outcomes: () => Promise<Outcome[]> }).outcomes(),
  );
  expect(problems).toEqual([]);

  const printed = execFileSync(process.execPath, ["node.js"], { cwd: inject("project") });
  const inNode = JSON.parse(printed.toString()) as Outcome[];
  expect(inNode).toHaveLength(OUTCOMES);
  expect(inBrowser).toEqual(inNode);
  process.stdout.write(
    `Chromium ${browser!.version()}: ${OUTCOMES - 1} runs, same digests as Node\n`,
  );
});
