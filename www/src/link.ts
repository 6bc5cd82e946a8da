/** The page's end of the worker: starts it, and survives its crashes. */

import { clientError, ResituError } from "./errors.js";
import { Pool } from "./pool.js";
import { Session } from "./session.js";
import type { ResituOptions } from "./types.js";

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

