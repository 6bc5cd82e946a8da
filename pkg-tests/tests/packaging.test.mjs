/** What npm would publish, and what a consumer's bundler makes of it. */

import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { call, consumer } from "../lib/consumer.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const bin = (name) => here(`../node_modules/.bin/${name}`);

test("the tarball holds what the exports name, and nothing of the sources or tests", async () => {
  const { files, project } = await consumer();
  const paths = files.map(({ path }) => path);
  const { exports } = JSON.parse(await readFile(join(project, "node_modules/resitu/package.json"), "utf8"));
  const named = Object.values(exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)));
  for (const target of named.filter((target) => !target.includes("*"))) {
    assert.ok(paths.includes(target.replace("./", "")), `${target} is not in the tarball`);
  }
  assert.ok(paths.includes("models/breast.resitu") && paths.includes("models/human-mouse.genes"));
  assert.deepEqual(paths.filter((path) => /\.test\.|^src\/|^site\//.test(path)), []);
});

test("publint finds nothing to say", async () => {
  const { tarball } = await consumer();
  const { publint } = await import("publint");
  const { messages } = await publint({ pack: { tarball: await bytesOf(tarball) }, strict: true });
  assert.deepEqual(messages, []);
});

test("are-the-types-wrong finds the types right for ESM and bundlers", async () => {
  const { tarball } = await consumer();
  // An ESM package cannot be required from CommonJS, and says so: that is meant. The assets have no types.
  const assets = ["--exclude-entrypoints", "./resitu_bg.wasm", "./models/*", "./package.json"];
  await call(bin("attw"), [tarball, "--profile", "esm-only", ...assets], here("."));
});

test("types come first in every export", async () => {
  const { project } = await consumer();
  const { exports } = JSON.parse(await readFile(join(project, "node_modules/resitu/package.json"), "utf8"));
  for (const target of Object.values(exports).filter((target) => typeof target === "object")) {
    assert.equal(Object.keys(target)[0], "types");
  }
});

test("a Vite build has exactly one wasm and one translator, each once", async () => {
  const { built } = await consumer();
  const count = (extension) => built.filter((path) => extname(path) === extension).length;
  assert.equal(count(".wasm"), 1);
  assert.equal(count(".resitu"), 1);
  for (const path of built.filter((path) => extname(path) === ".js")) {
    assert.ok(!(await readFile(path, "utf8")).includes("data:application/wasm"), `${basename(path)} has a wasm inlined`);
  }
});

test("the output names no address outside the site", async () => {
  const { built } = await consumer();
  for (const path of built.filter((path) => [".js", ".html", ".css"].includes(extname(path)))) {
    const text = await readFile(path, "utf8");
    const addresses = text.match(/(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}[^\s"'`)]*/gi) ?? [];
    assert.deepEqual(addresses.filter((address) => !address.startsWith("//#")), [], basename(path));
  }
});

test("the README's lines are the ones that the consumer compiled", async () => {
  const readme = await readFile(here("../../README.md"), "utf8");
  const source = await readFile(here("../vite-consumer/src/ten-lines.ts"), "utf8");
  const lines = source.split("// readme:begin\n")[1].split("// readme:end")[0].trim();
  assert.ok(readme.includes(lines), "README.md and ten-lines.ts differ");
});

test("the sizes are what the documentation can promise", async (t) => {
  const { size, unpackedSize, built } = await consumer();
  const sizes = await Promise.all(built.map(async (path) => [basename(path), (await stat(path)).size]));
  t.diagnostic(`tarball ${size} bytes, unpacked ${unpackedSize}`);
  for (const [name, bytes] of sizes) t.diagnostic(`${name}: ${bytes} bytes`);
  assert.ok(size < 12e6, "the tarball grew beyond 12 MB");
});

async function bytesOf(path) {
  const bytes = await readFile(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
