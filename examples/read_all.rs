//! Reads every value of a file once, as a translation would, and says how long it took: `read_all FILE [MATRIX]`.
//!
//! Run by `scripts/bench/sizes.py` beside anndata's backed reading of the same file.

use std::{error::Error, path::Path, time::Instant};

use resitu::io::{Dataset, FileSource};

/// Values held at once, 8 bytes each.
const VALUES: usize = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: read_all FILE [MATRIX]")?;
    let began = Instant::now();
    let mut cells = Dataset::open(Box::new(FileSource::open(Path::new(&path))?))?;
    if let Some(matrix) = arguments.next() {
        cells.use_matrix(&matrix)?;
    }
    let opened = began.elapsed();
    let (mut row, mut values, mut sum) = (0, 0_u64, 0.0);
    while row < cells.n_cells() {
        let end = cells.range_end(row, VALUES)?;
        let part = cells.rows(row..end)?;
        let (_, _, numbers) = part.parts();
        values += numbers.len() as u64;
        sum += numbers.iter().map(|value| f64::from(*value)).sum::<f64>();
        row = end;
    }
    println!(
        "{}",
        serde_json::json!({
            "rows": row,
            "values": values,
            "sum": sum,
            "open_seconds": opened.as_secs_f64(),
            "seconds": began.elapsed().as_secs_f64(),
        })
    );
    Ok(())
}
