/** Which of a file's label columns are worth offering, and which first. */

import type { CellsSummary } from "resitu";

/** What people call the column that says what a cell is. */
const USUAL_NAMES = /cell.?type|label|annot|cluster|leiden|louvain|state/i;

/** What people call the column that tells sections, slides or samples apart. */
const SECTION_NAMES = /^(section|slice|slide|sample|library|quadrant|fov|region_id)(_?(id|name))?$/i;

/** The column that seems to tell sections apart; "" if none does. */
export function sectionColumn({ labels }: Pick<CellsSummary, "labels">): string {
  return labels.find(({ name, levels }) => levels > 1 && SECTION_NAMES.test(name))?.name ?? "";
}

/**
 * Names of columns with at least two levels: those that sound like cell types first, and of these the ones with few enough
 * levels to have a colour each. Otherwise in the order of the file.
 */
export function labelColumns({ labels }: Pick<CellsSummary, "labels">): string[] {
  const rank = ({ name, levels }: { name: string; levels: number }): number => (USUAL_NAMES.test(name) ? 0 : 2) + (levels <= 12 ? 0 : 1);
  return labels
    .filter((column) => column.levels > 1)
    .sort((one, other) => rank(one) - rank(other))
    .map((column) => column.name);
}
