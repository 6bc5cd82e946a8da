import type { ToPage } from "./protocol.js";

/** What a running call can do besides answering. */
export interface Running {
  progress(stage: string, done: number, total: number): void;
  partial(part: Extract<ToPage, { type: "partial" }>["part"]): void;
  /** Lets waiting messages in, then throws `job.cancelled` if one of them cancelled this call. */
  pause(): Promise<void>;
}
