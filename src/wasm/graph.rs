//! The graph options of JavaScript as parameters of [`crate::spatial`].

use serde::Deserialize;
use wasm_bindgen::JsValue;

use super::error::{JsResult, SurfaceError};
use crate::spatial::{GraphKind, GraphParams};

/// `GraphOptions` of `protocol.ts`: the page has filled in what was left out.
#[derive(Deserialize)]
struct GraphOptions {
    kind: String,
    k: u32,
    radius: f64,
    sections: Option<String>,
}

/// The parameters, and the label column that tells sections apart.
pub(super) fn graph_params(options: &JsValue) -> JsResult<(GraphParams, Option<String>)> {
    let options: GraphOptions =
        serde_wasm_bindgen::from_value(options.clone()).map_err(|_| SurfaceError::BadOptions)?;
    let kind = match options.kind.as_str() {
        "knn" => GraphKind::Knn { k: options.k as usize },
        "radius" => GraphKind::Radius { radius: options.radius },
        _ => return Err(SurfaceError::BadOptions.into()),
    };
    Ok((GraphParams { kind, ..GraphParams::default() }, options.sections))
}
