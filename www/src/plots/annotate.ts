/** A copy of a canvas with a legend and a note below it, as a PNG. */

export interface Annotation {
  note: string;
  legend: { name: string; colour: string }[];
  ink: string;
  paper: string;
  /** Device pixels for one CSS pixel. */
  ratio: number;
}

export function pictureWithNotes(source: HTMLCanvasElement, { note, legend, ink, paper, ratio }: Annotation): Promise<Blob> {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!context) return Promise.reject(new Error("This browser cannot draw on a canvas."));
  const font = `${12 * ratio}px sans-serif`;
  context.font = font;
  const line = 22 * ratio;
  const places = flow(legend.map(({ name }) => context.measureText(name).width + 34 * ratio), source.width - 20 * ratio);
  const lines = legend.length > 0 ? (places.at(-1)?.line ?? 0) + 1 : 0;
  canvas.width = source.width;
  canvas.height = source.height + (lines + 1) * line + 12 * ratio;

  context.fillStyle = paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0);
  context.font = font; // setting a canvas's size forgets it
  context.textBaseline = "middle";
  legend.forEach(({ name, colour }, at) => {
    const place = places[at] ?? { left: 0, line: 0 };
    const left = 14 * ratio + place.left;
    const middle = source.height + (place.line + 0.5) * line + 4 * ratio;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(left + 4 * ratio, middle, 5 * ratio, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = ink;
    context.fillText(name, left + 15 * ratio, middle);
  });
  context.fillStyle = ink;
  context.fillText(note, 10 * ratio, canvas.height - line / 2 - 2 * ratio, canvas.width - 20 * ratio);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))), "image/png"),
  );
}

/** Words side by side, wrapped at `width`. */
function flow(widths: number[], width: number): { left: number; line: number }[] {
  let [left, line] = [0, 0];
  return widths.map((wide) => {
    if (left > 0 && left + wide > width) {
      left = 0;
      line++;
    }
    const place = { left, line };
    left += wide;
    return place;
  });
}
