//! Runs co-occurrence or one of Ripley's functions on cells in a plain binary file and says how long it took.
//! `scripts/bench/points.py` writes such files and compares with squidpy.
//!
//!     cargo run --release --example point_patterns -- FILE WHAT REPEATS
//!
//! WHAT: `co-occurrence`, squidpy's defaults; `squidpy-F`, `squidpy-G`, `squidpy-L`, squidpy's conventions and defaults;
//! `ripley-F`, `-G`, `-L`, `-g`, corrected, with the defaults of this crate; an ending `:R` bounds the distances by R.
//!
//! FILE, little-endian: number of cells and of labels (u64), x and y of each cell (f64), labels (i32).
//!
//! One line a repeat: seconds, most memory of the process so far in MB (Linux; else 0), sum of the result.

use std::time::Instant;

use resitu::progress::ignore;
use resitu::spatial::ripley::{RipleyFunction, RipleyParams, ripley, squidpy};
use resitu::spatial::{CoOccurrenceParams, Intervals, SpatialError, co_occurrence};

struct Cells {
    positions: Vec<[f64; 2]>,
    codes: Vec<i32>,
    n_labels: usize,
}

fn read(path: &str) -> Result<Cells, Box<dyn std::error::Error>> {
    let bytes = std::fs::read(path)?;
    let (head, rest) = bytes.split_at_checked(16).ok_or("the file is too short")?;
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    let (n, n_labels) = (number(&head[..8]) as usize, number(&head[8..]) as usize);
    let (places, codes) = rest.split_at_checked(16 * n).ok_or("the file is too short")?;
    let float = |bytes: &[u8]| f64::from_bits(number(bytes));
    Ok(Cells {
        positions: places.chunks_exact(16).map(|place| [float(&place[..8]), float(&place[8..])]).collect(),
        codes: codes.chunks_exact(4).map(|code| number(code) as i32).collect(),
        n_labels,
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, what, repeats] = arguments.as_slice() else { return Err("FILE WHAT REPEATS".into()) };
    let cells = read(path)?;
    for _ in 0..repeats.parse()? {
        let start = Instant::now();
        let sum = run(&cells, what)?;
        println!("{} {} {sum}", start.elapsed().as_secs_f64(), memory_mb());
    }
    Ok(())
}

fn run(cells: &Cells, what: &str) -> Result<f64, Box<dyn std::error::Error>> {
    let Cells { positions, codes, n_labels } = cells;
    let (name, bound) = match what.split_once(':') {
        Some((name, bound)) => (name, Some(bound.parse::<f64>()?)),
        None => (what, None),
    };
    let total = |values: &[f64]| values.iter().filter(|value| value.is_finite()).sum::<f64>();
    if name == "co-occurrence" {
        let even = |bound: f64| (0..50).map(|k| bound * f64::from(k) / 49.0).collect();
        let intervals = bound.map_or(Intervals::Even(50), |bound| Intervals::Distances(even(bound)));
        let params = CoOccurrenceParams { intervals };
        return Ok(total(&co_occurrence(positions, codes, *n_labels, None, &params, &mut ignore)?.ratio));
    }
    if let Some(name) = name.strip_prefix("squidpy-") {
        let mode = match name {
            "F" => squidpy::Mode::F,
            "G" => squidpy::Mode::G,
            "L" => squidpy::Mode::L,
            _ => return Err("WHAT is unknown".into()),
        };
        let params = squidpy::Params { mode, max_distance: bound, ..squidpy::Params::default() };
        return Ok(total(&squidpy::ripley(positions, codes, *n_labels, &params, &mut ignore)?.stats));
    }
    let function = match name {
        "ripley-F" => RipleyFunction::F,
        "ripley-G" => RipleyFunction::G,
        "ripley-L" => RipleyFunction::L,
        "ripley-g" => RipleyFunction::PairCorrelation,
        _ => return Err("WHAT is unknown".into()),
    };
    let params = RipleyParams { function, max_distance: bound, ..RipleyParams::default() };
    let found: Result<_, SpatialError> = ripley(positions, codes, *n_labels, None, &params, &mut ignore);
    Ok(found?.curves.iter().map(|curve| total(&curve.value)).sum())
}

fn memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kb| kb / 1024)
}
