/** Work under way: how far, how long still, and a way to stop. */

import type { Progress } from "resitu";
import { announce, announceNowAndThen } from "../announce.js";
import { byId, h } from "../dom.js";
import { duration } from "../text/format.js";
import { progress as words } from "../text/words.js";

export class RunView {
  private readonly root = byId("run");
  private readonly bar = h("progress", { "aria-labelledby": "run-title" });
  private readonly stage = h("p", { class: "run-stage" }, "");
  private readonly left = h("p", { class: "quiet run-left" }, "");
  private readonly cancel = h("button", { type: "button", onclick: () => this.stop() }, "Cancel");
  private stage_ = "";
  private since = 0;
  private onCancel: () => void = () => {};

  show(title: string, note: string, onCancel: () => void): void {
    this.onCancel = onCancel;
    this.stage_ = "";
    this.bar.removeAttribute("value");
    this.stage.textContent = "Starting…";
    this.left.textContent = note;
    this.cancel.disabled = false;
    this.cancel.textContent = "Cancel";
    this.root.replaceChildren(h("h2", { id: "run-title" }, title), this.bar, this.stage, this.left, h("div", { class: "actions" }, this.cancel));
    this.root.hidden = false;
    this.cancel.focus({ preventScroll: true });
    // The check may have been long; what happens now should be in sight from its top.
    const work = byId("work");
    if (work.getBoundingClientRect().top < 0) work.scrollIntoView();
    announce(title);
  }

  progress(progress: Progress): void {
    const now = performance.now();
    if (progress.stage !== this.stage_) {
      this.stage_ = progress.stage;
      this.since = now;
    }
    const said = words(progress);
    this.stage.textContent = said;
    announceNowAndThen(said);
    if (progress.total > 1) {
      this.bar.max = progress.total;
      this.bar.value = progress.done;
      const seconds = (now - this.since) / 1000;
      const rest = (seconds / progress.done) * (progress.total - progress.done);
      // An early guess from a few cells is worse than none.
      if (seconds > 2 && progress.done < progress.total) this.left.textContent = `${duration(rest)} left`;
    } else this.bar.removeAttribute("value");
  }

  hide(): void {
    this.root.hidden = true;
  }

  private stop(): void {
    this.cancel.disabled = true;
    this.cancel.textContent = "Stopping…";
    this.onCancel();
  }
}
