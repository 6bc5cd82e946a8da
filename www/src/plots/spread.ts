/** Cells with the very same place are drawn side by side, so that a thousand of them do not look like one. */

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** Places points one after another. The first at a place stays there; the next lie around it as seeds in a sunflower. */
export class Spreader {
  private readonly seen = new Map<string, number>();
  private coincident = 0;

  /** `step` is the distance of neighbouring seeds, in data units. */
  constructor(private readonly step: number) {}

  /** How many points were not the first at their place. */
  get moved(): number {
    return this.coincident;
  }

  /** Writes the places of `positions` (`x0 y0 x1 y1 …`) into `target`, from its point `start` on. NaN stays NaN. */
  place(positions: Float32Array, target: Float32Array, start = 0): void {
    for (let at = 0; at + 1 < positions.length; at += 2) {
      const x = positions[at] as number;
      const y = positions[at + 1] as number;
      const key = `${x} ${y}`;
      const before = Number.isNaN(x) ? 0 : (this.seen.get(key) ?? 0);
      if (!Number.isNaN(x)) this.seen.set(key, before + 1);
      if (before > 0) this.coincident++;
      const reach = this.step * Math.sqrt(before);
      target[2 * start + at] = x + reach * Math.cos(before * GOLDEN_ANGLE);
      target[2 * start + at + 1] = y + reach * Math.sin(before * GOLDEN_ANGLE);
    }
  }
}
