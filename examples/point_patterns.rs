//! Times co-occurrence on positions and labels in a plain binary file; `scripts/bench/points.py` writes such files.
//!
//!     cargo run --release --example point_patterns -- FILE
//!
//! The file: number of cells and of labels (u64), then x and y of each cell (f64), then the labels (i32), little-endian.

use std::time::Instant;

use resitu::progress::ignore;
use resitu::spatial::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file")?;
    let bytes = std::fs::read(path)?;
    let word = |i: usize| -> [u8; 8] { std::array::from_fn(|k| bytes[8 * i + k]) };
    let (n, k) = (u64::from_le_bytes(word(0)) as usize, u64::from_le_bytes(word(1)) as usize);
    let positions: Vec<[f64; 2]> =
        (0..n).map(|i| [f64::from_le_bytes(word(2 + 2 * i)), f64::from_le_bytes(word(3 + 2 * i))]).collect();
    let codes: Vec<i32> =
        bytes[16 + 16 * n..].chunks_exact(4).map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    for _ in 0..5 {
        let start = Instant::now();
        let found = co_occurrence(&positions, &codes, k, None, &CoOccurrenceParams::default(), &mut ignore)?;
        println!("co-occurrence {:.4} s {}", start.elapsed().as_secs_f64(), found.ratio[0]);
    }
    Ok(())
}
