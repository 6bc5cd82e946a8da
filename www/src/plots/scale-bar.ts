/** A round length that fits, for a scale bar. */

/** The longest of 1, 2, 5 × 10ⁿ not over `atMost` (data units), with its label; micrometres turn into millimetres at 1,000. */
export function niceLength(atMost: number, unit: string): { length: number; label: string } {
  const power = 10 ** Math.floor(Math.log10(atMost));
  const length = ([5, 2, 1].find((step) => step * power <= atMost) ?? 1) * power;
  const label = unit === "µm" && length >= 1000 ? `${length / 1000} mm` : `${Number(length.toPrecision(1))} ${unit}`;
  return { length, label };
}
