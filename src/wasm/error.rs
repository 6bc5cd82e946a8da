//! Errors of this crate as JavaScript errors with `code` and `hint`.

use js_sys::{Error as JsError, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::{Error, Explain};

/// What every fallible method of this surface answers.
pub(super) type JsResult<T> = Result<T, JsValue>;

/// A JavaScript `Error` whose `message` is the sentence, with `code` and `hint` beside it.
pub(super) fn to_js(error: impl Into<Error>) -> JsValue {
    let error = error.into();
    coded(error.code(), &error.to_string(), error.hint())
}

/// The same for a failure that arises on this surface.
pub(super) fn coded(code: &str, message: &str, hint: &str) -> JsValue {
    let error = JsError::new(message);
    for (field, text) in [("code", code), ("hint", hint)] {
        // `Reflect::set` fails on frozen objects alone, and this one is new.
        let _ = Reflect::set(error.unchecked_ref(), &field.into(), &text.into());
    }
    error.into()
}

/// A value of this surface as a plain JavaScript object. Our own types always convert; a failure would be a defect here.
pub(super) fn to_object(value: &impl serde::Serialize) -> JsResult<JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|_| coded("internal.conversion", "A result could not be handed to JavaScript.", "Please report this."))
}
