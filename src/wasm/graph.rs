//! The graph options of JavaScript as parameters of [`crate::spatial`].

use serde::Deserialize;
use wasm_bindgen::JsValue;

use super::error::{JsResult, SurfaceError};
use crate::spatial::{GraphKind, GraphParams};

/// `GraphParams` of `protocol.ts`: the page has filled in what was left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GraphOptions {
    kind: String,
    k: u32,
    radius: f64,
    rings: u32,
    max_length: Option<f64>,
    percentile: Option<f64>,
    sections: Option<String>,
}

/// The parameters, and the label column that tells sections apart.
pub(super) fn graph_params(options: &JsValue) -> JsResult<(GraphParams, Option<String>)> {
    let options: GraphOptions =
        serde_wasm_bindgen::from_value(options.clone()).map_err(|_| SurfaceError::BadOptions)?;
    let kind = match options.kind.as_str() {
        "knn" => GraphKind::Knn { k: options.k as usize },
        "radius" => GraphKind::Radius { radius: options.radius },
        "delaunay" => GraphKind::Delaunay,
        "grid" => GraphKind::Grid { neighbours: options.k as usize, rings: options.rings as usize },
        _ => return Err(SurfaceError::BadOptions.into()),
    };
    let GraphOptions { max_length, percentile, sections, .. } = options;
    Ok((GraphParams { kind, max_length, percentile, ..GraphParams::default() }, sections))
}
