//! The JavaScript surface: converts types and nothing else. It runs in a dedicated worker; `www/src/engine.ts` calls it.

// The worker runs one call at a time. Should another caller not, the one exclusive borrow, in `useMatrix`, gives `handle.busy`.
#![expect(clippy::await_holding_refcell_ref, reason = "a step needs its file until the device has answered")]

mod convert;
mod dataset;
mod device;
mod error;
mod example;
mod export;
mod file;
mod graph;
mod job;
mod measured;
mod metrics;
mod panic;
mod result;
mod section;
mod translator;

pub use dataset::WasmDataset;
pub use export::WasmExport;
pub use job::WasmJob;
pub use result::WasmResult;
pub use section::WasmSection;
pub use translator::WasmTranslator;

/// The types of the page, by which the generated declarations name what the methods answer.
#[wasm_bindgen::prelude::wasm_bindgen(typescript_custom_section)]
const PAGE_TYPES: &str = r#"
import type * as page from "../src/types.js";
import type * as protocol from "../src/protocol.js";

/** How far a stepped job has come. */
export interface StepReport {
  stage: string;
  done: number;
  total: number;
  finished: boolean;
}
"#;
