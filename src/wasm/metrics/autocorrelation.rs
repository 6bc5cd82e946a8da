//! Moran's I and Geary's C of every gene.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::draws::{Drawn, draw};
use crate::{
    progress::ignore,
    spatial::{Autocorrelation, AutocorrelationParams, autocorrelation},
    wasm::{
        convert::object,
        error::{JsResult, to_js},
        section::{Report, WasmSection},
    },
};

#[wasm_bindgen]
impl WasmSection {
    /// One row a gene, with false discovery rates over all genes.
    #[wasm_bindgen(unchecked_return_type = "page.AutocorrelationRow[]")]
    pub fn autocorrelation(
        &self,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        permutations: u32,
        seed: u32,
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let mut report = Report::new(report);
        let cells = self.cells_measured(graph, &mut report)?;
        let params = AutocorrelationParams {
            permutations: permutations as usize,
            seed: seed.into(),
            ..AutocorrelationParams::default()
        };
        let here = cells.here();
        let graph = here.graph().map_err(to_js)?;
        let results = autocorrelation(&graph, &here.values(), &params, &mut report.tick()).map_err(to_js)?;
        let untested = AutocorrelationParams { permutations: 0, ..params };
        let drawn = draw(self, &cells, draws, &mut report, |at| {
            let found = autocorrelation(&at.graph()?, &at.values(), &untested, &mut ignore)?;
            Ok(found.iter().flat_map(|gene| [gene.moran.value, gene.geary.value]).collect())
        })?;
        let rows = cells.genes.iter().zip(&results).enumerate();
        let rows: Array = rows.map(|(at, (gene, result))| row(gene, result, drawn.as_ref(), at)).collect();
        Ok(rows.into())
    }
}

fn row(
    gene: &str,
    Autocorrelation { moran, geary, .. }: &Autocorrelation,
    drawn: Option<&Drawn>,
    at: usize,
) -> JsValue {
    let mut fields = vec![
        ("gene", gene.into()),
        ("moranI", moran.value.into()),
        ("moranP", moran.p.into()),
        ("moranQ", moran.q.into()),
        ("gearyC", geary.value.into()),
        ("gearyP", geary.p.into()),
        ("gearyQ", geary.q.into()),
    ];
    if let (Some(moran), Some(geary)) = (moran.simulated, geary.simulated) {
        fields.extend([("moranPSim", moran.p.into()), ("gearyPSim", geary.p.into())]);
    }
    if let Some(drawn) = drawn {
        fields.extend([("moranInterval", drawn.one(2 * at)), ("gearyInterval", drawn.one(2 * at + 1))]);
    }
    object(&fields)
}
