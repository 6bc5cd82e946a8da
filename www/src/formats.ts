/** The files a result can be written as. */

import { clientError } from "./errors.js";
import type { ResultFormat } from "./types.js";

export const MEDIA_TYPES = {
  h5ad: "application/x-hdf5",
  csv: "text/csv;charset=utf-8",
  zip: "application/zip",
} as const satisfies Record<ResultFormat, string>;

export function formatOption(format: ResultFormat): ResultFormat {
  if (Object.hasOwn(MEDIA_TYPES, format)) return format;
  throw clientError("options.invalid", "format must be h5ad, csv or zip");
}
