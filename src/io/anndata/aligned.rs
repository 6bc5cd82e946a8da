//! Entries of `varm`, `varp` and `obsp`: numbers that lie along the genes, or between all cells or all genes.

use std::ops::Range;

use super::super::{
    IoError,
    carried::Aligned,
    scalar::Scalar,
    tree::{Array, Attribute, Element, Node, Tree},
};

/// Where such entries are.
pub(super) const FOLDERS: [&str; 3] = ["obsp", "varm", "varp"];
/// Numbers of one entry, of which all are held at once: 400 MB. A graph of 15 neighbours has so many of 2 million cells.
const MAX_VALUES: usize = 32 << 20;
/// Numbers read at once.
const PART: usize = 1 << 20;

/// An entry that can be read, none of which has been.
pub(super) struct Source {
    n_rows: usize,
    n_cols: usize,
    /// Of a sparse one, its CSR arrays `indptr` and `indices`.
    sparse: Option<[Box<dyn Array>; 2]>,
    data: Box<dyn Array>,
    scalar: Scalar,
}

/// `None` for what is no array of numbers and no CSR matrix, is of other cells or genes, or is too large.
///
/// # Errors
/// Those of reading.
pub(super) fn open(tree: &dyn Tree, path: &str, n_cells: usize, n_genes: usize) -> Result<Option<Source>, IoError> {
    let Some((folder, place)) = path.split_once('/').and_then(|(folder, _)| Some((folder, place_of(folder)?))) else {
        return Ok(None);
    };
    let n_rows = if folder == "obsp" { n_cells } else { n_genes };
    let (shape, sparse, data) = match tree.node(path, place)? {
        Some(Node::Array(array)) => (array.shape().to_vec(), None, array),
        Some(Node::Group(attributes)) => {
            if attributes.get("encoding-type").and_then(Attribute::as_text) != Some("csr_matrix") {
                return Ok(None);
            }
            let shape = attributes.get("shape").and_then(Attribute::as_integers).unwrap_or_default();
            let part = |name: &str| tree.array(&format!("{path}/{name}"), place);
            let (Some(indptr), Some(indices), Some(data)) = (part("indptr")?, part("indices")?, part("data")?) else {
                return Ok(None);
            };
            if indices.shape() != data.shape() || indptr.shape() != [n_rows as u64 + 1] || data.shape().len() != 1 {
                return Ok(None);
            }
            (shape.iter().map(|edge| *edge as u64).collect(), Some([indptr, indices]), data)
        }
        None => return Ok(None),
    };
    let &[rows, columns] = &shape[..] else { return Ok(None) };
    let Element::Number(scalar) = *data.element() else { return Ok(None) };
    let n_cols = usize::try_from(columns).ok().filter(|columns| *columns > 0 && u32::try_from(*columns).is_ok());
    let n_values = data.shape().iter().try_fold(1u64, |product, edge| product.checked_mul(*edge));
    let fits = rows == n_rows as u64 && (folder == "varm" || rows == columns);
    match (n_cols, n_values) {
        (Some(n_cols), Some(n_values)) if fits && !scalar.is_bool && n_values <= MAX_VALUES as u64 => {
            Ok(Some(Source { n_rows, n_cols, sparse, data, scalar }))
        }
        _ => Ok(None),
    }
}

impl Source {
    /// # Errors
    /// Those of reading; `io.bad-file` where the arrays of a sparse matrix contradict each other.
    pub(super) fn read(&self) -> Result<Aligned, IoError> {
        let place = self.data.place();
        let bad = |problem| IoError::bad(place, problem);
        // The first edge: of a dense one its rows.
        let n_lines = if self.sparse.is_some() { self.data.length()? } else { self.n_rows };
        let width = if self.sparse.is_some() { 1 } else { self.n_cols };
        let values = by_parts(n_lines, width, |lines| self.data.f64_rows(lines))?;
        let sparse = match &self.sparse {
            None => None,
            Some([indptr, indices]) => {
                let column = |index: i64| u32::try_from(index).ok().filter(|&index| (index as usize) < self.n_cols);
                let indices = by_parts(n_lines, 1, |part| {
                    let checked = indices.i64_rows(part)?.into_iter().map(column).collect::<Option<Vec<u32>>>();
                    checked.ok_or(bad("an index is outside the matrix"))
                })?;
                let mut last = 0;
                let pointers = by_parts(self.n_rows + 1, 1, |part| {
                    let pointer = |pointer: i64| {
                        last = usize::try_from(pointer).ok().filter(|at| (last..=n_lines).contains(at))?;
                        Some(last)
                    };
                    let checked = indptr.i64_rows(part)?.into_iter().map(pointer).collect::<Option<Vec<usize>>>();
                    checked.ok_or(bad("its row pointers fall or point outside"))
                })?;
                if pointers.first() != Some(&0) || pointers.last() != Some(&n_lines) {
                    return Err(bad("its row pointers do not cover its values"));
                }
                Some((pointers, indices))
            }
        };
        let is_f64 = self.scalar.is_integer() || self.scalar.bytes() > 4;
        Ok(Aligned { n_rows: self.n_rows, n_cols: self.n_cols, is_f64, values, sparse })
    }
}

/// Memory follows what is really in the file, not what a header says.
fn by_parts<T>(
    n_lines: usize,
    width: usize,
    mut read: impl FnMut(Range<usize>) -> Result<Vec<T>, IoError>,
) -> Result<Vec<T>, IoError> {
    let (mut all, step) = (Vec::new(), (PART / width).max(1));
    for start in (0..n_lines).step_by(step) {
        all.extend(read(start..n_lines.min(start + step))?);
    }
    Ok(all)
}

fn place_of(folder: &str) -> Option<&'static str> {
    FOLDERS.into_iter().find(|known| *known == folder)
}
