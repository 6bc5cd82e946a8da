//! Damaged tables give an error or an answer: never a panic, never unbounded memory, never for ever.

#[path = "common/damage.rs"]
mod damage;

use std::{
    io::Write,
    time::{Duration, Instant},
};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use resitu::{
    Explain,
    io::{BytesSource, Dataset, FileSet, IoError, Source},
};

#[global_allocator]
static ALLOCATOR: damage::Counting = damage::Counting;

type Files = Vec<(&'static str, Vec<u8>)>;

/// A table of 40 rows and 12 columns of numbers behind `start`, the fields that begin each row.
fn table(header: &str, delimiter: char, start: impl Fn(usize) -> String) -> Vec<u8> {
    let mut text = header.to_owned();
    (0..12).for_each(|column| text.push_str(&format!("{delimiter}\"RPL{column}\"")));
    for row in 0..40 {
        text.push_str(&format!("\r\n{}", start(row)));
        (0..12).for_each(|column| text.push_str(&format!("{delimiter}{}", [0, 0, row, 7][(row * column) % 4])));
    }
    text.into_bytes()
}

fn turned(table: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(table.to_vec()).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let columns = (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column]).collect::<Vec<_>>().join(","));
    columns.collect::<Vec<_>>().join("\n").into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn data_sets() -> Vec<(&'static str, Files)> {
    let cells = table("\"cell\"", ',', |row| format!("\"c {row}\""));
    let typed = table("cell;type;x;y", ';', |row| format!("c{row};T{};{row}.5;1e{row}", row % 3));
    let merscope = table("cell", ',', |row| row.to_string());
    let metadata: String = (0..40).map(|row| format!("\n{row},1,{row}.25,{row}.75")).collect();
    let cosmx = table("fov,cell_ID", ',', |row| format!("{},{}", row / 10, row % 10));
    let positions: String = (0..40).map(|row| format!("\n{},{},{row},{row}", row / 10, row % 10)).collect();
    vec![
        ("cells × genes", vec![("a.csv", cells.clone())]),
        ("genes × cells", vec![("a.csv", turned(&cells))]),
        ("gzipped", vec![("a.csv.gz", gzip(&turned(&cells)))]),
        ("annotated", vec![("", typed)]),
        (
            "MERSCOPE",
            vec![
                ("cell_by_gene.csv", merscope),
                ("cell_metadata.csv", format!(",fov,center_x,center_y{metadata}").into_bytes()),
            ],
        ),
        (
            "CosMx",
            vec![
                ("a_exprMat_file.csv.gz", gzip(&cosmx)),
                (
                    "a_metadata_file.csv",
                    format!("fov,cell_ID,CenterX_global_px,CenterY_global_px{positions}").into_bytes(),
                ),
            ],
        ),
    ]
}

fn read_everything(files: Files) -> Result<(), IoError> {
    let sources =
        files.into_iter().map(|(name, bytes)| (name.to_owned(), Box::new(BytesSource::new(bytes)) as Box<dyn Source>));
    let dataset = Dataset::open_files(FileSet::new(sources)?)?;
    let n_cells = dataset.n_cells();
    assert_eq!(dataset.obs_names()?.len(), n_cells);
    assert_eq!(dataset.gene_names().len(), dataset.n_genes());
    for info in dataset.obs_columns() {
        assert_eq!(dataset.obs_column(&info.name)?.len(), n_cells);
    }
    assert!(dataset.coordinates()?.is_none_or(|found| found.xy.len() == n_cells));
    dataset.summary()?;
    assert_eq!(dataset.rows(0..n_cells)?.n_rows(), n_cells);
    dataset.rows(0..1)?;
    Ok(())
}

#[test]
fn damage_is_survived() {
    let asked = damage::trials(600);
    for (name, sound) in data_sets() {
        read_everything(sound.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        damage::watch_panics();
        let mut random = ChaCha8Rng::seed_from_u64(13);
        let (mut n_errors, mut slowest, mut largest) = (0, Duration::ZERO, 0);
        for trial in 0..asked {
            let mut files = sound.clone();
            let at = trial / 6 % files.len();
            files[at].1 = damage::damaged(&files[at].1, 0, trial, &mut random);
            let start = Instant::now();
            let (result, memory) = damage::measured(|| read_everything(files));
            (slowest, largest) = (slowest.max(start.elapsed()), largest.max(memory));
            assert_eq!(damage::n_panics(), 0, "{name}: trial {trial} panicked");
            if let Err(error) = result {
                n_errors += 1;
                assert!(error.code().starts_with("io."), "{error}");
            }
        }
        println!("{name}: {n_errors} of {asked} refused, slowest {slowest:?}, most memory {} KiB", largest / 1024);
        assert!(slowest < Duration::from_secs(20), "{name}");
        assert!(largest < 32 << 20, "{name}: {largest} bytes");
    }
}
