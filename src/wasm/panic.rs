//! What is left of a panic: the place in the program, and never the message, which could quote the user's data.

use std::{cell::RefCell, panic};

use wasm_bindgen::prelude::*;

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

unsafe extern "C" {
    /// Made by the linker: runs the constructors of statics that some dependencies of burn register.
    fn __wasm_call_ctors();
}

/// Runs when the module starts. A panic then becomes a trap, and `lastPanic` says where it was.
#[wasm_bindgen(start)]
pub fn start() {
    // Called here by name, because the linker otherwise wraps every export, allocation included, to run the constructors
    // first: each call would take about a millisecond, and register everything once more.
    // SAFETY: it is the linker's own function, without arguments, and this is the one place that calls it.
    unsafe { __wasm_call_ctors() };
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|at| format!("{}:{}", short(at.file()), at.line()));
        PLACE.with(|last| *last.borrow_mut() = Some(place.unwrap_or_else(|| "unknown place".into())));
    }));
}

/// Where the panic was that ended this module, such as `resitu/src/io/pages.rs:12`; `undefined` if it was no panic.
#[wasm_bindgen(js_name = lastPanic)]
pub fn last_panic() -> Option<String> {
    PLACE.with(|last| last.borrow().clone())
}

/// The path from the crate's own folder on: what comes before names folders of the machine that built it.
fn short(path: &str) -> &str {
    let from_registry =
        path.split_once("registry/src/").and_then(|(_, rest)| rest.split_once('/')).map(|(_, rest)| rest);
    from_registry.unwrap_or_else(|| path.find("src/").map_or(path, |start| &path[start..]))
}
