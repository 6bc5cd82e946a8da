/** Finds the point nearest to a place: points sorted into square bins, in typed arrays (a tree of objects is too heavy for 200,000). */

export class PointGrid {
  private readonly starts: Uint32Array;
  private readonly members: Uint32Array;
  private readonly columns: number;
  private readonly rows: number;
  private readonly bin: number;
  private readonly left: number;
  private readonly top: number;

  /** About two points a bin. Points with NaN are left out. Cost: O(points). */
  constructor(private readonly positions: Float32Array) {
    const box = bounds(positions);
    this.left = box.left;
    this.top = box.top;
    // All points in one place, or on one line, still need bins of some size.
    const width = box.right - box.left || 1;
    const height = box.bottom - box.top || 1;
    const count = Math.max(1, positions.length / 2);
    // A long thin cloud must not ask for more bins than points: the bin is at least a side's thousandth.
    this.bin = Math.max(Math.sqrt((2 * width * height) / count), Math.max(width, height) / 1000);
    this.columns = Math.floor(width / this.bin) + 1;
    this.rows = Math.floor(height / this.bin) + 1;
    this.starts = new Uint32Array(this.columns * this.rows + 1);
    const homes = new Int32Array(positions.length / 2);
    for (let point = 0; point < homes.length; point++) {
      const home = this.home(positions[2 * point] as number, positions[2 * point + 1] as number);
      homes[point] = home;
      if (home >= 0) this.starts[home + 1] = (this.starts[home + 1] as number) + 1;
    }
    for (let at = 1; at < this.starts.length; at++) {
      this.starts[at] = (this.starts[at] as number) + (this.starts[at - 1] as number);
    }
    const next = this.starts.slice();
    this.members = new Uint32Array(this.starts[this.starts.length - 1] as number);
    homes.forEach((home, point) => {
      if (home < 0) return;
      const place = next[home] as number;
      this.members[place] = point;
      next[home] = place + 1;
    });
  }

  /** Index of the nearest point within `reach` (data units) that `accept` takes, or -1. Ties: the lower index. */
  nearest(x: number, y: number, reach: number, accept: (point: number) => boolean = () => true): number {
    let best = -1;
    let bestSquare = reach * reach;
    const first = { column: this.column(x - reach), row: this.row(y - reach) };
    const last = { column: this.column(x + reach), row: this.row(y + reach) };
    for (let row = Math.max(0, first.row); row <= Math.min(this.rows - 1, last.row); row++) {
      for (let column = Math.max(0, first.column); column <= Math.min(this.columns - 1, last.column); column++) {
        const home = row * this.columns + column;
        for (let at = this.starts[home] as number; at < (this.starts[home + 1] as number); at++) {
          const point = this.members[at] as number;
          const across = (this.positions[2 * point] as number) - x;
          const down = (this.positions[2 * point + 1] as number) - y;
          const square = across * across + down * down;
          const closer = square < bestSquare || (square === bestSquare && best >= 0 && point < best);
          if (closer && accept(point)) {
            best = point;
            bestSquare = square;
          }
        }
      }
    }
    return best;
  }

  private column(x: number): number {
    return Math.floor((x - this.left) / this.bin);
  }

  private row(y: number): number {
    return Math.floor((y - this.top) / this.bin);
  }

  private home(x: number, y: number): number {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return -1;
    return this.row(y) * this.columns + this.column(x);
  }
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The box around all finite points; a unit box when there are none. */
export function bounds(positions: Float32Array): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let at = 0; at + 1 < positions.length; at += 2) {
    const x = positions[at] as number;
    const y = positions[at + 1] as number;
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    if (x < box.left) box.left = x;
    if (x > box.right) box.right = x;
    if (y < box.top) box.top = y;
    if (y > box.bottom) box.bottom = y;
  }
  return box.left <= box.right ? box : { left: 0, top: 0, right: 1, bottom: 1 };
}
