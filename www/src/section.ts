/**
 * Workers for statistics. Each running call has one to itself: the statistics work without a pause, so a call is cancelled
 * by ending its worker, and the translator's worker stays free meanwhile.
 */

import { clientError } from "./errors.js";
import type { CallExtras, Link, Session } from "./link.js";
import type { Handle, Labels, MeasureName, Params, Result, SectionSource } from "./protocol.js";

/** A worker that has the cells open. */
interface Opened {
  session: Session;
  handle: Handle;
}

/** What to measure. */
export interface Measurable {
  /** What a new worker opens. */
  source(): SectionSource;
  /** The matrix in use; "" for cells that have but one. */
  matrix(): string;
  /** Labels that the worker cannot read by itself; `null` where it can. */
  ownLabels(column: string, extras: CallExtras): Promise<Labels | null>;
}

export class Section {
  readonly #link: Link;
  readonly #cells: Measurable;
  /** A worker that has done its call and is kept for the next. */
  #idle: Opened | null = null;
  #disposed = false;

  constructor(link: Link, cells: Measurable) {
    this.#link = link;
    this.#cells = cells;
  }

  /** Runs one statistic. `columns` are the label columns that it reads. */
  async measure<M extends MeasureName>(
    method: M,
    params: Omit<Params<M>, "section">,
    columns: string[],
    extras: CallExtras,
  ): Promise<Result<M>> {
    const opened = await this.#open(extras);
    const { session, handle } = opened;
    try {
      const matrix = this.#cells.matrix();
      for (const column of columns) {
        const labels = await this.#cells.ownLabels(column, extras);
        if (labels) await session.call("setLabels", { section: handle, column, labels }, { signal: extras.signal });
      }
      await session.call("sectionMatrix", { section: handle, matrix }, { signal: extras.signal });
      const found = await session.call(method, { ...params, section: handle } as Params<M>, extras);
      this.#keep(opened);
      return found;
    } catch (error) {
      if (extras.signal?.aborted) session.stop();
      else this.#keep(opened);
      throw error;
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#idle?.session.stop();
    this.#idle = null;
  }

  async #open(extras: CallExtras): Promise<Opened> {
    if (this.#disposed) throw clientError("handle.disposed");
    const kept = this.#idle;
    this.#idle = null;
    if (kept && !kept.session.ended) return kept;
    const session = await this.#link.aside(extras.signal);
    try {
      const handle = await session.call("openSection", { source: this.#cells.source() }, extras);
      return { session, handle };
    } catch (error) {
      session.stop();
      throw error;
    }
  }

  /** One idle worker is enough: each holds memory. */
  #keep(opened: Opened): void {
    if (this.#disposed || this.#idle) opened.session.stop();
    else if (!opened.session.ended) this.#idle = opened;
  }
}
