/** Numbers as people read them. */

const whole = new Intl.NumberFormat("en");

export function count(value: number): string {
  return whole.format(Math.round(value));
}

export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share 0..1 as per cent: never "100 %" or "0 %" unless it is exactly that. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return "unknown";
  if (share > 0 && share < 0.001) return "under 0.1 %";
  if (share < 1 && share > 0.999) return "over 99.9 %";
  const value = share * 100;
  return `${value >= 10 && value < 99 ? Math.round(value) : Number(value.toFixed(1))} %`;
}

/** Decimal units, as file managers and download lists show them. */
export function bytes(value: number): string {
  if (value < 1e6) return `${Math.max(1, Math.round(value / 1e3))} kB`;
  if (value < 1e9) return `${value < 1e7 ? (value / 1e6).toFixed(1) : Math.round(value / 1e6)} MB`;
  return `${(value / 1e9).toFixed(1)} GB`;
}

/** Rounded up generously: an estimate that is kept is better than one that is exact. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "unknown";
  if (seconds < 1.5) return "about a second";
  if (seconds < 20) return `about ${Math.ceil(seconds)} seconds`;
  if (seconds < 90) return `about ${Math.ceil(seconds / 10) * 10} seconds`;
  if (seconds < 5400) return `about ${counted(Math.ceil(seconds / 60), "minute")}`;
  return `about ${(seconds / 3600).toFixed(1)} hours`;
}

/** A statistic: three significant places, NaN as a dash. */
export function statistic(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3).replace("-", "−") : "–";
}

/** A p- or q-value: small ones as powers of ten, zero as what it is: too small to be told. */
export function probability(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "< 1e−300";
  if (value < 1e-3) return value.toExponential(1).replace("-", "−");
  return value.toFixed(3);
}
