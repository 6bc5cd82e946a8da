/** A copy of the map with a legend and a note below it: as a PNG, or as an SVG whose words stay words. */

export interface Annotation {
  note: string;
  legend: { name: string; colour: string }[];
  ink: string;
  paper: string;
  /** Device pixels for one CSS pixel. */
  ratio: number;
}

const LINE = 22; // CSS pixels
const FONT = 12;

export function annotatedPng(source: HTMLCanvasElement, annotation: Annotation): Promise<Blob> {
  const { note, legend, ink, paper, ratio } = annotation;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!context) return Promise.reject(new Error("This browser cannot draw on a canvas."));
  const { places, width, height } = layOut(source, annotation);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.fillStyle = paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0);
  context.scale(ratio, ratio);
  context.font = `${FONT}px sans-serif`;
  context.textBaseline = "middle";
  legend.forEach(({ name, colour }, at) => {
    const { x, y } = places[at] ?? { x: 0, y: 0 };
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = ink;
    context.fillText(name, x + 11, y);
  });
  context.fillStyle = ink;
  context.fillText(note, 10, height - LINE / 2 - 2, width - 20);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))), "image/png"),
  );
}

/** The points stay pixels (200,000 circles would open nowhere); legend and note are text that can be edited. */
export function annotatedSvg(source: HTMLCanvasElement, annotation: Annotation): Blob {
  const { note, legend, ink, paper, ratio } = annotation;
  const { places, width, height } = layOut(source, annotation);
  const entries = legend.map(({ name, colour }, at) => {
    const { x, y } = places[at] ?? { x: 0, y: 0 };
    return `<circle cx="${x}" cy="${y}" r="5" fill="${escape(colour)}"/><text x="${x + 11}" y="${y + 4}">${escape(name)}</text>`;
  });
  const markup = [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="${FONT}" fill="${escape(ink)}">`,
    `<rect width="${width}" height="${height}" fill="${escape(paper)}"/>`,
    `<image width="${source.width / ratio}" height="${source.height / ratio}" href="${source.toDataURL("image/png")}"/>`,
    ...entries,
    `<text x="10" y="${height - LINE / 2 + 2}">${escape(note)}</text>`,
    `</svg>`,
  ];
  return new Blob([markup.join("\n")], { type: "image/svg+xml" });
}

/** Legend entries side by side, wrapped at the picture's width; all in CSS pixels. */
function layOut(source: HTMLCanvasElement, { legend, ratio }: Annotation): { places: { x: number; y: number }[]; width: number; height: number } {
  const ruler = document.createElement("canvas").getContext("2d");
  if (ruler) ruler.font = `${FONT}px sans-serif`;
  const [width, top] = [source.width / ratio, source.height / ratio];
  let [left, line] = [0, 0];
  const places = legend.map(({ name }) => {
    const wide = (ruler?.measureText(name).width ?? name.length * 7) + 34;
    if (left > 0 && left + wide > width - 20) {
      left = 0;
      line++;
    }
    const place = { x: 18 + left, y: top + (line + 0.5) * LINE + 4 };
    left += wide;
    return place;
  });
  const lines = legend.length > 0 ? line + 1 : 0;
  return { places, width, height: top + (lines + 1) * LINE + 12 };
}

/** Names come from the file: they must stay text inside the markup. */
function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign);
}
