//! Ligand–receptor pairs between labels, or between neighbours.

use js_sys::{Array, Function};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{draws::draw, numbers, options};
use crate::{
    progress::ignore,
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
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let wanted: LigrecOptions = options(wanted)?;
        let pairs = read_pairs(pairs).map_err(to_js)?;
        let mut report = Report::new(report);
        let cells = self.cells_measured(graph, &mut report)?;
        let labels = cells.pick(self.labels(column)?);
        let here = cells.here();
        let graph = here.graph().map_err(to_js)?;
        let params = LigrecParams {
            between: if wanted.between == "neighbours" { Between::Neighbours } else { Between::Labels },
            threshold: wanted.threshold,
            permutations: wanted.permutations as usize,
            seed: wanted.seed.into(),
            ..LigrecParams::default()
        };
        let (n, genes, sections) = (labels.levels.len(), &cells.genes, here.sections.as_deref());
        let column = (labels.codes.as_slice(), n);
        let found = ligrec(&graph, &here.values(), genes, &pairs, column, sections, &params, &mut report.tick())
            .map_err(to_js)?;
        // The means alone are wanted, and a test has at least one permutation.
        let untested = LigrecParams { permutations: 1, ..params };
        let drawn = draw(self, &cells, draws, &mut report, |at| {
            let codes = at.codes(&labels);
            let (column, sections) = ((&codes[..], n), at.sections.as_deref());
            Ok(ligrec(&at.graph()?, &at.values(), genes, &pairs, column, sections, &untested, &mut ignore)?.means)
        })?;
        let names: Array = found
            .pairs
            .iter()
            .map(|pair| {
                let (ligand, receptor) = pair.names();
                object(&[("ligand", ligand.into()), ("receptor", receptor.into())])
            })
            .collect();
        let mut fields = vec![
            ("labels", strings(&labels.levels)),
            ("pairs", names.into()),
            ("means", numbers(&found.means)),
            ("p", numbers(&found.p)),
            ("q", numbers(&found.q)),
            ("notMeasured", (found.not_measured as f64).into()),
        ];
        fields.extend(drawn.map(|drawn| ("intervals", object(&[("means", drawn.list(0..found.means.len()))]))));
        Ok(object(&fields))
    }
}
