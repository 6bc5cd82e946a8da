/** The page's view of a loaded translator. */

import { HeldObject } from "./held.js";
import type { Link } from "./link.js";
import { deviceOption, heldObject, sameSession, seedOption, wholeNumber } from "./options.js";
import { clientError } from "./errors.js";
import type { Handle } from "./protocol.js";
import { Translated } from "./result.js";
import type { Session } from "./session.js";
import { toBytes } from "./source.js";
import type {
  CallOptions,
  CheckReport,
  DeviceUsed,
  EmbeddedCells,
  EmbedOptions,
  FileSource,
  LoadOptions,
  OpenedCells,
  ReferenceMap,
  TranslateOptions,
  TranslationResult,
  Translator,
  TranslatorCard,
} from "./types.js";

const MOST_EMBEDDED_CELLS = 4096;

export class LoadedTranslator extends HeldObject implements Translator {
  card!: TranslatorCard;
  reference!: ReferenceMap;
  device!: DeviceUsed;
  deviceNotes!: string[];

  readonly #link: Link;

  private constructor(link: Link, session: Session, handle: Handle) {
    super(session, handle);
    this.#link = link;
  }

  static async load(link: Link, source: FileSource, options: LoadOptions = {}): Promise<LoadedTranslator> {
    const { signal, onProgress } = options;
    const device = deviceOption(options.device);
    const bytes = await toBytes(source, options);
    const session = await link.session(signal);
    const loaded = await session.call("loadTranslator", { bytes, device }, { signal, onProgress, transfer: [bytes] });
    const translator = new LoadedTranslator(link, session, loaded.handle);
    translator.card = loaded.card;
    translator.reference = loaded.reference;
    translator.device = loaded.device;
    translator.deviceNotes = loaded.notes;
    return translator;
  }

  async check(cells: OpenedCells, { signal, onProgress }: CallOptions = {}): Promise<CheckReport> {
    const opened = heldObject(cells, "cells");
    sameSession(this, opened);
    return this.call("check", { translator: this.handle, cells: opened.handle }, { signal, onProgress });
  }

  async translate(cells: OpenedCells, options: TranslateOptions = {}): Promise<TranslationResult> {
    const { signal, onProgress, onPartial, direction = "sc-to-st" } = options;
    if (direction !== "sc-to-st") throw clientError("options.invalid", "direction must be sc-to-st");
    const opened = heldObject(cells, "cells");
    sameSession(this, opened);
    const params = {
      translator: this.handle,
      cells: opened.handle,
      direction,
      seed: seedOption(options.seed),
      partial: onPartial !== undefined,
    };
    const { handle, data, device, notes } = await this.call("translate", params, { signal, onProgress, onPartial });
    this.device = device;
    this.deviceNotes = notes;
    return new Translated(this.#link, this.session, handle, data);
  }

  async embed(cells: OpenedCells, options: EmbedOptions = {}): Promise<EmbeddedCells> {
    const { signal, onProgress } = options;
    const opened = heldObject(cells, "cells");
    sameSession(this, opened);
    const params = {
      translator: this.handle,
      cells: opened.handle,
      start: wholeNumber("start", options.start ?? 0, 0, 2 ** 32 - 1),
      count: wholeNumber("count", options.count ?? 64, 1, MOST_EMBEDDED_CELLS),
    };
    return this.call("embed", params, { signal, onProgress });
  }
}
