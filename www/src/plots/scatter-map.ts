/** A map of cells on a canvas: pan and zoom by mouse, touch and keyboard, a scale bar, and the cell under the pointer. */

import { select } from "d3-selection";
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomTransform } from "d3-zoom";
import { annotatedPng, annotatedSvg } from "./annotate.js";
import { packColour } from "./palette.js";
import { bounds, PointGrid, type Box } from "./point-grid.js";
import { niceLength } from "./scale-bar.js";
import { makeStamp, Pixels, splat, type Points, type View } from "./splat.js";

/** Points with how they are drawn. Radius in data units, kept between two sizes on the screen (CSS pixels). */
export interface Layer extends Points {
  radius: number;
  smallest: number;
  largest: number;
  opacity: number;
}

export interface ScatterMapOptions {
  /** Said by screen readers as the name of the map. */
  label: string;
  /** "µm", or empty when the unit is not known: then there is no scale bar. */
  unit: string;
  /** Called with the index of a point of the front layer, or -1. `spoken` when it was asked for by key. */
  onPick?: (point: number, spoken: boolean) => void;
}

const PICK_REACH = 12; // CSS pixels
const MOST_ZOOM = 60;
const MARGIN = 24; // device pixels around the picture: the largest stamp must fit

export class ScatterMap {
  readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D;
  private readonly zoomer = zoom<HTMLCanvasElement, unknown>().scaleExtent([0.8, MOST_ZOOM]);
  private readonly watcher: ResizeObserver;
  private back: Layer | null = null;
  private front: Layer | null = null;
  private grid: PointGrid | null = null;
  private box: Box = { left: 0, top: 0, right: 1, bottom: 1 };
  private transform: ZoomTransform = zoomIdentity;
  private pixels: Pixels | null = null;
  private picked = -1;
  private frame = 0;
  private ink = "#000000";
  private paper = "#ffffff";
  private unit: string;

  constructor(
    host: HTMLElement,
    private readonly options: ScatterMapOptions,
  ) {
    const context = this.canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("This browser cannot draw on a canvas.");
    this.context = context;
    this.unit = options.unit;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", "map of cells");
    this.name(options.label);
    host.append(this.canvas);

    this.zoomer
      .filter((event: Event) => this.takes(event))
      .on("zoom", (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        this.transform = event.transform;
        this.redraw();
      });
    select(this.canvas).call(this.zoomer).on("dblclick.zoom", null);
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.canvas.addEventListener("pointerleave", () => this.pick(-1, false));
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(this.canvas);
  }

  name(label: string): void {
    this.canvas.setAttribute("aria-label", label);
  }

  setUnit(unit: string): void {
    this.unit = unit;
  }

  colours(ink: string, paper: string): void {
    this.ink = ink;
    this.paper = paper;
    this.redraw();
  }

  /** `back` is context (drawn first, not picked), `front` is what the map is about. The view stays unless `fit` is given. */
  show(back: Layer | null, front: Layer | null, fit?: Float32Array): void {
    this.back = back;
    if (front?.positions !== this.front?.positions) this.grid = null;
    this.front = front;
    if (fit) {
      this.box = bounds(fit);
      this.home();
    }
    this.redraw();
  }

  /** Say after changing a layer's arrays in place; `moved` when positions changed too. */
  refresh(moved = false): void {
    if (moved) this.grid = null;
    this.redraw();
  }

  home(): void {
    select(this.canvas).call(this.zoomer.transform, zoomIdentity);
  }

  zoomBy(factor: number): void {
    select(this.canvas).call(this.zoomer.scaleBy, factor);
  }

  /** The picture with a legend under it and `note` along the bottom: an attribution must travel with its picture. */
  async picture(format: "png" | "svg", note: string, legend: { name: string; colour: string }[] = []): Promise<Blob> {
    this.draw();
    const annotation = { note, legend, ink: this.ink, paper: this.paper, ratio: this.ratio() };
    return format === "svg" ? annotatedSvg(this.canvas, annotation) : annotatedPng(this.canvas, annotation);
  }

  dispose(): void {
    this.watcher.disconnect();
    cancelAnimationFrame(this.frame);
    this.canvas.remove();
  }

  /** Device pixels for one CSS pixel; at most two, because four times the pixels show nothing more of a dot. */
  private ratio(): number {
    return Math.min(2, Math.max(1, globalThis.devicePixelRatio || 1));
  }

  private resize(): void {
    const width = Math.round(this.canvas.clientWidth * this.ratio());
    const height = Math.round(this.canvas.clientHeight * this.ratio());
    if (width === this.canvas.width && height === this.canvas.height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.pixels = null;
    const { clientWidth, clientHeight } = this.canvas;
    this.zoomer.extent([[0, 0], [clientWidth, clientHeight]]);
    this.zoomer.translateExtent([[-clientWidth * 0.4, -clientHeight * 0.4], [clientWidth * 1.4, clientHeight * 1.4]]);
    // At once: waiting for a frame would show one empty picture at every step of a resize.
    this.draw();
  }

  private redraw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  /** Data units → CSS pixels: the whole box fits at zoom 1, y grows downwards as in a microscope's image. */
  private view(): View {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const across = this.box.right - this.box.left || 1;
    const down = this.box.bottom - this.box.top || 1;
    const scale = Math.max(1e-9, 0.94 * Math.min(width / across, height / down)) * this.transform.k;
    const centreX = (this.box.left + this.box.right) / 2;
    const centreY = (this.box.top + this.box.bottom) / 2;
    return {
      scale,
      shiftX: (width / 2) * this.transform.k + this.transform.x - centreX * scale,
      shiftY: (height / 2) * this.transform.k + this.transform.y - centreY * scale,
    };
  }

  private draw(): void {
    const { width, height } = this.canvas;
    if (width === 0 || height === 0) return;
    this.pixels ??= new Pixels(width, height, MARGIN);
    const ratio = this.ratio();
    const view = this.view();
    const device = { scale: view.scale * ratio, shiftX: view.shiftX * ratio, shiftY: view.shiftY * ratio };
    this.pixels.fill(packColour(this.paper));
    for (const layer of [this.back, this.front]) {
      if (!layer) continue;
      const radius = Math.min(layer.largest, Math.max(layer.smallest, layer.radius * view.scale)) * ratio;
      splat(this.pixels, layer, device, makeStamp(Math.min(radius, MARGIN - 2), layer.opacity));
    }
    this.pixels.show(this.context);
    this.drawPicked(view, ratio);
    if (this.unit) this.drawScaleBar(view, ratio);
  }

  private drawPicked(view: View, ratio: number): void {
    const { front, picked, context } = this;
    if (!front || picked < 0) return;
    const x = ((front.positions[2 * picked] as number) * view.scale + view.shiftX) * ratio;
    const y = ((front.positions[2 * picked + 1] as number) * view.scale + view.shiftY) * ratio;
    for (const [colour, wide] of [[this.paper, 5], [this.ink, 2]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = wide * ratio;
      context.beginPath();
      context.arc(x, y, 9 * ratio, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  private drawScaleBar(view: View, ratio: number): void {
    const { context, canvas } = this;
    const { length, label } = niceLength(110 / view.scale, this.unit);
    const wide = length * view.scale * ratio;
    const left = 14 * ratio;
    const bottom = canvas.height - 14 * ratio;
    context.font = `600 ${12 * ratio}px sans-serif`;
    context.fillStyle = this.paper;
    context.globalAlpha = 0.8;
    const box = Math.max(wide, context.measureText(label).width) + 16 * ratio;
    context.fillRect(left - 8 * ratio, bottom - 26 * ratio, box, 34 * ratio);
    context.globalAlpha = 1;
    context.fillStyle = this.ink;
    context.fillRect(left, bottom - 2 * ratio, wide, 2 * ratio);
    context.textBaseline = "alphabetic";
    context.fillText(label, left, bottom - 8 * ratio);
  }

  /**
   * The page must stay scrollable: the wheel zooms only with Ctrl/⌘ or once the map has the focus, and one finger
   * scrolls the page while two move the map (`touch-action: pan-y` in the style sheet).
   */
  private takes(event: Event): boolean {
    if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey || document.activeElement === this.canvas;
    if ("touches" in event) return (event as TouchEvent).touches.length > 1;
    return event instanceof MouseEvent && event.button === 0 && !event.ctrlKey;
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = Math.min(this.canvas.clientWidth, this.canvas.clientHeight) / 6 / this.transform.k;
    const pan = (x: number, y: number): void => void select(this.canvas).call(this.zoomer.translateBy, x, y);
    const actions: Record<string, () => void> = {
      ArrowLeft: () => pan(step, 0),
      ArrowRight: () => pan(-step, 0),
      ArrowUp: () => pan(0, step),
      ArrowDown: () => pan(0, -step),
      "+": () => this.zoomBy(1.5),
      "=": () => this.zoomBy(1.5),
      "-": () => this.zoomBy(1 / 1.5),
      "0": () => this.home(),
      Home: () => this.home(),
      Enter: () => this.pickAt(this.canvas.clientWidth / 2, this.canvas.clientHeight / 2, 80, true),
      Escape: () => this.pick(-1, true),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  private hover(event: PointerEvent): void {
    if (event.buttons !== 0) return;
    this.pickAt(event.offsetX, event.offsetY, PICK_REACH, false);
  }

  private pickAt(x: number, y: number, reach: number, spoken: boolean): void {
    const { front } = this;
    if (!front) return;
    this.grid ??= new PointGrid(front.positions);
    const view = this.view();
    const visible = front.visible;
    const point = this.grid.nearest(
      (x - view.shiftX) / view.scale,
      (y - view.shiftY) / view.scale,
      reach / view.scale,
      (at) => !visible || visible[at] !== 0,
    );
    this.pick(point, spoken);
  }

  private pick(point: number, spoken: boolean): void {
    if (point === this.picked && !spoken) return;
    this.picked = point;
    this.redraw();
    this.options.onPick?.(point, spoken);
  }
}
