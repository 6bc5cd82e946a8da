//! What a file holds besides matrices and tables, for a copy of it: entries of `obsm`, and what `uns` says.

use std::sync::Arc;

use super::super::{
    IoError,
    carried::{Carried, Embedding},
    scalar::Scalar,
    table::Table as _,
    tree::{Array, Attribute, Attributes, Element, Node, Tree},
    write::{Table, Uns},
};
use super::aligned;
use super::embedding;
use super::frame::Frame;

const PLACE: &str = "uns";
/// Groups of `uns` inside of each other.
const MAX_DEPTH: usize = 16;
/// Entries of `uns`, and values in all of them together: more is a data set of its own.
const MAX_ENTRIES: usize = 10_000;
const MAX_VALUES: usize = 8 << 20;

/// Everything that can be carried over, and the names of what cannot.
///
/// Only the values of `uns` are read; what cannot be read there is named and does not fail.
///
/// # Errors
/// `io.read-failed`.
pub(super) fn read(tree: &Arc<dyn Tree>, n_cells: usize, n_genes: usize) -> Result<Carried, IoError> {
    let mut found = Carried::default();
    for name in tree.children("obsm", "obsm")? {
        match embedding::open(tree, &name, n_cells) {
            Ok(Some((width, array))) => {
                let is_f64 =
                    !matches!(array.element(), Element::Number(scalar) if !scalar.is_integer() && scalar.bytes() <= 4);
                found.obsm.push(Embedding { name, width, is_f64 });
            }
            Err(error @ IoError::ReadFailed(_)) => return Err(error),
            _ => found.left_out.push(format!("obsm/{name}")),
        }
    }
    for folder in aligned::FOLDERS {
        for path in tree.children(folder, folder)?.into_iter().map(|name| format!("{folder}/{name}")) {
            match aligned::open(&**tree, &path, n_cells, n_genes) {
                Ok(Some(_)) => found.aligned.push(path),
                Err(error @ IoError::ReadFailed(_)) => return Err(error),
                _ => found.left_out.push(path),
            }
        }
    }
    if tree.node("raw", "raw")?.is_some() || tree.node("raw.X", "raw")?.is_some() {
        found.left_out.push("raw".to_owned());
    }
    let mut notes = Notes { tree, entries: MAX_ENTRIES, values: MAX_VALUES, left_out: Vec::new() };
    found.uns = notes.group("uns", 0)?;
    found.left_out.append(&mut notes.left_out);
    Ok(found)
}

struct Notes<'a> {
    tree: &'a Arc<dyn Tree>,
    /// What may still be read.
    entries: usize,
    values: usize,
    left_out: Vec<String>,
}

impl Notes<'_> {
    fn group(&mut self, path: &str, depth: usize) -> Result<Vec<(String, Uns)>, IoError> {
        let mut entries = Vec::new();
        for name in self.tree.children(path, PLACE)? {
            let inner = format!("{path}/{name}");
            if self.entries == 0 || depth >= MAX_DEPTH {
                self.left_out.push(inner);
                continue;
            }
            self.entries -= 1;
            match self.entry(&inner, depth) {
                Ok(Some(entry)) => entries.push((name, entry)),
                Err(error @ IoError::ReadFailed(_)) => return Err(error),
                _ => self.left_out.push(inner),
            }
        }
        Ok(entries)
    }

    /// `None` for what has no place in [`Uns`].
    fn entry(&mut self, path: &str, depth: usize) -> Result<Option<Uns>, IoError> {
        match self.tree.node(path, PLACE)? {
            Some(Node::Array(array)) => self.array(&*array),
            Some(Node::Group(attributes)) => match encoding(&attributes) {
                // Before 0.8 AnnData did not mark its dictionaries.
                None | Some("dict") => Ok(Some(Uns::Nested(self.group(path, depth + 1)?))),
                Some("dataframe") => self.table(path),
                _ => Ok(None),
            },
            None => Ok(None),
        }
    }

    fn table(&mut self, path: &str) -> Result<Option<Uns>, IoError> {
        let Some(frame) = Frame::open(self.tree, path, PLACE)? else { return Ok(None) };
        if frame.n_skipped() > 0 || !self.afford(frame.n_rows().saturating_mul(1 + frame.columns().len())) {
            return Ok(None);
        }
        let column = |name: &String| Ok((name.clone(), frame.column(name)?));
        let columns = frame.columns().iter().map(|info| column(&info.name)).collect::<Result<_, IoError>>()?;
        Ok(Some(Uns::Table(Table { index: frame.index()?, columns })))
    }

    fn array(&mut self, array: &dyn Array) -> Result<Option<Uns>, IoError> {
        let shape = array.shape().iter().map(|edge| usize::try_from(*edge).ok()).collect::<Option<Vec<usize>>>();
        let Some(shape) = shape else { return Ok(None) };
        let n_values = shape.iter().try_fold(1usize, |product, edge| product.checked_mul(*edge));
        if !n_values.is_some_and(|n_values| self.afford(n_values)) {
            return Ok(None);
        }
        Ok(match (array.element(), &shape[..]) {
            (Element::Text, []) => array.text()?.map(Uns::Text),
            (Element::Text, [_]) => Some(Uns::Texts(array.texts()?)),
            (Element::Number(scalar), _) => numbers(array, *scalar, shape)?,
            _ => None,
        })
    }

    fn afford(&mut self, values: usize) -> bool {
        let left = self.values.checked_sub(values);
        self.values = left.unwrap_or(self.values);
        left.is_some()
    }
}

/// Truth values keep their type alone, others as `f64`, or as whole numbers where these have one dimension.
fn numbers(array: &dyn Array, scalar: Scalar, shape: Vec<usize>) -> Result<Option<Uns>, IoError> {
    Ok(match shape[..] {
        [] if scalar.is_bool => array.i64_rows(0..1)?.first().map(|value| Uns::Truth(*value != 0)),
        [] if scalar.is_integer() => array.i64_rows(0..1)?.first().map(|value| Uns::Integer(*value)),
        [] => array.f64_rows(0..1)?.first().map(|value| Uns::Number(*value)),
        _ if scalar.is_bool => None,
        [n] if scalar.is_integer() => Some(Uns::Integers(array.i64_rows(0..n)?)),
        [n] => Some(Uns::Numbers(array.f64_rows(0..n)?)),
        _ if shape.contains(&0) => None,
        [n, ..] => Some(Uns::Array { values: array.f64_rows(0..n)?, shape }),
    })
}

fn encoding(attributes: &Attributes) -> Option<&str> {
    attributes.get("encoding-type").and_then(Attribute::as_text)
}
