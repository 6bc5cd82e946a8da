//! Moran's I and Geary's C of every gene, a few genes a step, so that a cancellation is heard soon.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::{
    convert::object,
    error::{JsResult, to_js},
    measured::Measured,
};
use crate::{
    progress,
    spatial::{Autocorrelation, AutocorrelationParams, autocorrelation, correct},
};

/// A step should take about this long: short enough to stop soon, long enough that the steps cost nothing.
const STEP_MS: f64 = 100.0;
const MAX_GENES_PER_STEP: usize = 4096;

/// The statistics of some cells, under way.
#[wasm_bindgen]
pub struct WasmAutocorrelation {
    measured: Measured,
    params: AutocorrelationParams,
    results: Vec<Autocorrelation>,
    genes_per_step: usize,
    reading: bool,
}

impl WasmAutocorrelation {
    pub(super) fn new(measured: Measured, permutations: u32, seed: u32) -> Self {
        let params = AutocorrelationParams {
            permutations: permutations as usize,
            seed: seed.into(),
            ..AutocorrelationParams::default()
        };
        Self { measured, params, results: Vec::new(), genes_per_step: 4, reading: true }
    }

    /// Permutations are the same for all genes, whatever the parts: so are the results.
    fn test_some_genes(&mut self) -> JsResult<()> {
        let start = self.results.len();
        let end = (start + self.genes_per_step).min(self.measured.genes.len());
        let began = js_sys::Date::now();
        let part = self.measured.values.columns(start..end);
        let tested =
            autocorrelation(&self.measured.graph, &part, &self.params, &mut progress::ignore).map_err(to_js)?;
        self.results.extend(tested);
        let took = js_sys::Date::now() - began;
        match took {
            took if took < STEP_MS / 2.0 => self.genes_per_step = (self.genes_per_step * 2).min(MAX_GENES_PER_STEP),
            took if took > STEP_MS * 2.0 => self.genes_per_step = (self.genes_per_step / 2).max(1),
            _ => {}
        }
        Ok(())
    }
}

#[wasm_bindgen]
impl WasmAutocorrelation {
    /// Does some of the work: `{ stage, done, total, finished }`.
    #[wasm_bindgen(unchecked_return_type = "StepReport")]
    pub fn step(&mut self) -> JsResult<JsValue> {
        if self.reading {
            self.reading = !self.measured.read_on()?;
            let (done, total) = (self.measured.values.n_rows(), self.measured.graph.n_cells());
            return Ok(report("reading cells", done, total, false));
        }
        self.test_some_genes()?;
        let (done, total) = (self.results.len(), self.measured.genes.len());
        Ok(report("spatial autocorrelation", done, total, done >= total))
    }

    /// One row a gene, with false discovery rates over all genes.
    #[wasm_bindgen(unchecked_return_type = "page.AutocorrelationRow[]")]
    pub fn finish(&mut self) -> JsResult<JsValue> {
        correct(&mut self.results);
        let rows: Array =
            self.measured.genes.iter().zip(&self.results).map(|(gene, result)| row(gene, result)).collect();
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

/// `StepReport` of the generated declarations.
pub(super) fn report(stage: &str, done: usize, total: usize, finished: bool) -> JsValue {
    object(&[
        ("stage", stage.into()),
        ("done", (done as f64).into()),
        ("total", (total as f64).into()),
        ("finished", finished.into()),
    ])
}
