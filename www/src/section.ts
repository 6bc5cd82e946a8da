/** Some cells as the statistics see them: opened in a worker of the pool when something is measured. */

import { clientError } from "./errors.js";
import type { Link } from "./link.js";
import type { Lease } from "./pool.js";
import type { DrawParams, Handle, Labels, MeasureName, Params, ReferenceCells, Result, SectionSource } from "./protocol.js";
import type { CallExtras } from "./session.js";

/** What to measure. */
export interface Measurable {
  /** What a worker opens. */
  source(): SectionSource;
  /** The matrix in use; "" for cells that have but one. */
  matrix(): string;
  /** Labels that the worker cannot read by itself; `null` where it can. */
  ownLabels(column: string, extras: CallExtras): Promise<Labels | null>;
  /** Where else the cells may be, where the worker cannot read it by itself; and their states, for the null. */
  ownDoubt(extras: CallExtras): Promise<{ likely: Float32Array; states: Labels } | null>;
}

/** What to draw, and the reference cells of the null. */
export interface Draws {
  params: DrawParams;
  reference: ReferenceCells | null;
}

/** Where the worker looks for the states of translated cells: as files name them. */
const STATES = "resitu_state";

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
    params: Omit<Params<M>, "section" | "draws">,
    columns: string[],
    extras: CallExtras,
    draws: Draws | null = null,
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
      if (draws) await this.#setDoubt(lease, section, draws, extras);
      return await lease.session.call(method, { ...params, draws: draws?.params ?? null, section } as Params<M>, extras);
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

  /** What draws need besides the cells; the positions stay in the worker as long as these. */
  async #setDoubt({ session, section: open }: Lease, section: Handle, { reference }: Draws, extras: CallExtras): Promise<void> {
    const { signal } = extras;
    if (open && !open.doubt) {
      const own = await this.#cells.ownDoubt(extras);
      if (own) {
        await session.call("setLikelyPositions", { section, likely: own.likely }, { signal, transfer: [own.likely.buffer] });
        await session.call("setLabels", { section, column: STATES, labels: own.states }, { signal });
      }
      open.doubt = true;
    }
    if (reference) await session.call("setReference", { section, reference }, { signal });
  }

  /** The cells in the worker; another's are closed first, because memory is one. */
  async #open(lease: Lease, extras: CallExtras): Promise<Handle> {
    if (lease.section?.owner === this) return lease.section.handle;
    if (lease.section) lease.session.release(lease.section.handle);
    lease.section = null;
    const handle = await lease.session.call("openSection", { source: this.#cells.source() }, extras);
    lease.section = { owner: this, handle, doubt: false };
    return handle;
  }
}
