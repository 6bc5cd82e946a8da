/**
 * Workers for statistics, which run without a pause: a call is cancelled by ending its worker.
 *
 * They are started with the first session, so that later work needs no network, and there are two: a third would wait for a
 * processor on most machines. A worker that was ended is replaced; where that fails (no network any more) and none is
 * left, the statistics run in the session's own worker and can no longer be interrupted.
 */

import { clientError } from "./errors.js";
import type { Handle } from "./protocol.js";
import type { Session } from "./session.js";

const WORKERS = 2;

/** A worker lent to one call. `section` is what it has open, whose, and whether it knows where else the cells may be. */
export interface Lease {
  session: Session;
  /** Whether other work shares the worker, so that it must not be ended. */
  shared: boolean;
  section: { owner: object; handle: Handle; doubt: boolean } | null;
}

export class Pool {
  readonly #start: () => Session;
  readonly #fallback: (signal?: AbortSignal) => Promise<Session>;
  #idle: Lease[] = [];
  #busy = new Set<Lease>();
  #waiting: { owner: object; take: (lease: Lease | null) => void }[] = [];

  constructor(start: () => Session, fallback: (signal?: AbortSignal) => Promise<Session>) {
    this.#start = start;
    this.#fallback = fallback;
  }

  /** Starts what is missing. */
  fill(): void {
    this.#idle = this.#idle.filter(({ session }) => !session.ended);
    while (this.#idle.length + this.#busy.size < WORKERS) {
      try {
        this.#idle.push({ session: this.#start(), shared: false, section: null });
      } catch {
        return;
      }
    }
  }

  /** A worker, the one that has the owner's cells open if it is free. Waits until one is. */
  async lease(owner: object, signal?: AbortSignal): Promise<Lease> {
    if (signal?.aborted) throw clientError("job.cancelled", undefined, signal.reason);
    this.#idle = this.#idle.filter(({ session }) => !session.ended);
    const own = this.#idle.findIndex(({ section }) => section?.owner === owner);
    const [free] = this.#idle.splice(own < 0 ? 0 : own, 1);
    if (free) this.#busy.add(free);
    const lease = free ?? (this.#busy.size > 0 ? await this.#turn(owner, signal) : null);
    return lease ?? { session: await this.#fallback(signal), shared: true, section: null };
  }

  /** Takes a worker back, and replaces it if the call had to end it. */
  giveBack(lease: Lease): void {
    if (lease.shared) {
      if (lease.section) lease.session.release(lease.section.handle);
      return;
    }
    this.#busy.delete(lease);
    this.#idle.push(lease);
    this.fill();
    while (this.#waiting.length > 0) {
      const own = this.#idle.findIndex(({ section }) => section?.owner === this.#waiting[0]?.owner);
      const [free] = this.#idle.splice(own < 0 ? 0 : own, 1);
      if (!free && this.#busy.size > 0) return;
      const next = this.#waiting.shift();
      if (free) this.#busy.add(free);
      next?.take(free ?? null);
    }
  }

  /** Closes what an owner has open in idle workers. */
  forget(owner: object): void {
    for (const lease of this.#idle) {
      if (lease.section?.owner !== owner) continue;
      lease.session.release(lease.section.handle);
      lease.section = null;
    }
  }

  stop(): void {
    for (const { session } of [...this.#idle.splice(0), ...this.#busy]) session.stop();
  }

  #turn(owner: object, signal?: AbortSignal): Promise<Lease | null> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting = this.#waiting.filter((one) => one !== mine);
        reject(clientError("job.cancelled", undefined, signal?.reason));
      };
      const mine = {
        owner,
        take: (lease: Lease | null) => {
          signal?.removeEventListener("abort", abort);
          resolve(lease);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.push(mine);
    });
  }
}
