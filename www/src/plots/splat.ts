/**
 * Draws many discs into pixels without a GPU: 200,000 points in a few milliseconds, the same picture on every machine.
 *
 * Why not WebGL: hospital computers often have it switched off, and the libraries for it build functions from strings,
 * which the page's content security policy forbids.
 */

/** A disc cut into pixels: for each, how far from the centre and how much of it is covered (0..255). */
export interface Stamp {
  dx: Int32Array;
  dy: Int32Array;
  cover: Uint8Array;
  /** How many pixels it can reach from its centre. */
  reach: number;
}

/** `radius` in device pixels, at least 0.5. The edge is smoothed over one pixel; `opacity` (0..1) scales the whole. */
export function makeStamp(radius: number, opacity = 1): Stamp {
  const reach = Math.ceil(radius + 0.5);
  const dx: number[] = [];
  const dy: number[] = [];
  const cover: number[] = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const share = Math.min(1, radius + 0.5 - Math.hypot(x, y)) * opacity;
      if (share <= 0.02) continue;
      dx.push(x);
      dy.push(y);
      cover.push(Math.round(share * 255));
    }
  }
  return { dx: Int32Array.from(dx), dy: Int32Array.from(dy), cover: Uint8Array.from(cover), reach };
}

/** Pixels with a margin all round, wide enough that a stamp inside the view needs no bounds check. */
export class Pixels {
  readonly data: Uint32Array<ArrayBuffer>;
  readonly stride: number;

  constructor(
    readonly width: number,
    readonly height: number,
    readonly margin: number,
  ) {
    this.stride = width + 2 * margin;
    this.data = new Uint32Array(this.stride * (height + 2 * margin));
  }

  fill(pixel: number): void {
    this.data.fill(pixel);
  }

  /** Puts the part inside the margin on a canvas of `width` × `height` device pixels. */
  show(context: CanvasRenderingContext2D): void {
    const image = new ImageData(new Uint8ClampedArray(this.data.buffer), this.stride, this.height + 2 * this.margin);
    context.putImageData(image, -this.margin, -this.margin, this.margin, this.margin, this.width, this.height);
  }
}

/** From data units to device pixels: `x · scale + shiftX`. */
export interface View {
  scale: number;
  shiftX: number;
  shiftY: number;
}

export interface Points {
  /** `x0 y0 x1 y1 …`; a point with NaN is left out. */
  positions: Float32Array;
  /** Packed pixels, one a point. */
  colours: Uint32Array;
  /** Indices in drawing order, last on top; all points in their own order when absent. */
  order?: Uint32Array;
  /** 0 = hidden. */
  visible?: Uint8Array;
}

/** Stamps `points`; returns how many fell into the view. Cost: points + drawn pixels. */
export function splat(pixels: Pixels, points: Points, view: View, stamp: Stamp): number {
  const { data, stride, width, height, margin } = pixels;
  const { positions, colours, order, visible } = points;
  const { dx, dy, cover } = stamp;
  const offsets = Int32Array.from(dx, (x, at) => (dy[at] as number) * stride + x);
  const count = order ? order.length : colours.length;
  let drawn = 0;
  for (let step = 0; step < count; step++) {
    const point = order ? (order[step] as number) : step;
    if (visible && visible[point] === 0) continue;
    const x = (positions[2 * point] as number) * view.scale + view.shiftX;
    const y = (positions[2 * point + 1] as number) * view.scale + view.shiftY;
    // Written so that NaN fails it.
    if (!(x >= 0 && x < width && y >= 0 && y < height)) continue;
    drawn++;
    const centre = ((y | 0) + margin) * stride + (x | 0) + margin;
    const colour = colours[point] as number;
    for (let at = 0; at < offsets.length; at++) {
      const pixel = centre + (offsets[at] as number);
      const share = cover[at] as number;
      data[pixel] = share === 255 ? colour : mix(data[pixel] as number, colour, share);
    }
  }
  return drawn;
}

/** `share`/255 of `over` on top of an opaque `under`, two channels at a time. */
function mix(under: number, over: number, share: number): number {
  const rest = 255 - share;
  const redBlue = (((under & 0xff00ff) * rest + (over & 0xff00ff) * share) / 256) & 0xff00ff;
  const green = ((((under >>> 8) & 0xff) * rest + ((over >>> 8) & 0xff) * share) >> 8) << 8;
  return (0xff000000 | redBlue | green) >>> 0;
}
