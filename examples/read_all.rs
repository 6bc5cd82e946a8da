//! Reads every value of a file once, as a translation would, and says how long it took: `read_all FILE [MATRIX]`.
//!
//! Run by `scripts/bench/sizes.py` beside anndata's backed reading of the same file.

use std::{error::Error, path::Path, time::Instant};

use resitu::{
    cells::Csr,
    io::{Dataset, FileSource},
};

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
    let (mut row, mut values, mut sum, mut part) = (0, 0_u64, 0.0, Csr::empty(cells.n_genes()));
    while row < cells.n_cells() {
        let end = cells.range_end(row, VALUES)?;
        cells.rows_into(row..end, &mut part)?;
        let (_, _, numbers) = part.parts();
        values += numbers.len() as u64;
        sum += total(numbers);
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

/// The sum, in lanes as numpy does it, so that it costs little beside the reading.
fn total(numbers: &[f32]) -> f64 {
    let mut lanes = [0.0; 8];
    let (whole, rest) = numbers.as_chunks::<8>();
    for eight in whole {
        for (lane, value) in lanes.iter_mut().zip(eight) {
            *lane += f64::from(*value);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|value| f64::from(*value)).sum::<f64>()
}
