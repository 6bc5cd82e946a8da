//! Statistics of a label column: who neighbours whom, and whether more often than by chance.

use js_sys::{Float64Array, Function, Uint32Array};
use wasm_bindgen::prelude::*;

use crate::{
    spatial::{EnrichmentParams, enrichment, label_composition},
    wasm::{
        convert::{object, strings},
        error::{JsResult, to_js},
        section::{Report, WasmSection},
    },
};

#[wasm_bindgen]
impl WasmSection {
    #[wasm_bindgen(unchecked_return_type = "page.CompositionTable")]
    pub fn composition(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
    ) -> JsResult<JsValue> {
        let labels = self.labels(column)?;
        let table = label_composition(&self.graph(graph)?, &labels.codes, labels.levels.len()).map_err(to_js)?;
        Ok(object(&[
            ("labels", strings(&labels.levels)),
            ("shares", Float64Array::from(table.shares.as_slice()).into()),
            ("counts", Uint32Array::from(table.counts.as_slice()).into()),
        ]))
    }

    #[wasm_bindgen(unchecked_return_type = "page.EnrichmentTable")]
    pub fn enrichment(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        permutations: u32,
        seed: u32,
        report: &Function,
    ) -> JsResult<JsValue> {
        let labels = self.labels(column)?;
        let params = EnrichmentParams { permutations: permutations as usize, seed: seed.into() };
        let sections = self.sections_of(graph)?;
        let graph = self.graph(graph)?;
        let mut report = Report::new(report);
        let found =
            enrichment(&graph, &labels.codes, labels.levels.len(), sections.as_deref(), &params, &mut report.tick())
                .map_err(to_js)?;
        Ok(object(&[
            ("labels", strings(&labels.levels)),
            ("z", Float64Array::from(found.z.as_slice()).into()),
            ("counts", Float64Array::from(found.counts.as_slice()).into()),
            ("mean", Float64Array::from(found.mean.as_slice()).into()),
            ("deviation", Float64Array::from(found.deviation.as_slice()).into()),
        ]))
    }
}
