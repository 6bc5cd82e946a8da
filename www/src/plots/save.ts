/** Turns pictures into files: an SVG as text, and an SVG drawn as PNG. */

export function svgBlob(svg: SVGSVGElement): Blob {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new Blob([`<?xml version="1.0" encoding="UTF-8"?>\n${copy.outerHTML}\n`], { type: "image/svg+xml" });
}

/** At `scale` pixels per SVG unit. The image is read from a `blob:` address, which the page's policy allows. */
export async function svgToPng(svg: SVGSVGElement, scale = 2): Promise<Blob> {
  const address = URL.createObjectURL(svgBlob(svg));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(svg.width.baseVal.value * scale);
    canvas.height = Math.round(svg.height.baseVal.value * scale);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}
