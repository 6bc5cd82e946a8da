/** Says things to screen readers, seldom enough to be listened to. */

import { byId } from "./dom.js";

let last = 0;

export function announce(words: string): void {
  last = performance.now();
  byId("announce").textContent = words;
}

/** For progress: at most once in five seconds. */
export function announceNowAndThen(words: string): void {
  if (performance.now() - last > 5000) announce(words);
}
