//! Translated cells, as the worker holds them.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Float32Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{
    autocorrelation::WasmAutocorrelation,
    convert::{composition_of, labels_to_js, object, strings},
    error::{JsResult, SurfaceError, to_js, to_object},
    graph::graph_params,
    measured::Measured,
};
use crate::{cells::Csr, io::Dataset, spatial::Graph, translate::Translation};

/// Translated cells, and the file they come from for their names and labels.
#[wasm_bindgen]
pub struct WasmResult {
    translation: Translation,
    dataset: Rc<RefCell<Dataset>>,
}

impl WasmResult {
    pub(super) fn new(translation: Translation, dataset: Rc<RefCell<Dataset>>) -> Self {
        Self { translation, dataset }
    }

    /// On the reference section; NaN for a cell without counts.
    fn position(&self, row: usize) -> [f64; 2] {
        [self.translation.positions[2 * row].into(), self.translation.positions[2 * row + 1].into()]
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

    #[wasm_bindgen(unchecked_return_type = "protocol.Labels")]
    pub fn labels(&self, column: &str) -> JsResult<JsValue> {
        let dataset = self.dataset.try_borrow().map_err(|_| SurfaceError::Busy)?;
        Ok(labels_to_js(&dataset.labels(column).map_err(to_js)?))
    }

    #[wasm_bindgen(js_name = toH5ad, unchecked_return_type = "Uint8Array<ArrayBuffer>")]
    pub fn to_h5ad(&self) -> JsResult<Vec<u8>> {
        self.translation.to_h5ad(&*self.dataset.try_borrow().map_err(|_| SurfaceError::Busy)?).map_err(to_js)
    }

    #[wasm_bindgen(js_name = toCsv, unchecked_return_type = "Uint8Array<ArrayBuffer>")]
    pub fn to_csv(&self) -> JsResult<Vec<u8>> {
        self.translation.to_csv(&*self.dataset.try_borrow().map_err(|_| SurfaceError::Busy)?).map_err(to_js)
    }

    /// Starts Moran's I and Geary's C of the expected counts of every panel gene, at the positions on the reference.
    pub fn autocorrelation(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Required<page.GraphOptions>")] graph: JsValue,
        permutations: u32,
        seed: u32,
    ) -> JsResult<WasmAutocorrelation> {
        let found = &self.translation;
        // A cell without counts has NaN everywhere, which would leave every gene without statistics.
        let rows: Vec<usize> = (0..found.n_cells).filter(|row| found.positions[2 * row].is_finite()).collect();
        let positions: Vec<[f64; 2]> = rows.iter().map(|row| self.position(*row)).collect();
        let graph = Graph::build(&positions, None, &graph_params(graph)?).map_err(to_js)?;
        let dense: Vec<f32> = rows.iter().flat_map(|row| found.expression_of(*row)).copied().collect();
        let values = Csr::from_dense(found.panel.len(), &dense).map_err(to_js)?;
        Ok(WasmAutocorrelation::new(Measured::new(graph, values, found.panel.clone()), permutations, seed))
    }

    #[wasm_bindgen(js_name = labelComposition, unchecked_return_type = "page.CompositionTable")]
    pub fn label_composition(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "Required<page.GraphOptions>")] graph: JsValue,
    ) -> JsResult<JsValue> {
        let labels = self.dataset.try_borrow().map_err(|_| SurfaceError::Busy)?.labels(column).map_err(to_js)?;
        let positions: Vec<[f64; 2]> = (0..self.translation.n_cells).map(|row| self.position(row)).collect();
        composition_of(&Graph::build(&positions, None, &graph_params(graph)?).map_err(to_js)?, &labels)
    }
}

fn numbers(values: &[f32]) -> JsValue {
    Float32Array::from(values).into()
}

/// `Table` of `types.ts`.
fn table<S: AsRef<str>>(columns: &[S], data: &[f32], n_rows: usize) -> JsValue {
    object(&[("columns", strings(columns)), ("data", numbers(data)), ("nRows", (n_rows as f64).into())])
}
