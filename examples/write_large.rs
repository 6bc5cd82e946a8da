//! Writes an h5ad file of any size from rows that are made as they are written: `write_large FILE CELLS GENES [zip]`.
//!
//! Shows how to write a result larger than memory, and lets its memory be measured: `/usr/bin/time -v` says the peak.

use std::{error::Error, path::Path, time::Instant};

use resitu::cells::Column;
use resitu::io::{FileSink, H5adWriter, Part, Place, Sink, Table, Uns, Zip};

/// Rows made at once.
const BLOCK: usize = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, n_cells, n_genes, zip @ ..] = arguments.as_slice() else {
        return Err("usage: write_large FILE CELLS GENES [zip]".into());
    };
    let (n_cells, n_genes) = (n_cells.parse()?, n_genes.parse()?);
    let began = Instant::now();
    let sink = FileSink::create(Path::new(path))?;
    let sink = if zip.is_empty() {
        write(sink, n_cells, n_genes)?
    } else {
        write(Zip::new(sink).store("cells.h5ad")?, n_cells, n_genes)?.finish()?.finish()?
    };
    sink.finish()?;
    println!("{n_cells} cells of {n_genes} genes in {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

fn write<S: Sink>(sink: S, n_cells: usize, n_genes: usize) -> Result<S, Box<dyn Error>> {
    let mut file = H5adWriter::new(sink, n_genes)?;
    let x = file.dense(Place::X)?;
    let spatial = file.embedding("spatial", 2, false)?;
    let niche = file.obs_codes("niche", &["stroma".into(), "tumour".into()]);
    for start in (0..n_cells).step_by(BLOCK) {
        push(&mut file, [x, spatial, niche], start..n_cells.min(start + BLOCK), n_genes)?;
    }
    let names: Vec<String> = (0..n_cells).map(|cell| format!("cell-{cell}")).collect();
    let genes: Vec<String> = (0..n_genes).map(|gene| format!("gene-{gene}")).collect();
    let number = Column::Numbers((0..n_genes).map(|gene| gene as f64).collect());
    let var = Table { index: genes, columns: vec![("number".into(), number)] };
    Ok(file.finish(names.iter().map(String::as_str), &var, &[("made_by".into(), Uns::from("write_large"))])?)
}

/// Values that a reader can check: `((cell * 31 + gene * 17) % 97) / 8`, and zero where that number is below 60.
fn push<S: Sink>(
    file: &mut H5adWriter<S>,
    [x, spatial, niche]: [Part; 3],
    cells: std::ops::Range<usize>,
    n_genes: usize,
) -> Result<(), Box<dyn Error>> {
    let value = |cell: usize, gene: usize| match (cell * 31 + gene * 17) % 97 {
        below if below < 60 => 0.0,
        number => number as f32 / 8.0,
    };
    let values: Vec<f32> = cells.clone().flat_map(|cell| (0..n_genes).map(move |gene| value(cell, gene))).collect();
    file.push_f32(x, &values)?;
    let positions: Vec<f32> = cells.clone().flat_map(|cell| [(cell % 1_000) as f32, (cell / 1_000) as f32]).collect();
    file.push_f32(spatial, &positions)?;
    file.push_codes(niche, &cells.map(|cell| (cell % 3) as i32 - 1).collect::<Vec<_>>())?;
    Ok(())
}
