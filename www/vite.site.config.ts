/** Builds the demo page from `site/` into `dist-site/`, and serves what was built as a careful host would. */

import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

/**
 * All the page may do. The same words stand as a `meta` element in the built page, so that they hold on any host,
 * and as a header of the preview server. Not while developing: Vite's own style injection would break them.
 */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The package ships the default translator and the table of genes beside its code; the repository keeps them one folder up. */
function shippedModels(): Plugin {
  const [from, to] = [at("../models/"), at("./models/")];
  return {
    name: "resitu-models",
    config() {
      if (!existsSync(`${from}breast.resitu`)) throw new Error("models/breast.resitu is missing: fetch or train it first (see README.md).");
      mkdirSync(to, { recursive: true });
      for (const name of ["breast.resitu", "human-mouse.genes"]) copyFileSync(from + name, to + name);
    },
  };
}

function policy(): Plugin {
  return {
    name: "resitu-policy",
    apply: "build",
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: POLICY }, injectTo: "head-prepend" },
    ],
  };
}

export default defineConfig({
  root: at("./site"),
  base: "./",
  publicDir: at("./site/public"),
  // The page is a user of the package like any other and knows it by its public names.
  resolve: { alias: [{ find: /^resitu\/breast$/, replacement: at("./src/breast.ts") }, { find: /^resitu$/, replacement: at("./src/index.ts") }] },
  plugins: [shippedModels(), policy()],
  worker: { format: "es" },
  build: { outDir: at("./dist-site"), emptyOutDir: true, target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  preview: {
    headers: {
      "Content-Security-Policy": `${POLICY}; frame-ancestors 'none'`,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    },
  },
});
