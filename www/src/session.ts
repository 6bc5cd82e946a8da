/** One running worker: matches answers to calls, and cancels. */

import { clientError, ResituError } from "./errors.js";
import type { Call, Handle, MethodName, Params, Result, ToPage, ToWorker } from "./protocol.js";
import type { PartialResult, Progress } from "./types.js";

/** What a call may come with besides its parameters. */
export interface CallExtras {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  onPartial?: ((part: PartialResult) => void) | undefined;
  transfer?: Transferable[];
}

interface Pending extends CallExtras {
  resolve(value: Result<MethodName>): void;
  reject(error: ResituError): void;
}

/** One running worker. Handles belong to a session; when the session has ended they answer `worker.crashed`. */
export class Session {
  #worker: Worker;
  #calls = new Map<number, Pending>();
  #nextId = 1;
  #ended: ResituError | null = null;
  #onEnd: () => void;
  /** Sent with the first call: a worker that waits for its turn needs no memory for the module yet. */
  #module: WebAssembly.Module | null;

  constructor(worker: Worker, module: WebAssembly.Module, onEnd: () => void) {
    this.#worker = worker;
    this.#onEnd = onEnd;
    worker.addEventListener("message", (event: MessageEvent<ToPage>) => this.#receive(event.data));
    worker.addEventListener("messageerror", () => this.#end(clientError("worker.crashed"), null));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      // Nothing in the worker runs outside its own handlers, so an error here means that its script did not load.
      this.#end(clientError("worker.unavailable"), null);
    });
    this.#module = module;
  }

  get ended(): boolean {
    return this.#ended !== null;
  }

  /** Asks the worker. Aborting rejects at once; the worker stops at its next step and stays usable. */
  call<M extends MethodName>(method: M, params: Params<M>, extras: CallExtras = {}): Promise<Result<M>> {
    if (this.#ended) return Promise.reject(this.#ended);
    const { signal } = extras;
    if (signal?.aborted) return Promise.reject(clientError("job.cancelled", undefined, signal.reason));
    const id = this.#nextId++;
    return new Promise<Result<M>>((resolve, reject) => {
      const abort = () => {
        if (!this.#calls.delete(id)) return;
        this.#send({ type: "cancel", id });
        reject(clientError("job.cancelled", undefined, signal?.reason));
      };
      const settle = () => signal?.removeEventListener("abort", abort);
      signal?.addEventListener("abort", abort, { once: true });
      this.#calls.set(id, {
        ...extras,
        resolve: (value) => (settle(), resolve(value as Result<M>)),
        reject: (error) => (settle(), reject(error)),
      });
      this.#send({ type: "call", id, ...({ method, params } as Call) }, extras.transfer);
    });
  }

  /** Frees an object in the worker; nobody waits for it. */
  release(handle: Handle): void {
    if (this.#ended) return;
    this.#send({ type: "call", id: this.#nextId++, method: "dispose", params: { handle } });
  }

  /** Ends the session: every open call rejects with `worker.crashed`, or with `reason` where one is given. */
  stop(reason: ResituError = clientError("handle.disposed")): void {
    this.#end(reason, null);
  }

  #send(message: ToWorker, transfer: Transferable[] = []): void {
    if (this.#module) this.#worker.postMessage({ type: "start", module: this.#module } satisfies ToWorker);
    this.#module = null;
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: ToPage): void {
    if (message.type === "stopped") return this.#end(new ResituError(message.error), message.id);
    const call = this.#calls.get(message.id);
    if (call === undefined) {
      // The call was aborted while its answer was on the way: what it left in the worker is nobody's.
      if (message.type === "done") this.#releaseOrphan(message.value);
      return;
    }
    switch (message.type) {
      case "progress":
        return call.onProgress?.(message.progress);
      case "partial":
        return call.onPartial?.(message.part);
      case "done":
        this.#calls.delete(message.id);
        return call.resolve(message.value);
      case "failed":
        this.#calls.delete(message.id);
        return call.reject(new ResituError(message.error));
    }
  }

  #releaseOrphan(value: Result<MethodName>): void {
    if (typeof value === "object" && value !== null && "handle" in value) this.release(value.handle);
  }

  #end(error: ResituError, atFault: number | null): void {
    if (this.#ended) return;
    const others = error.code === "internal.panic" ? clientError("worker.crashed") : error;
    this.#ended = others;
    this.#worker.terminate();
    const calls = [...this.#calls];
    this.#calls.clear();
    for (const [id, call] of calls) call.reject(id === atFault ? error : others);
    this.#onEnd();
  }
}
