//! Statistics of a label column on the neighbour graph.

use js_sys::{Function, Uint32Array};
use wasm_bindgen::prelude::*;

use super::numbers;
use crate::{
    spatial::{EdgeValue, EnrichmentParams, assortativity, centrality, enrichment, interactions, label_composition},
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
            ("shares", numbers(&table.shares)),
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
        let (codes, n_labels) = (&labels.codes, labels.levels.len());
        let found =
            enrichment(&graph, codes, n_labels, sections.as_deref(), &params, &mut report.tick()).map_err(to_js)?;
        Ok(object(&[
            ("labels", strings(&labels.levels)),
            ("z", numbers(&found.z)),
            ("counts", numbers(&found.counts)),
            ("mean", numbers(&found.mean)),
            ("deviation", numbers(&found.deviation)),
        ]))
    }

    /// Centrality of every label, the matrix of interactions, and the assortativity of the column.
    #[wasm_bindgen(unchecked_return_type = "page.CentralityTable")]
    pub fn centrality(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let labels = self.labels(column)?;
        let graph = self.graph(graph)?;
        let mut report = Report::new(report);
        let (codes, n_labels) = (&labels.codes, labels.levels.len());
        let found = centrality(&graph, codes, n_labels, &mut report.tick()).map_err(to_js)?;
        let edges = interactions(&graph, codes, n_labels, EdgeValue::One, false).map_err(to_js)?;
        let unreachable: Vec<u32> = found.unreachable.iter().map(|cells| *cells as u32).collect();
        Ok(object(&[
            ("labels", strings(&labels.levels)),
            ("degree", numbers(&found.degree)),
            ("clustering", numbers(&found.clustering)),
            ("closeness", numbers(&found.closeness)),
            ("unreachable", Uint32Array::from(unreachable.as_slice()).into()),
            ("interactions", numbers(&edges)),
            ("assortativity", assortativity(&graph, codes, n_labels).map_err(to_js)?.into()),
        ]))
    }
}
