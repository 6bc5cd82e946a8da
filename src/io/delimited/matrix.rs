//! A table that was surveyed, as a reader: a matrix, and annotations beside it or from another file.

use std::sync::Arc;

use super::{
    super::{
        Coordinates, Entry, IoError, coordinates,
        matrix::{Banded, Forward},
        reader::Reader,
        rows::Rows,
        table::{MemoryTable, Table},
    },
    orientation::Orientation,
    roles::Role,
    survey::{FieldInfo, FieldKind, Survey},
    values::{CellRows, Fields, GeneRows},
    walk::Shape,
};

/// A matrix of text with its annotations.
pub(in crate::io) struct TextMatrix {
    format: &'static str,
    shape: Arc<Shape>,
    fields: Arc<Fields>,
    orientation: Orientation,
    /// Values other than zero of each cell, where cells are columns.
    n_stored: Arc<[u32]>,
    obs: MemoryTable,
    var: MemoryTable,
    key: Option<String>,
    notes: Vec<String>,
}

impl TextMatrix {
    /// Takes the fields of role [`Role::Value`] as the matrix, and the annotations as columns of what the rows are. One
    /// pass over the file if there are annotations.
    pub(super) fn new(
        entry: &Entry,
        mut survey: Survey,
        orientation: Orientation,
        roles: &[Role],
        format: &'static str,
    ) -> Result<Self, IoError> {
        let is_value = |at: usize| roles.get(at) == Some(&Role::Value);
        let mut notes = Vec::new();
        notes.extend(missing_notes(&survey, roles));
        let annotations = (0..survey.header.len()).filter(|at| roles.get(*at) == Some(&Role::Annotation));
        let wanted = annotations.filter_map(|at| {
            let is_text = survey.fields.get(at)?.kind != FieldKind::Numbers;
            Some((at, survey.header.get(at)?.clone(), is_text))
        });
        let wanted: Vec<_> = wanted.collect();
        if !wanted.is_empty() {
            let what = if orientation == Orientation::CellsByGenes { "obs" } else { "var" };
            notes.push(format!(
                "{} columns hold text, positions or well-known measures: they are taken as {what}, not as values.",
                wanted.len()
            ));
        }
        let values = |at: &usize| is_value(*at);
        let columns = (0..survey.header.len()).filter(values).map(|at| survey.header[at].clone()).collect();
        let n_stored: Vec<u32> = match orientation {
            Orientation::CellsByGenes => Vec::new(),
            Orientation::GenesByCells => {
                (0..survey.fields.len()).filter(values).map(|at| survey.fields[at].n_stored).collect()
            }
        };
        let names = std::mem::take(&mut survey.names);
        let corner = survey.header.first().filter(|_| roles.first() == Some(&Role::Name)).cloned().unwrap_or_default();
        let shape = Arc::new(Shape::new(entry.clone(), &mut survey));
        let (row_kind, column_kind) = match orientation {
            Orientation::CellsByGenes => ("cell", "gene"),
            Orientation::GenesByCells => ("gene", "cell"),
        };
        let rows = shape.columns(if corner.is_empty() { row_kind } else { &corner }, names, wanted)?;
        let columns = MemoryTable::new(column_kind, columns);
        let (obs, var) = match orientation {
            Orientation::CellsByGenes => (rows, columns),
            Orientation::GenesByCells => (columns, rows),
        };
        let mut matrix = Self {
            format,
            shape,
            fields: Arc::new(Fields::new((0..roles.len()).map(is_value))),
            orientation,
            n_stored: n_stored.into(),
            obs: MemoryTable::new("", Vec::new()),
            var,
            key: None,
            notes,
        };
        matrix.set_obs(obs);
        Ok(matrix)
    }

    /// Replaces the annotations of the cells.
    pub(in crate::io) fn set_obs(&mut self, obs: MemoryTable) {
        self.key = coordinates::column_pair(&obs).map(|(x, y)| format!("obs/{x}, obs/{y}"));
        self.obs = obs;
    }

    pub(in crate::io) fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

fn missing_notes(survey: &Survey, roles: &[Role]) -> impl Iterator<Item = String> {
    let sum = |count: fn(&FieldInfo) -> u32| -> u64 {
        let values = survey.fields.iter().zip(roles).filter(|(_, role)| **role == Role::Value);
        values.map(|(info, _)| u64::from(count(info))).sum()
    };
    let kinds = [(sum(|info| info.n_missing), "are empty or NA"), (sum(|info| info.n_words), "are words")];
    let counted = kinds.into_iter().filter(|(count, _)| *count > 0);
    counted.map(|(count, what)| format!("{count} values of the table {what}: they are NaN."))
}

impl Reader for TextMatrix {
    fn format(&self) -> &'static str {
        self.format
    }

    fn obs(&self) -> &dyn Table {
        &self.obs
    }

    fn matrices(&self) -> Result<Vec<String>, IoError> {
        Ok(vec!["X".to_owned()])
    }

    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError> {
        if name != "X" {
            return Ok(None);
        }
        let (shape, fields) = (self.shape.clone(), self.fields.clone());
        Ok(Some(match self.orientation {
            Orientation::CellsByGenes => Box::new(Forward::new(CellRows { shape, genes: fields })),
            Orientation::GenesByCells => {
                Box::new(Banded::new(GeneRows { shape, cells: fields, n_stored: self.n_stored.clone() }))
            }
        }))
    }

    fn var(&self, _: &str) -> Result<Box<dyn Table + '_>, IoError> {
        Ok(Box::new(&self.var))
    }

    fn coordinates_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn coordinates(&self) -> Result<Option<Coordinates>, IoError> {
        coordinates::of_columns(&self.obs)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}
