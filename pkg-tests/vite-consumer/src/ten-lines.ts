/** The lines of the README, as a portal would write them; a test compares the two texts. */

// readme:begin
import { loadTranslator, openCells, spatial } from "resitu";
import breast from "resitu/breast";

export async function translateFile(file: File) {
  const cells = await openCells(file);
  const translator = await loadTranslator(breast);
  const report = await translator.check(cells);
  const result = await translator.translate(cells);
  const table = await spatial.autocorrelation(result);
  return { report, result, table, download: await result.toBlob("h5ad") };
}
// readme:end
