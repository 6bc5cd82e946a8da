//! Moran's I and Geary's C of every gene.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use crate::{
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
        report: &Function,
    ) -> JsResult<JsValue> {
        let mut report = Report::new(report);
        let graph = self.graph(graph)?;
        let (values, genes) = self.values(&mut report)?;
        let params = AutocorrelationParams {
            permutations: permutations as usize,
            seed: seed.into(),
            ..AutocorrelationParams::default()
        };
        let results = autocorrelation(&graph, &values, &params, &mut report.tick()).map_err(to_js)?;
        let rows: Array = genes.iter().zip(&results).map(|(gene, result)| row(gene, result)).collect();
        Ok(rows.into())
    }
}

fn row(gene: &str, Autocorrelation { moran, geary, .. }: &Autocorrelation) -> JsValue {
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
    object(&fields)
}
