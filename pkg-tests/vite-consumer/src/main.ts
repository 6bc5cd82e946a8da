/** Puts the package on the page's `window`, where the tests call it. */

import * as resitu from "resitu";
import breast from "resitu/breast";
import breastByQuery from "resitu/models/breast.resitu?url";
import { translateFile } from "./ten-lines";

const consumer = {
  ...resitu,
  breast,
  breastByQuery,
  translateFile,
  /** An instance whose worker can be told to destroy its GPU devices, as a driver reset would. */
  withFragileGpu: () =>
    resitu.createResitu({
      worker: () => new Worker(new URL("./fragile-gpu-worker.ts", import.meta.url), { type: "module" }),
    }),
};

declare global {
  interface Window {
    consumer: typeof consumer;
  }
}
window.consumer = consumer;
