//! The statistics of a section, one file a kind: options in, plain objects with typed arrays out.

mod autocorrelation;
mod draws;
mod labels;
mod ligrec;
mod local;
mod niches;
mod patterns;

use js_sys::Float64Array;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::error::{JsResult, SurfaceError};

/// Options that the page has checked and completed.
fn options<T: DeserializeOwned>(value: JsValue) -> JsResult<T> {
    Ok(serde_wasm_bindgen::from_value(value).map_err(|_| SurfaceError::BadOptions)?)
}

fn numbers(values: &[f64]) -> JsValue {
    Float64Array::from(values).into()
}
