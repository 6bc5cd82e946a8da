/** Which of the two themes the person's system asks for, and the style sheet's colours for what is drawn by hand. */

import type { Theme } from "../src/plots/index.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

export function theme(): Theme {
  return dark.matches ? "dark" : "light";
}

export function onThemeChange(act: () => void): void {
  dark.addEventListener("change", act);
}

/** A colour of the style sheet, by its custom property. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
