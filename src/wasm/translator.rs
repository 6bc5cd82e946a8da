//! A loaded translator, as the worker holds it.

use std::rc::Rc;

use js_sys::{Array, Float32Array, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use super::{
    WasmDataset,
    convert::object,
    device,
    error::{JsResult, SurfaceError, to_js, to_object},
    job::WasmJob,
};
use crate::translate::{Options, Translator};

/// A `.resitu` bundle, ready on a device.
#[wasm_bindgen]
pub struct WasmTranslator {
    // Kept to load the same network to another device: a few megabytes.
    bytes: Rc<[u8]>,
    // Shared with the jobs it started.
    inner: Rc<Translator>,
}

#[wasm_bindgen]
impl WasmTranslator {
    /// Reads a bundle and puts it on the CPU.
    pub fn load(bytes: Vec<u8>) -> JsResult<WasmTranslator> {
        let bytes: Rc<[u8]> = bytes.into();
        Ok(Self { inner: Rc::new(device::on_cpu(&bytes)?), bytes })
    }

    #[wasm_bindgen(unchecked_return_type = "page.TranslatorCard")]
    pub fn card(&self) -> JsResult<JsValue> {
        to_object(&self.inner.card())
    }

    #[wasm_bindgen(unchecked_return_type = "page.ReferenceMap")]
    pub fn reference(&self) -> JsValue {
        let reference = self.inner.reference();
        object(&[
            ("positions", Float32Array::from(reference.positions.as_flattened()).into()),
            ("state", Uint8Array::from(reference.state.as_slice()).into()),
            ("niche", Uint8Array::from(reference.niche.as_slice()).into()),
        ])
    }

    /// Puts the network on WebGPU. Jobs already started stay where they are.
    #[wasm_bindgen(js_name = useWebgpu)]
    pub async fn use_webgpu(&mut self) -> JsResult<()> {
        let device = device::webgpu().await?;
        self.inner = Rc::new(Translator::load(&self.bytes, device, "webgpu").map_err(to_js)?);
        Ok(())
    }

    /// Puts the network on the CPU.
    #[wasm_bindgen(js_name = useCpu)]
    pub fn use_cpu(&mut self) -> JsResult<()> {
        self.inner = Rc::new(device::on_cpu(&self.bytes)?);
        Ok(())
    }

    /// Milliseconds a token on this device, once it is warm, from made-up cells of so many tokens.
    pub async fn trial(&self, tokens: u32) -> JsResult<f64> {
        self.inner.trial(tokens as usize, &js_now).await.map_err(to_js)
    }

    /// What a translation would do.
    #[wasm_bindgen(unchecked_return_type = "page.CheckReport")]
    pub async fn check(&self, dataset: &WasmDataset) -> JsResult<JsValue> {
        let dataset = dataset.shared();
        let dataset = dataset.try_borrow().map_err(|_| SurfaceError::Busy)?;
        to_object(&self.inner.check(&dataset, &js_now).await.map_err(to_js)?)
    }

    /// Tokens and hidden states of the cells `start..start + count` that the file has.
    #[wasm_bindgen(unchecked_return_type = "page.EmbeddedCells")]
    pub async fn embed(&self, dataset: &WasmDataset, start: u32, count: u32) -> JsResult<JsValue> {
        let dataset = dataset.shared();
        let dataset = dataset.try_borrow().map_err(|_| SurfaceError::Busy)?;
        let rows = start as usize..(start as usize).saturating_add(count as usize);
        let found = self.inner.embed_cells(&dataset, rows).await.map_err(to_js)?;
        let tokens: Array = found.tokens.iter().map(|cell| Uint32Array::from(cell.as_slice())).collect();
        Ok(object(&[
            ("tokens", tokens.into()),
            ("hidden", Float32Array::from(found.hidden.as_slice()).into()),
            ("width", (found.width as f64).into()),
        ]))
    }

    /// Starts a translation of the cells of the matrix in use.
    pub fn start(&self, dataset: &WasmDataset, seed: u32) -> JsResult<WasmJob> {
        let dataset = dataset.shared();
        let options = Options { seed: seed.into(), ..Options::default() };
        let job = self.inner.start(&*dataset.try_borrow().map_err(|_| SurfaceError::Busy)?, options).map_err(to_js)?;
        Ok(WasmJob::new(job, self.inner.clone(), self.bytes.clone(), dataset))
    }
}

/// Milliseconds: `Performance` where there is one, because `Date` is coarse and may be set back.
fn js_now() -> f64 {
    let scope = js_sys::global();
    let performance = js_sys::Reflect::get(&scope, &"performance".into());
    match performance.map(JsCast::dyn_into::<web_sys::Performance>) {
        Ok(Ok(performance)) => performance.now(),
        _ => js_sys::Date::now(),
    }
}
