//! Errors of this crate as JavaScript errors with `code` and `hint`, and those of this surface itself.

use js_sys::{Error as JsError, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::{Error, Explain};

/// What every fallible method of this surface answers.
pub(super) type JsResult<T> = Result<T, JsValue>;

/// What can go wrong on the surface alone. The page and the worker keep callers from all but `TooLarge`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SurfaceError {
    #[error("An option has a value that is not allowed.")]
    BadOptions,
    #[error("The object is in use by another call.")]
    Busy,
    #[error("This object was already disposed.")]
    Ended,
    #[error("The values of this file do not fit into the memory of a browser tab.")]
    TooLarge,
    #[error("Slices of files can be read in a worker only.")]
    NoReader,
    #[error("A result could not be handed to JavaScript.")]
    NoConversion,
}

impl Explain for SurfaceError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadOptions => "options.invalid",
            Self::Busy => "handle.busy",
            Self::Ended => "handle.disposed",
            Self::TooLarge => "worker.too-large",
            Self::NoReader => "worker.no-reader",
            Self::NoConversion => "internal.conversion",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::BadOptions => "See the documentation of this call for the allowed values.",
            Self::Busy => "Wait for the other call to end.",
            Self::Ended => "Open the file or load the translator again.",
            Self::TooLarge => "Use a file with fewer cells or genes, or the command line: `resitu metrics`.",
            Self::NoReader => "Use the functions of the package: they start a worker.",
            Self::NoConversion => "This is a defect of resitu: please report it with the code.",
        }
    }
}

impl From<SurfaceError> for JsValue {
    fn from(error: SurfaceError) -> Self {
        explained(&error)
    }
}

/// A JavaScript `Error` whose `message` is the sentence, with `code` and `hint` beside it.
pub(super) fn to_js(error: impl Into<Error>) -> JsValue {
    explained(&error.into())
}

fn explained(error: &dyn Explain) -> JsValue {
    let found = JsError::new(&error.to_string());
    for (field, text) in [("code", error.code()), ("hint", error.hint())] {
        // `Reflect::set` fails on frozen objects alone, and this one is new.
        let _ = Reflect::set(found.unchecked_ref(), &field.into(), &text.into());
    }
    found.into()
}

/// A value of this surface as a plain JavaScript object. Our own types always convert; a failure would be a defect here.
pub(super) fn to_object(value: &impl serde::Serialize) -> JsResult<JsValue> {
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(value.serialize(&plain).map_err(|_| SurfaceError::NoConversion)?)
}
