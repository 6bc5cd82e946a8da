//! A result being written to a file, as the worker holds it.

use std::{cell::RefCell, io::Result, mem::take, rc::Rc};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{
    convert::object,
    error::{JsResult, SurfaceError, to_js},
};
use crate::{
    io::{Dataset, Sink},
    translate::{Export, Format, Translation},
};

/// What a step wrote and JavaScript has not taken yet: writing there is asynchronous, here it is not.
#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    /// Where the first of `bytes` goes.
    start: u64,
    patches: Vec<(u64, Vec<u8>)>,
}

#[derive(Clone, Default)]
struct SharedSink(Rc<RefCell<Written>>);

impl Sink for SharedSink {
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        Sink::append(&mut self.0.borrow_mut().bytes, bytes)
    }

    fn patch(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let mut written = self.0.borrow_mut();
        // What was not taken yet is changed where it lies.
        match offset.checked_sub(written.start) {
            Some(offset) => written.bytes.patch(offset, bytes),
            None => {
                written.patches.push((offset, bytes.to_vec()));
                Ok(())
            }
        }
    }
}

/// A file under construction: each step gives some megabytes of it.
#[wasm_bindgen]
pub struct WasmExport {
    export: Export<SharedSink>,
    sink: SharedSink,
    translation: Rc<Translation>,
    dataset: Rc<RefCell<Dataset>>,
}

impl WasmExport {
    pub(super) fn start(
        translation: Rc<Translation>,
        dataset: Rc<RefCell<Dataset>>,
        format: Format,
    ) -> JsResult<WasmExport> {
        let sink = SharedSink::default();
        let borrowed = dataset.try_borrow().map_err(|_| SurfaceError::Busy)?;
        let export = Export::start(sink.clone(), format, &translation, &borrowed).map_err(to_js)?;
        drop(borrowed);
        Ok(Self { export, sink, translation, dataset })
    }
}

#[wasm_bindgen]
impl WasmExport {
    /// Writes some rows. `bytes` are to be appended, then every one of `patches` to replace what was appended before.
    #[wasm_bindgen(unchecked_return_type = "protocol.ExportStep")]
    pub fn step(&mut self) -> JsResult<JsValue> {
        let dataset = self.dataset.try_borrow().map_err(|_| SurfaceError::Busy)?;
        self.export.step(&self.translation, &dataset).map_err(to_js)?;
        let (done, total) = self.export.progress(&self.translation);
        let mut written = self.sink.0.borrow_mut();
        let bytes = take(&mut written.bytes);
        written.start += bytes.len() as u64;
        let patch = |(offset, bytes): (u64, Vec<u8>)| {
            object(&[("offset", (offset as f64).into()), ("bytes", Uint8Array::from(bytes.as_slice()).into())])
        };
        let patches: Array = take(&mut written.patches).into_iter().map(patch).collect();
        Ok(object(&[
            ("bytes", Uint8Array::from(bytes.as_slice()).into()),
            ("patches", patches.into()),
            ("done", (done as f64).into()),
            ("total", (total as f64).into()),
            ("finished", self.export.is_finished().into()),
        ]))
    }
}
