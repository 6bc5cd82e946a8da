//! Small conversions that several objects of this surface share.

use js_sys::{Array, Float64Array, Int32Array, Object, Reflect, Uint32Array};
use wasm_bindgen::JsValue;

use super::error::{JsResult, to_js};
use crate::{
    cells::Labels,
    spatial::{Graph, label_composition},
};

/// A new JavaScript object with these fields.
pub(super) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // `Reflect::set` fails on frozen objects alone, and this one is new.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// A JavaScript array of strings.
pub(super) fn strings<S: AsRef<str>>(texts: &[S]) -> JsValue {
    texts.iter().map(|text| JsValue::from_str(text.as_ref())).collect::<Array>().into()
}

/// `Labels` of `protocol.ts`.
pub(super) fn labels_to_js(labels: &Labels) -> JsValue {
    object(&[("codes", Int32Array::from(labels.codes.as_slice()).into()), ("levels", strings(&labels.levels))])
}

/// `CompositionTable` of `types.ts`.
pub(super) fn composition_of(graph: &Graph, labels: &Labels) -> JsResult<JsValue> {
    let table = label_composition(graph, &labels.codes, labels.levels.len()).map_err(to_js)?;
    Ok(object(&[
        ("labels", strings(&labels.levels)),
        ("shares", Float64Array::from(table.shares.as_slice()).into()),
        ("counts", Uint32Array::from(table.counts.as_slice()).into()),
    ]))
}
