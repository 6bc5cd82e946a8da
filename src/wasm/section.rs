//! Cells with positions, to be measured: those of a file, or translated ones.
//!
//! A section lives in a worker of its own. Its methods work until they are done, reporting progress on the way; the page
//! cancels one by ending the worker, which no other work shares.

use std::{borrow::Cow, collections::HashMap, ops::ControlFlow};

use js_sys::{Date, Function};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::{
    dataset::open_files,
    error::{JsResult, SurfaceError, to_js},
    graph::graph_params,
    measured::Measured,
};
use crate::{
    cells::{Csr, Labels},
    io::Dataset,
    progress::Progress,
    spatial::{GraphParams, Kept, SpatialError},
    translate::{LIKELY_POSITIONS, POSITIONS_KEPT},
};

/// The label column with the states of translated cells, in files and as the page sets it.
const STATE: &str = "resitu_state";

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
    /// `[cells, 32, 2]`, given by the page for translated cells; a file has its own.
    likely: Option<Vec<f32>>,
    reference: Option<Reference>,
}

enum Cells {
    File(Dataset),
    Placed(Placed),
}

/// Translated cells, those without counts included: these have NaN for all.
struct Placed {
    positions: Vec<[f64; 2]>,
    values: Csr,
    genes: Vec<String>,
    labels: HashMap<String, Labels>,
}

/// The cells of a reference section, for the null of placements.
pub(super) struct Reference {
    pub(super) positions: Vec<[f64; 2]>,
    /// Into `names`.
    pub(super) states: Vec<i32>,
    names: Vec<String>,
}

#[wasm_bindgen]
impl WasmSection {
    /// The cells of files, with the file's own coordinates.
    pub fn open(paths: Vec<String>, files: Vec<Blob>) -> JsResult<WasmSection> {
        Ok(Self { cells: Cells::File(open_files(paths, files)?), likely: None, reference: None })
    }

    /// Translated cells: positions `x0 y0 x1 y1 …` and the expression table, cells × genes.
    pub fn placed(positions: &[f32], expression: &[f32], genes: Vec<String>) -> JsResult<WasmSection> {
        let n_rows = positions.len() / 2;
        if positions.len() != 2 * n_rows || expression.len() != n_rows * genes.len() || genes.is_empty() {
            return Err(SurfaceError::BadOptions.into());
        }
        let values = Csr::from_dense(genes.len(), expression).map_err(to_js)?;
        let placed = Placed { positions: pairs(positions), values, genes, labels: HashMap::new() };
        Ok(Self { cells: Cells::Placed(placed), likely: None, reference: None })
    }

    /// Says where else translated cells may be: `[cells, 32, 2]`.
    #[wasm_bindgen(js_name = setLikelyPositions)]
    pub fn set_likely_positions(&mut self, likely: Vec<f32>) {
        self.likely = Some(likely);
    }

    /// Says where reference cells are, and their states, an index into `names`.
    #[wasm_bindgen(js_name = setReference)]
    pub fn set_reference(&mut self, positions: &[f32], states: &[u8], names: Vec<String>) {
        let states = states.iter().map(|state| i32::from(*state)).collect();
        self.reference = Some(Reference { positions: pairs(positions), states, names });
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
        if codes.len() != placed.positions.len() {
            return Err(SurfaceError::BadOptions.into());
        }
        placed.labels.insert(name, Labels { codes: codes.to_vec(), levels });
        Ok(())
    }
}

impl WasmSection {
    /// One position a cell, NaN where a cell has none.
    fn positions(&self) -> JsResult<Vec<[f64; 2]>> {
        match &self.cells {
            Cells::File(dataset) => {
                let found = dataset.coordinates().map_err(to_js)?;
                Ok(found.ok_or_else(|| to_js(SpatialError::NoCoordinates))?.xy)
            }
            Cells::Placed(placed) => Ok(placed.positions.clone()),
        }
    }

    /// Where else the cells may be, `[cells, 32, 2]`.
    pub(super) fn likely_positions(&self) -> JsResult<Cow<'_, [f32]>> {
        if let Some(likely) = &self.likely {
            return Ok(Cow::Borrowed(likely));
        }
        if let Cells::File(dataset) = &self.cells
            && dataset.embedding_width(LIKELY_POSITIONS).map_err(to_js)? == Some(2 * POSITIONS_KEPT)
            && let Some((_, likely)) = dataset.embedding(LIKELY_POSITIONS).map_err(to_js)?
        {
            return Ok(Cow::Owned(likely));
        }
        Err(to_js(SpatialError::NoLikelyPositions))
    }

    /// The reference cells, and the state of every cell in their numbering; −1 where it is not among theirs.
    pub(super) fn reference(&self) -> JsResult<(&Reference, Vec<i32>)> {
        let reference = self.reference.as_ref().ok_or(SurfaceError::BadOptions)?;
        let Labels { codes, levels } = self.labels(STATE)?;
        let level = |name: &String| reference.names.iter().position(|known| known == name).map_or(-1, |at| at as i32);
        let levels: Vec<i32> = levels.iter().map(level).collect();
        if levels.iter().all(|level| *level < 0) {
            let why = "The translator knows none of the states of these cells: name the one they were translated with.";
            return Err(to_js(SpatialError::BadParameter(why)));
        }
        let state = |code: &i32| usize::try_from(*code).ok().and_then(|code| levels.get(code)).map_or(-1, |at| *at);
        Ok((reference, codes.iter().map(state).collect()))
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
    fn sections(&self, column: Option<&str>) -> JsResult<Option<Vec<u32>>> {
        let Some(column) = column else { return Ok(None) };
        let labels = self.labels(column)?;
        let unlabelled = labels.levels.len() as u32;
        Ok(Some(labels.codes.iter().map(|code| u32::try_from(*code).unwrap_or(unlabelled)).collect()))
    }

    /// The cells that have a position, with the graph that `options` asks for.
    pub(super) fn cells_placed(&self, options: &JsValue) -> JsResult<Measured> {
        let (params, sections) = graph_params(options)?;
        Ok(Measured { graph: params, ..self.cells_in(sections.as_deref())? })
    }

    /// The cells that have a position and values.
    pub(super) fn cells_measured(&self, options: &JsValue, report: &mut Report) -> JsResult<Measured> {
        let placed = self.cells_placed(options)?;
        let (values, genes) = self.values(report)?;
        let kept = placed.kept.with_values(&values);
        let values = match kept.pick_rows(&values).map_err(to_js)? {
            Cow::Owned(picked) => picked,
            Cow::Borrowed(_) => values,
        };
        if kept == placed.kept {
            return Ok(Measured { values: Some(values), genes, ..placed });
        }
        let sections = graph_params(options)?.1;
        let sections = self.sections(sections.as_deref())?.map(|all| kept.pick(&all).into_owned());
        let positions = kept.pick(&self.positions()?).into_owned();
        Ok(Measured { positions, sections, values: Some(values), genes, kept, ..placed })
    }

    /// The cells that have a position, for statistics without a graph.
    pub(super) fn cells_in(&self, sections: Option<&str>) -> JsResult<Measured> {
        let positions = self.positions()?;
        let kept = Kept::with_position(&positions);
        let sections = self.sections(sections)?.map(|all| kept.pick(&all).into_owned());
        let positions = kept.pick(&positions).into_owned();
        let graph = GraphParams::default();
        Ok(Measured { kept, positions, sections, values: None, genes: Vec::new(), graph })
    }

    /// All values of the matrix in use, cells × genes, and the names of the genes.
    fn values(&self, report: &mut Report) -> JsResult<(Csr, Vec<String>)> {
        let dataset = match &self.cells {
            Cells::Placed(placed) => return Ok((placed.values.clone(), placed.genes.clone())),
            Cells::File(dataset) => dataset,
        };
        let genes = dataset.gene_names().to_vec();
        let (mut values, mut part) = (Csr::empty(genes.len()), Csr::empty(0));
        while values.n_rows() < dataset.n_cells() {
            let start = values.n_rows();
            let end = dataset.range_end(start, VALUES_PER_STEP).map_err(to_js)?;
            dataset.rows_into(start..end, &mut part).map_err(to_js)?;
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

fn pairs(flat: &[f32]) -> Vec<[f64; 2]> {
    flat.as_chunks::<2>().0.iter().map(|pair| pair.map(f64::from)).collect()
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
