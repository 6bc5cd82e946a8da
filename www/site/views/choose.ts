/** The first card: drop a file, choose one, or ask for the example. */

import type { Progress } from "resitu";
import { byId } from "../dom.js";
import { progress as words } from "../text/words.js";

export interface ChooseActions {
  onFile: (file: File) => void;
  onExample: () => void;
}

export class ChooseView {
  private readonly root = byId("choose");
  private readonly drop = byId("drop");
  private readonly input = byId<HTMLInputElement>("file");
  private readonly pick = byId<HTMLButtonElement>("pick");
  private readonly status = byId("choose-status");
  private readonly example = byId<HTMLButtonElement>("example");

  constructor(private readonly actions: ChooseActions) {
    this.pick.addEventListener("click", () => this.input.click());
    this.example.addEventListener("click", () => actions.onExample());
    this.input.addEventListener("change", () => {
      const file = this.input.files?.[0];
      // Cleared, so that choosing the same file again counts as a change.
      this.input.value = "";
      if (file) actions.onFile(file);
    });
    // Anywhere on the page: a file that misses the box must not replace the page.
    addEventListener("dragover", (event) => {
      event.preventDefault();
      this.drop.classList.toggle("over", this.open());
    });
    addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) this.drop.classList.remove("over");
    });
    addEventListener("drop", (event) => this.dropped(event));
  }

  show(): void {
    this.root.hidden = false;
    this.busy(false);
  }

  hide(): void {
    this.root.hidden = true;
  }

  busy(is: boolean): void {
    this.pick.disabled = is;
    this.example.disabled = is;
    this.status.textContent = is ? "One moment…" : "";
  }

  progress(progress: Progress): void {
    this.status.textContent = words(progress);
  }

  focus(): void {
    this.pick.focus();
  }

  private open(): boolean {
    return !this.root.hidden && !this.pick.disabled;
  }

  private dropped(event: DragEvent): void {
    event.preventDefault();
    this.drop.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (file && this.open()) this.actions.onFile(file);
  }
}
