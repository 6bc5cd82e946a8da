//! Opened cells, as the worker holds them.

use std::{cell::RefCell, rc::Rc};

use js_sys::Float32Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FileReaderSync};

use super::{
    convert::labels_to_js,
    error::{JsResult, SurfaceError, to_js, to_object},
    file::BrowserFile,
};
use crate::genes::{KnownGenes, Species};
use crate::io::{Dataset, FileSet, Source};
use crate::translate::{LIKELY_POSITIONS, POSITIONS_KEPT};

/// Values read between two reports.
const VALUES_PER_STEP: usize = 4 << 20;

/// A file of cells; its values are read when they are needed.
#[wasm_bindgen]
pub struct WasmDataset {
    // Shared with the results computed from it, which answer for the labels of their cells.
    inner: Rc<RefCell<Dataset>>,
}

impl WasmDataset {
    /// The file itself, for a job that outlives this object.
    pub(super) fn shared(&self) -> Rc<RefCell<Dataset>> {
        self.inner.clone()
    }
}

#[wasm_bindgen]
impl WasmDataset {
    /// Opens a file, or several that belong together, without reading their values. `paths` and `files` go together.
    pub fn open(paths: Vec<String>, files: Vec<Blob>) -> JsResult<WasmDataset> {
        Ok(Self { inner: Rc::new(RefCell::new(open_files(paths, files)?)) })
    }

    #[wasm_bindgen(unchecked_return_type = "page.CellsSummary")]
    pub fn summary(&self) -> JsResult<JsValue> {
        let dataset = self.inner.borrow();
        let summary = to_object(&dataset.summary().map_err(to_js)?)?;
        let likely = dataset.embedding_width(LIKELY_POSITIONS).map_err(to_js)? == Some(2 * POSITIONS_KEPT);
        // `Reflect::set` fails on frozen objects alone, and this one is new.
        let _ = js_sys::Reflect::set(&summary, &"likelyPositions".into(), &likely.into());
        Ok(summary)
    }

    #[wasm_bindgen(js_name = useMatrix)]
    pub fn use_matrix(&mut self, name: &str) -> JsResult<()> {
        self.inner.try_borrow_mut().map_err(|_| SurfaceError::Busy)?.use_matrix(name).map_err(to_js)
    }

    /// What the genes are by the packaged table, given as its bytes; `species` (`human` or `mouse`) overrules the guess.
    #[wasm_bindgen(js_name = geneSummary, unchecked_return_type = "page.GeneSummary")]
    pub fn gene_summary(&self, table: &[u8], species: Option<String>) -> JsResult<JsValue> {
        // Read anew each time and then let go: it takes 0.2 s, and would otherwise hold 50 MB.
        let known = KnownGenes::read(table).map_err(to_js)?;
        let species = species.as_deref().and_then(Species::from_name);
        to_object(&self.inner.borrow().gene_summary(&known, species).map_err(to_js)?)
    }

    /// Matches the genes as their one-to-one orthologs in `to` (`human` or `mouse`) from here on.
    #[wasm_bindgen(js_name = useOrthologs)]
    pub fn use_orthologs(&mut self, table: &[u8], to: &str) -> JsResult<()> {
        let known = KnownGenes::read(table).map_err(to_js)?;
        let to = Species::from_name(to).unwrap_or(Species::Other);
        self.inner.try_borrow_mut().map_err(|_| SurfaceError::Busy)?.use_orthologs(&known, to).map_err(to_js)
    }

    /// `x0 y0 x1 y1 …` in the units of the file; `undefined` without coordinates.
    pub fn positions(&self) -> JsResult<Option<Float32Array>> {
        let coordinates = self.inner.borrow().coordinates().map_err(to_js)?;
        Ok(coordinates.map(|found| {
            let flat: Vec<f32> = found.xy.iter().flatten().map(|value| *value as f32).collect();
            Float32Array::from(flat.as_slice())
        }))
    }

    /// The gene names in use, one a column of the matrix.
    #[wasm_bindgen(js_name = geneNames)]
    pub fn gene_names(&self) -> Vec<String> {
        self.inner.borrow().gene_names().to_vec()
    }

    /// Number of cells.
    #[wasm_bindgen(js_name = nCells)]
    pub fn n_cells(&self) -> u32 {
        self.inner.borrow().n_cells() as u32
    }

    /// The end of the next range of cells to read from `start` for the values of so many genes.
    #[wasm_bindgen(js_name = expressionEnd)]
    pub fn expression_end(&self, n_genes: u32, start: u32) -> JsResult<u32> {
        let end =
            self.inner.borrow().expression_end(start as usize, n_genes as usize, VALUES_PER_STEP).map_err(to_js)?;
        Ok(end as u32)
    }

    /// Values of some genes (columns of the matrix) in the cells `start..end`, row-major.
    pub fn expression(&self, genes: &[u32], start: u32, end: u32) -> JsResult<Float32Array> {
        let values = self.inner.borrow().expression(genes, start as usize..end as usize).map_err(to_js)?;
        Ok(Float32Array::from(values.as_slice()))
    }

    #[wasm_bindgen(unchecked_return_type = "protocol.Labels")]
    pub fn labels(&self, column: &str) -> JsResult<JsValue> {
        Ok(labels_to_js(&self.inner.borrow().labels(column).map_err(to_js)?))
    }
}

/// Opens a file, or several that belong together. `paths` and `files` go together.
pub(super) fn open_files(paths: Vec<String>, files: Vec<Blob>) -> JsResult<Dataset> {
    let reader = FileReaderSync::new().map_err(|_| SurfaceError::NoReader)?;
    let sources = BrowserFile::all(files, &reader).map(|file| Box::new(file) as Box<dyn Source>);
    Dataset::open_files(FileSet::new(paths.into_iter().zip(sources)).map_err(to_js)?).map_err(to_js)
}
