/** A failure for people: what happened, what to do, and the code to quote. */

import type { ResituErrorShape } from "resitu";
import { byId, h } from "../dom.js";

export class FailureView {
  private readonly root = byId("failure");

  show({ code, message, hint }: ResituErrorShape, title = "That did not work"): void {
    this.root.replaceChildren(
      h("h2", {}, title),
      h("p", { class: "failure-message" }, message),
      h("p", {}, hint),
      h("p", { class: "quiet" }, "Code ", h("code", {}, code), ". Your file is unchanged, and nothing has left this computer."),
    );
    this.root.hidden = false;
    this.root.focus();
  }

  hide(): void {
    this.root.hidden = true;
  }
}
