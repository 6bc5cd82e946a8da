//! Ligand–receptor pairs between labels, or between neighbours.

use js_sys::{Array, Function};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{numbers, options};
use crate::{
    spatial::ligrec::{Between, LigrecParams, ligrec, read_pairs},
    wasm::{
        convert::{object, strings},
        error::{JsResult, to_js},
        section::{Report, WasmSection},
    },
};

/// `LigrecParams` of `protocol.ts`.
#[derive(Deserialize)]
struct LigrecOptions {
    between: String,
    threshold: f64,
    permutations: u32,
    seed: u32,
}

#[wasm_bindgen]
impl WasmSection {
    /// `pairs` is a table of text with the columns `ligand` and `receptor`.
    #[wasm_bindgen(unchecked_return_type = "page.LigrecTable")]
    pub fn ligrec(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        pairs: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.LigrecParams")] wanted: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let wanted: LigrecOptions = options(wanted)?;
        let pairs = read_pairs(pairs).map_err(to_js)?;
        let labels = self.labels(column)?;
        let sections = self.sections_of(graph)?;
        let graph = self.graph(graph)?;
        let mut report = Report::new(report);
        let (values, genes) = self.values(&mut report)?;
        let params = LigrecParams {
            between: if wanted.between == "neighbours" { Between::Neighbours } else { Between::Labels },
            threshold: wanted.threshold,
            permutations: wanted.permutations as usize,
            seed: wanted.seed.into(),
            ..LigrecParams::default()
        };
        let column = (labels.codes.as_slice(), labels.levels.len());
        let found = ligrec(&graph, &values, &genes, &pairs, column, sections.as_deref(), &params, &mut report.tick())
            .map_err(to_js)?;
        let pairs: Array = found
            .pairs
            .iter()
            .map(|pair| {
                let (ligand, receptor) = pair.names();
                object(&[("ligand", ligand.into()), ("receptor", receptor.into())])
            })
            .collect();
        Ok(object(&[
            ("labels", strings(&labels.levels)),
            ("pairs", pairs.into()),
            ("means", numbers(&found.means)),
            ("p", numbers(&found.p)),
            ("q", numbers(&found.q)),
            ("notMeasured", (found.not_measured as f64).into()),
        ]))
    }
}
