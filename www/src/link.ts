/** The page's end of the worker: starts it, matches answers to calls, cancels, and survives its crashes. */

import { clientError, ResituError } from "./errors.js";
import { Pool } from "./pool.js";
import type { Call, Handle, MethodName, Params, Result, ToPage, ToWorker } from "./protocol.js";
import type { PartialResult, Progress, ResituOptions } from "./types.js";

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

/** Starts sessions on demand: the first call starts a worker, and the call after a crash starts another. */
export class Link {
  #options: ResituOptions;
  #session: Promise<Session> | null = null;
  #pool: Pool | null = null;
  #module: Promise<WebAssembly.Module> | null = null;

  constructor(options: ResituOptions) {
    this.#options = options;
  }

  /** The running session, or a new one. Aborting only stops the wait: others may need the same worker. */
  async session(signal?: AbortSignal): Promise<Session> {
    if (signal?.aborted) throw clientError("job.cancelled", undefined, signal.reason);
    if (this.#session) return this.#session;
    // Forgotten when it fails to start and when it ends, unless another has taken its place by then.
    const forget = () => {
      if (this.#session === starting) this.#session = null;
    };
    const starting = this.#start(forget);
    starting.catch(forget);
    this.#session = starting;
    return starting;
  }

  /** The workers for statistics, started if they are not there. */
  async pool(signal?: AbortSignal): Promise<Pool> {
    await this.session(signal);
    if (!this.#pool) throw clientError("worker.unavailable");
    return this.#pool;
  }

  /** Ends the running sessions, if any; the next call starts afresh. */
  stop(): void {
    const session = this.#session;
    this.#session = null;
    void session?.then((running) => running.stop()).catch(() => undefined);
    this.#pool?.stop();
  }

  async #start(onEnd: () => void): Promise<Session> {
    // The module is compiled here and once, so that a worker started after a crash needs no network, and so that a site
    // may serve worker.js itself under `connect-src 'none'`.
    this.#module ??= compile(this.#options.wasmUrl).catch((error: unknown) => {
      this.#module = null;
      throw error;
    });
    const module = await this.#module;
    const start = () => new Session(startWorker(this.#options), module, () => undefined);
    this.#pool ??= new Pool(start, (signal) => this.session(signal));
    const session = new Session(startWorker(this.#options), module, onEnd);
    this.#pool.fill();
    return session;
  }
}

function startWorker({ worker, workerUrl }: ResituOptions): Worker {
  try {
    if (worker) return worker();
    if (workerUrl) return new Worker(workerUrl, { type: "module", name: "resitu" });
    // Written out literally, because this is the form that bundlers recognise.
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  } catch (cause) {
    throw clientError("worker.unavailable", undefined, cause);
  }
}

async function compile(source: ResituOptions["wasmUrl"]): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  try {
    // Literal again: bundlers copy the file and put its new address here.
    const response = await fetch(source ?? new URL("../wasm/resitu_bg.wasm", import.meta.url));
    if (!response.ok) throw clientError("wasm.unavailable", `the server answered ${response.status}`);
    // Streaming compilation insists on the media type, which some static servers do not send.
    if (response.headers.get("content-type")?.startsWith("application/wasm")) return await WebAssembly.compileStreaming(response);
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    if (cause instanceof ResituError) throw cause;
    throw clientError("wasm.unavailable", undefined, cause);
  }
}

