//! A translation under way.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Float32Array, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use super::{
    convert::object,
    device,
    error::{JsResult, SurfaceError, to_js},
    result::WasmResult,
};
use crate::{
    io::Dataset,
    translate::{Job, Translation, Translator},
};

/// One translation of one file; holds both for as long as it runs.
#[wasm_bindgen]
pub struct WasmJob {
    job: Option<Job>,
    translator: Rc<Translator>,
    bytes: Rc<[u8]>,
    dataset: Rc<RefCell<Dataset>>,
}

impl WasmJob {
    pub(super) fn new(job: Job, translator: Rc<Translator>, bytes: Rc<[u8]>, dataset: Rc<RefCell<Dataset>>) -> Self {
        Self { job: Some(job), translator, bytes, dataset }
    }
}

#[wasm_bindgen]
impl WasmJob {
    /// Translates one batch of cells. With `partial`, answers their results too.
    ///
    /// After `device.lost` the cells of the step are as they were: call `useCpu` and go on.
    #[wasm_bindgen(unchecked_return_type = "StepReport & { part?: page.PartialResult }")]
    pub async fn step(&mut self, partial: bool) -> JsResult<JsValue> {
        let job = self.job.as_mut().ok_or(SurfaceError::Ended)?;
        let step = job
            .step(&self.translator, &*self.dataset.try_borrow().map_err(|_| SurfaceError::Busy)?)
            .await
            .map_err(to_js)?;
        let mut fields = vec![
            ("stage", "translating".into()),
            ("done", (step.done as f64).into()),
            ("total", (step.total as f64).into()),
            ("finished", job.is_finished().into()),
        ];
        if partial && !step.rows.is_empty() {
            fields.push(("part", part_of(job.so_far(), &step.rows)));
        }
        Ok(object(&fields))
    }

    /// Goes on with the remaining cells on the CPU, because the GPU device was lost.
    #[wasm_bindgen(js_name = useCpu)]
    pub fn use_cpu(&mut self) -> JsResult<()> {
        device::forget();
        self.translator = Rc::new(device::on_cpu(&self.bytes)?);
        Ok(())
    }

    /// The results, once every cell is done; the job is then at its end.
    pub fn finish(&mut self) -> JsResult<WasmResult> {
        let translation = self.job.take().ok_or(SurfaceError::Ended)?.finish().map_err(to_js)?;
        Ok(WasmResult::new(translation, self.dataset.clone()))
    }
}

/// `PartialResult` of `types.ts`.
fn part_of(results: &Translation, rows: &[u32]) -> JsValue {
    let pick = |row: &u32| *row as usize;
    let niche: Vec<u8> = rows.iter().map(|row| results.niche[pick(row)]).collect();
    let confidence: Vec<f32> = rows.iter().map(|row| results.confidence[pick(row)]).collect();
    let positions: Vec<f32> =
        rows.iter().flat_map(|row| [0, 1].map(|axis| results.positions[2 * pick(row) + axis])).collect();
    object(&[
        ("rows", Uint32Array::from(rows).into()),
        ("positions", Float32Array::from(positions.as_slice()).into()),
        ("niche", Uint8Array::from(niche.as_slice()).into()),
        ("confidence", Float32Array::from(confidence.as_slice()).into()),
    ])
}
