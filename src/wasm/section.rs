//! Cells with positions, to be measured: those of a file, or translated ones.
//!
//! A section lives in a worker of its own. Its methods work until they are done, reporting progress on the way; the page
//! cancels one by ending the worker, which no other work shares.

use std::{collections::HashMap, ops::ControlFlow};

use js_sys::{Date, Function};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::{
    dataset::open_files,
    error::{JsResult, SurfaceError, to_js},
    graph::graph_params,
};
use crate::{
    cells::{Csr, Labels},
    io::Dataset,
    progress::Progress,
    spatial::{Graph, SpatialError},
};

/// Values read between two reports.
const VALUES_PER_STEP: usize = 4 << 20;
/// Values held at once: 1.2 GB. A wasm module can address 4 GB, and the statistics need room beside them.
const MAX_VALUES: usize = 150 << 20;
/// Reports more often than this would cost more than they tell.
const REPORT_MS: f64 = 50.0;

/// Cells, their positions, labels and values.
#[wasm_bindgen]
pub struct WasmSection {
    cells: Cells,
}

enum Cells {
    File(Dataset),
    Placed(Placed),
}

/// Translated cells that have a position.
struct Placed {
    /// The rows of the result that are here: a cell without counts has no position.
    rows: Vec<usize>,
    n_rows: usize,
    positions: Vec<[f64; 2]>,
    values: Csr,
    genes: Vec<String>,
    labels: HashMap<String, Labels>,
}

#[wasm_bindgen]
impl WasmSection {
    /// The cells of files, with the file's own coordinates.
    pub fn open(paths: Vec<String>, files: Vec<Blob>) -> JsResult<WasmSection> {
        Ok(Self { cells: Cells::File(open_files(paths, files)?) })
    }

    /// Translated cells: positions `x0 y0 x1 y1 …` and the expression table, cells × genes.
    pub fn placed(positions: &[f32], expression: &[f32], genes: Vec<String>) -> JsResult<WasmSection> {
        let n_rows = positions.len() / 2;
        if positions.len() != 2 * n_rows || expression.len() != n_rows * genes.len() || genes.is_empty() {
            return Err(SurfaceError::BadOptions.into());
        }
        let (pairs, _) = positions.as_chunks::<2>();
        let rows: Vec<usize> = (0..n_rows).filter(|row| pairs[*row].iter().all(|value| value.is_finite())).collect();
        let mut values = Csr::empty(genes.len());
        for row in &rows {
            let dense = &expression[row * genes.len()..(row + 1) * genes.len()];
            let stored = (0u32..).zip(dense).filter(|(_, value)| **value != 0.0);
            values.push_row(stored.map(|(gene, value)| (gene, *value))).map_err(to_js)?;
        }
        let positions = rows.iter().map(|row| pairs[*row].map(f64::from)).collect();
        let placed = Placed { rows, n_rows, positions, values, genes, labels: HashMap::new() };
        Ok(Self { cells: Cells::Placed(placed) })
    }

    /// Uses another matrix of the file.
    #[wasm_bindgen(js_name = useMatrix)]
    pub fn use_matrix(&mut self, name: &str) -> JsResult<()> {
        match &mut self.cells {
            Cells::File(dataset) if dataset.matrix_name() != name => dataset.use_matrix(name).map_err(to_js),
            _ => Ok(()),
        }
    }

    /// Gives translated cells a label column; codes for all rows of the result.
    #[wasm_bindgen(js_name = setLabels)]
    pub fn set_labels(&mut self, name: String, codes: &[i32], levels: Vec<String>) -> JsResult<()> {
        let Cells::Placed(placed) = &mut self.cells else { return Err(SurfaceError::BadOptions.into()) };
        if codes.len() != placed.n_rows {
            return Err(SurfaceError::BadOptions.into());
        }
        let codes = placed.rows.iter().map(|row| codes[*row]).collect();
        placed.labels.insert(name, Labels { codes, levels });
        Ok(())
    }
}

impl WasmSection {
    /// One position a cell.
    pub(super) fn positions(&self) -> JsResult<Vec<[f64; 2]>> {
        match &self.cells {
            Cells::File(dataset) => {
                let found = dataset.coordinates().map_err(to_js)?;
                Ok(found.ok_or_else(|| to_js(SpatialError::NoCoordinates))?.xy)
            }
            Cells::Placed(placed) => Ok(placed.positions.clone()),
        }
    }

    pub(super) fn labels(&self, column: &str) -> JsResult<Labels> {
        match &self.cells {
            Cells::File(dataset) => dataset.labels(column).map_err(to_js),
            Cells::Placed(placed) => {
                placed.labels.get(column).cloned().ok_or_else(|| to_js(crate::io::IoError::NoSuchName))
            }
        }
    }

    /// One section id a cell, if a column tells sections apart; a cell without one is in a section of its own kind.
    pub(super) fn sections(&self, column: Option<&str>) -> JsResult<Option<Vec<u32>>> {
        let Some(column) = column else { return Ok(None) };
        let labels = self.labels(column)?;
        let unlabelled = labels.levels.len() as u32;
        Ok(Some(labels.codes.iter().map(|code| u32::try_from(*code).unwrap_or(unlabelled)).collect()))
    }

    /// The graph that `options` asks for.
    pub(super) fn graph(&self, options: &JsValue) -> JsResult<Graph> {
        let (params, sections) = graph_params(options)?;
        let sections = self.sections(sections.as_deref())?;
        Graph::build(&self.positions()?, sections.as_deref(), &params).map_err(to_js)
    }

    /// One value a cell of the section, put where the cell stands among all rows; `missing` for rows that are not in it.
    pub(super) fn over_all_cells(&self, values: &[f64], missing: f64) -> Vec<f64> {
        let Cells::Placed(placed) = &self.cells else { return values.to_vec() };
        let mut all = vec![missing; placed.n_rows];
        for (row, value) in placed.rows.iter().zip(values) {
            all[*row] = *value;
        }
        all
    }

    /// The sections that `options` tells apart.
    pub(super) fn sections_of(&self, options: &JsValue) -> JsResult<Option<Vec<u32>>> {
        self.sections(graph_params(options)?.1.as_deref())
    }

    /// All values of the matrix in use, cells × genes, and the names of the genes.
    pub(super) fn values(&self, report: &mut Report) -> JsResult<(Csr, Vec<String>)> {
        let dataset = match &self.cells {
            Cells::Placed(placed) => return Ok((placed.values.clone(), placed.genes.clone())),
            Cells::File(dataset) => dataset,
        };
        let genes = dataset.gene_names().to_vec();
        let mut values = Csr::empty(genes.len());
        while values.n_rows() < dataset.n_cells() {
            let start = values.n_rows();
            let end = dataset.range_end(start, VALUES_PER_STEP).map_err(to_js)?;
            let part = dataset.rows(start..end).map_err(to_js)?;
            if values.n_stored() + part.n_stored() > MAX_VALUES {
                return Err(SurfaceError::TooLarge.into());
            }
            values.append(&part).map_err(to_js)?;
            let (done, total) = (end as u64, dataset.n_cells() as u64);
            report.say(Progress { stage: "reading cells", done, total });
        }
        Ok((values, genes))
    }
}

/// Tells the page how far the work has come: `(stage, done, total)`.
pub(super) struct Report<'a> {
    function: &'a Function,
    last: f64,
}

impl<'a> Report<'a> {
    pub(super) fn new(function: &'a Function) -> Self {
        Self { function, last: 0.0 }
    }

    pub(super) fn say(&mut self, progress: Progress) {
        let now = Date::now();
        if now - self.last < REPORT_MS && progress.done < progress.total {
            return;
        }
        self.last = now;
        let (done, total) = (progress.done as f64, progress.total as f64);
        // A report that fails is no reason to lose the work.
        let _ = self.function.call3(&JsValue::NULL, &progress.stage.into(), &done.into(), &total.into());
    }

    /// As a tick: never cancels, because the page ends the worker instead.
    pub(super) fn tick(&mut self) -> impl FnMut(Progress) -> ControlFlow<()> {
        |progress| {
            self.say(progress);
            ControlFlow::Continue(())
        }
    }
}
