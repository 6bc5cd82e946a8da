//! Translated cells, as the worker holds them.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Float32Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{
    convert::{labels_to_js, object, strings},
    error::{JsResult, SurfaceError, to_js, to_object},
    export::WasmExport,
};
use crate::{
    io::Dataset,
    translate::{Format, Translation},
};

/// Translated cells, and the file they come from for their names and labels.
#[wasm_bindgen]
pub struct WasmResult {
    // Shared with the files being written from it.
    translation: Rc<Translation>,
    dataset: Rc<RefCell<Dataset>>,
}

impl WasmResult {
    pub(super) fn new(translation: Translation, dataset: Rc<RefCell<Dataset>>) -> Self {
        Self { translation: Rc::new(translation), dataset }
    }
}

#[wasm_bindgen]
impl WasmResult {
    /// Everything that the page shows.
    #[wasm_bindgen(unchecked_return_type = "protocol.TranslationData")]
    pub fn data(&self) -> JsResult<JsValue> {
        let found = &self.translation;
        let names = self.dataset.try_borrow().map_err(|_| SurfaceError::Busy)?.obs_names().map_err(to_js)?;
        let bytes = |values: &[u8]| JsValue::from(Uint8Array::from(values));
        Ok(object(&[
            ("cellNames", strings(&names)),
            ("expression", table(&found.panel, &found.expression, found.n_cells)),
            ("composition", table(&found.states, &found.composition, found.n_cells)),
            ("niche", bytes(&found.niche)),
            ("state", bytes(&found.state)),
            ("positions", numbers(&found.positions)),
            ("spreadUm", numbers(&found.spread_um)),
            ("confidence", numbers(&found.confidence)),
            ("emptyCells", (found.empty_cells as f64).into()),
            ("provenance", to_object(&found.provenance)?),
        ]))
    }

    /// Where else each cell may be: `[cells, 32, 2]`.
    #[wasm_bindgen(js_name = likelyPositions)]
    pub fn likely_positions(&self) -> Float32Array {
        Float32Array::from(self.translation.likely_positions.as_slice())
    }

    #[wasm_bindgen(unchecked_return_type = "protocol.Labels")]
    pub fn labels(&self, column: &str) -> JsResult<JsValue> {
        let dataset = self.dataset.try_borrow().map_err(|_| SurfaceError::Busy)?;
        Ok(labels_to_js(&dataset.labels(column).map_err(to_js)?))
    }

    /// Starts to write the result: `h5ad`, `csv` or `zip`.
    pub fn export(&self, format: &str) -> JsResult<WasmExport> {
        let format = Format::of_extension(format).ok_or(SurfaceError::BadOptions)?;
        WasmExport::start(self.translation.clone(), self.dataset.clone(), format)
    }
}

fn numbers(values: &[f32]) -> JsValue {
    Float32Array::from(values).into()
}

/// `Table` of `types.ts`.
fn table<S: AsRef<str>>(columns: &[S], data: &[f32], n_rows: usize) -> JsValue {
    object(&[("columns", strings(columns)), ("data", numbers(data)), ("nRows", (n_rows as f64).into())])
}
