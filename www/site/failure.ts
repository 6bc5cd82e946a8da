/** Any failure as a code, a sentence and a hint. */

import type { ResituErrorShape } from "resitu";

/** The library's own errors pass as they are; anything else is a fault of the page and says so. */
export function asFailure(cause: unknown): ResituErrorShape {
  if (cause && typeof cause === "object" && "code" in cause && "hint" in cause && "message" in cause) {
    return { code: String(cause.code), message: String(cause.message), hint: String(cause.hint) };
  }
  // The page's own errors hold no data of the file; the console keeps the stack for whoever reports it.
  console.error(cause);
  return {
    code: "page.unexpected",
    message: "Something in this page went wrong that should not have.",
    hint: "Your file is unchanged and has not left this computer. Start again; if it happens again, please report the code and what you did.",
  };
}

export function isCancelled(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "job.cancelled";
}
