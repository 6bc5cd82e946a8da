/** Lines of values as comma-separated text: RFC 4180's quoting, numbers with full precision. */

export function csvOf(lines: readonly (readonly (string | number)[])[]): string {
  return [...lines.map((line) => line.map(field).join(",")), ""].join("\n");
}

/** Text that a spreadsheet would run as a formula gets a `'` in front: names come from the user's file. */
function field(value: string | number): string {
  if (typeof value === "number") return Number.isNaN(value) ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(value) && !Number.isFinite(Number(value)) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
