//! Prints the small bundle of the tests: the seed of the target `bundle`.

// The instrumented code calls libFuzzer's counters, in this program too.
extern crate libfuzzer_sys as _;

use std::io::Write;

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../../tests/bundle/support.rs"]
mod support;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = resitu::bundle::Bundle::write(&support::draft())?;
    Ok(std::io::stdout().write_all(&file)?)
}
