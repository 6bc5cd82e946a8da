//! Statistics of a label column on the neighbour graph.

use js_sys::{Function, Uint32Array};
use wasm_bindgen::prelude::*;

use super::{draws::draw, numbers};
use crate::{
    progress::ignore,
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
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let cells = self.cells_placed(graph)?;
        let labels = cells.pick(self.labels(column)?);
        let n = labels.levels.len();
        let table = label_composition(&cells.here().graph().map_err(to_js)?, &labels.codes, n).map_err(to_js)?;
        let drawn = draw(self, &cells, draws, &mut Report::new(report), |at| {
            Ok(label_composition(&at.graph()?, &at.codes(&labels), n)?.shares)
        })?;
        let mut fields = vec![
            ("labels", strings(&labels.levels)),
            ("shares", numbers(&table.shares)),
            ("counts", Uint32Array::from(table.counts.as_slice()).into()),
        ];
        fields.extend(drawn.map(|drawn| ("intervals", object(&[("shares", drawn.list(0..n * n))]))));
        Ok(object(&fields))
    }

    #[wasm_bindgen(unchecked_return_type = "page.EnrichmentTable")]
    pub fn enrichment(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        permutations: u32,
        seed: u32,
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let cells = self.cells_placed(graph)?;
        let labels = cells.pick(self.labels(column)?);
        let n = labels.levels.len();
        let params = EnrichmentParams { permutations: permutations as usize, seed: seed.into() };
        let here = cells.here();
        let (graph, sections) = (here.graph().map_err(to_js)?, here.sections.as_deref());
        let mut report = Report::new(report);
        let found = enrichment(&graph, &labels.codes, n, sections, &params, &mut report.tick()).map_err(to_js)?;
        // The moments are exact without permutations, and faster.
        let exact = EnrichmentParams { permutations: 0, ..params };
        let drawn = draw(self, &cells, draws, &mut report, |at| {
            let found = enrichment(&at.graph()?, &at.codes(&labels), n, at.sections.as_deref(), &exact, &mut ignore)?;
            Ok([found.z, found.counts].concat())
        })?;
        let mut fields = vec![
            ("labels", strings(&labels.levels)),
            ("z", numbers(&found.z)),
            ("counts", numbers(&found.counts)),
            ("mean", numbers(&found.mean)),
            ("deviation", numbers(&found.deviation)),
        ];
        fields.extend(drawn.map(|drawn| {
            let both = [("z", drawn.list(0..n * n)), ("counts", drawn.list(n * n..2 * n * n))];
            ("intervals", object(&both))
        }));
        Ok(object(&fields))
    }

    /// Centrality of every label, the matrix of interactions, and the assortativity of the column.
    #[wasm_bindgen(unchecked_return_type = "page.CentralityTable")]
    pub fn centrality(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let cells = self.cells_placed(graph)?;
        let labels = cells.pick(self.labels(column)?);
        let graph = cells.here().graph().map_err(to_js)?;
        let mut report = Report::new(report);
        let (codes, n) = (&labels.codes, labels.levels.len());
        let found = centrality(&graph, codes, n, &mut report.tick()).map_err(to_js)?;
        let edges = interactions(&graph, codes, n, EdgeValue::One, false).map_err(to_js)?;
        let drawn = draw(self, &cells, draws, &mut report, |at| {
            let (graph, codes) = (at.graph()?, at.codes(&labels));
            let found = centrality(&graph, &codes, n, &mut ignore)?;
            let edges = interactions(&graph, &codes, n, EdgeValue::One, false)?;
            let mixing = assortativity(&graph, &codes, n)?;
            Ok([found.degree, found.clustering, found.closeness, edges, vec![mixing]].concat())
        })?;
        let unreachable: Vec<u32> = found.unreachable.iter().map(|cells| *cells as u32).collect();
        let mut fields = vec![
            ("labels", strings(&labels.levels)),
            ("degree", numbers(&found.degree)),
            ("clustering", numbers(&found.clustering)),
            ("closeness", numbers(&found.closeness)),
            ("unreachable", Uint32Array::from(unreachable.as_slice()).into()),
            ("interactions", numbers(&edges)),
            ("assortativity", assortativity(&graph, codes, n).map_err(to_js)?.into()),
        ];
        fields.extend(drawn.map(|drawn| {
            let all = [
                ("degree", drawn.list(0..n)),
                ("clustering", drawn.list(n..2 * n)),
                ("closeness", drawn.list(2 * n..3 * n)),
                ("interactions", drawn.list(3 * n..3 * n + n * n)),
                ("assortativity", drawn.one(3 * n + n * n)),
            ];
            ("intervals", object(&all))
        }));
        Ok(object(&fields))
    }
}
