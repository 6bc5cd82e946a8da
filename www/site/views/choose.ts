/** The first card: drop or choose files or a folder, or ask for the example. */

import { droppedFiles } from "../engine.js";
import type { PathedFile, Progress } from "resitu";
import { byId } from "../dom.js";
import { progress as words } from "../text/words.js";

export interface ChooseActions {
  onFiles: (files: PathedFile[]) => void;
  onFailure: (cause: unknown) => void;
  onExample: () => void;
}

export class ChooseView {
  private readonly root = byId("choose");
  private readonly drop = byId("drop");
  private readonly input = byId<HTMLInputElement>("file");
  private readonly pick = byId<HTMLButtonElement>("pick");
  private readonly folder = byId<HTMLInputElement>("folder");
  private readonly pickFolder = byId<HTMLButtonElement>("pick-folder");
  private readonly status = byId("choose-status");
  private readonly example = byId<HTMLButtonElement>("example");

  constructor(private readonly actions: ChooseActions) {
    this.pick.addEventListener("click", () => this.input.click());
    this.example.addEventListener("click", () => actions.onExample());
    this.pickFolder.addEventListener("click", () => this.folder.click());
    for (const input of [this.input, this.folder]) {
      input.addEventListener("change", () => {
        const files = [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
        // Cleared, so that choosing the same file again counts as a change.
        input.value = "";
        if (files.length > 0) actions.onFiles(files);
      });
    }
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
    this.pickFolder.disabled = is;
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
    if (!event.dataTransfer || !this.open()) return;
    droppedFiles(event.dataTransfer, { onProgress: (progress) => this.progress(progress) }).then(
      (files) => {
        if (files.length > 0) this.actions.onFiles(files);
      },
      (cause: unknown) => this.actions.onFailure(cause),
    );
  }
}
