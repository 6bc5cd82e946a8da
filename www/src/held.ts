/** What cells, translators and results have in common: they live in a worker, and can be let go. */

import { clientError } from "./errors.js";
import type { Handle, MethodName, Params, Result } from "./protocol.js";
import type { CallExtras, Session } from "./session.js";
import type { Held } from "./types.js";

/** Younger than some browsers in use: where it is missing, the name that polyfills agree on. */
const disposeSymbol: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");

// Frees what the caller forgot to: without it a forgotten handle would hold its memory until the worker ends.
const forgotten = new FinalizationRegistry<{ session: Session; handle: Handle }>(({ session, handle }) => session.release(handle));

export abstract class HeldObject implements Held {
  readonly session: Session;
  readonly #handle: Handle;
  #disposed = false;

  constructor(session: Session, handle: Handle) {
    this.session = session;
    this.#handle = handle;
    forgotten.register(this, { session, handle }, this);
  }

  /** Throws `handle.disposed` after `dispose()`. */
  get handle(): Handle {
    if (this.#disposed) throw clientError("handle.disposed");
    return this.#handle;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    this.session.release(this.#handle);
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  protected call<M extends MethodName>(method: M, params: Params<M>, extras?: CallExtras): Promise<Result<M>> {
    return this.session.call(method, params, extras);
  }
}
