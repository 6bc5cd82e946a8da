//! Small conversions that several objects of this surface share.

use js_sys::{Array, Int32Array, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::cells::Labels;

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
