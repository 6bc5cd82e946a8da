//! The simulated example file.

use wasm_bindgen::prelude::*;

use super::error::{JsResult, to_js};
use crate::{cells::simulate::breast_tumour, io::write_simulated};

/// The bytes of a simulated h5ad file.
#[wasm_bindgen(js_name = simulateExample, unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn simulate_example(cells: u32, seed: u32) -> JsResult<Vec<u8>> {
    let simulated = breast_tumour(cells as usize, seed.into()).map_err(to_js)?;
    write_simulated(simulated, seed.into()).map_err(to_js)
}
