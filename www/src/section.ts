/** Some cells as the statistics see them: opened in a worker of the pool when something is measured. */

import { clientError } from "./errors.js";
import type { CallExtras, Link } from "./link.js";
import type { Lease } from "./pool.js";
import type { Handle, Labels, MeasureName, Params, Result, SectionSource } from "./protocol.js";

/** What to measure. */
export interface Measurable {
  /** What a worker opens. */
  source(): SectionSource;
  /** The matrix in use; "" for cells that have but one. */
  matrix(): string;
  /** Labels that the worker cannot read by itself; `null` where it can. */
  ownLabels(column: string, extras: CallExtras): Promise<Labels | null>;
}

export class Section {
  readonly #link: Link;
  readonly #cells: Measurable;
  #disposed = false;

  constructor(link: Link, cells: Measurable) {
    this.#link = link;
    this.#cells = cells;
  }

  /** Runs one statistic. `columns` are the label columns that it reads. Aborting ends the worker. */
  async measure<M extends MeasureName>(
    method: M,
    params: Omit<Params<M>, "section">,
    columns: string[],
    extras: CallExtras,
  ): Promise<Result<M>> {
    if (this.#disposed) throw clientError("handle.disposed");
    const { signal } = extras;
    const pool = await this.#link.pool(signal);
    const lease = await pool.lease(this, signal);
    try {
      const section = await this.#open(lease, extras);
      for (const column of columns) {
        const labels = await this.#cells.ownLabels(column, extras);
        if (labels) await lease.session.call("setLabels", { section, column, labels }, { signal });
      }
      await lease.session.call("sectionMatrix", { section, matrix: this.#cells.matrix() }, { signal });
      return await lease.session.call(method, { ...params, section } as Params<M>, extras);
    } catch (error) {
      if (signal?.aborted && !lease.shared) lease.session.stop();
      throw error;
    } finally {
      pool.giveBack(lease);
      if (this.#disposed) pool.forget(this);
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#link.pool().then((pool) => pool.forget(this), () => undefined);
  }

  /** The cells in the worker; another's are closed first, because memory is one. */
  async #open(lease: Lease, extras: CallExtras): Promise<Handle> {
    if (lease.section?.owner === this) return lease.section.handle;
    if (lease.section) lease.session.release(lease.section.handle);
    lease.section = null;
    const handle = await lease.session.call("openSection", { source: this.#cells.source() }, extras);
    lease.section = { owner: this, handle };
    return handle;
  }
}
