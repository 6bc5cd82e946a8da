//! One attempt at reading some files: everything that can be asked of them, watched for panics, memory and time.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use resitu::{
    Explain,
    io::{BytesSource, Dataset, FileSet, IoError, Source},
};

use crate::damage;

/// Files by their paths.
pub type Files = Vec<(String, Vec<u8>)>;

/// Memory that any file may take, and for each of its bytes on top: what the documentation promises.
pub const ALWAYS_ALLOWED_BYTES: usize = 64 << 20;
pub const PER_BYTE: usize = 64;
/// An answer after longer than this is none. Generous: the machine may be busy with other things.
pub const PATIENCE: Duration = Duration::from_secs(20);

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Waits until no other test of this program runs, and counts panics from then on.
pub fn alone() -> MutexGuard<'static, ()> {
    let guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    damage::watch_panics();
    guard
}

/// How an attempt went.
pub struct Trial {
    pub result: Result<(), IoError>,
    pub memory: usize,
    pub time: Duration,
}

impl Trial {
    /// The code of the error, or "".
    pub fn code(&self) -> &'static str {
        self.result.as_ref().err().map_or("", Explain::code)
    }
}

/// Reads everything that `files` hold.
///
/// # Panics
/// If the reading panicked, took too long or too much memory, or failed without a proper error.
pub fn attempt(name: &str, files: Files) -> Trial {
    let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
    let panics = damage::n_panics();
    let start = Instant::now();
    let (result, memory) = damage::measured(|| read_everything(files));
    let time = start.elapsed();
    assert_eq!(damage::n_panics(), panics, "{name}: panicked: {result:?}");
    assert!(time < PATIENCE, "{name}: {time:?}");
    assert!(memory < ALWAYS_ALLOWED_BYTES + PER_BYTE * bytes, "{name}: {memory} bytes of memory for {bytes}");
    if let Err(error) = &result {
        assert!(error.code().starts_with("io."), "{name}: {error}");
        assert!(error.to_string().ends_with('.') && !error.hint().is_empty(), "{name}: {error}");
    }
    Trial { result, memory, time }
}

/// Opens the files; gives the first error of all that can be asked, and checks that the answers agree.
fn read_everything(files: Files) -> Result<(), IoError> {
    let source = |bytes| Box::new(BytesSource::new(bytes)) as Box<dyn Source>;
    let files = FileSet::new(files.into_iter().map(|(path, bytes)| (path, source(bytes))))?;
    let mut dataset = Dataset::open_files(files)?;
    let n_cells = dataset.n_cells();
    let mut first_error = dataset.obs_names().err();
    for info in dataset.obs_columns().to_vec() {
        match dataset.obs_column(&info.name) {
            Ok(column) => assert_eq!(column.len(), n_cells),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match dataset.coordinates() {
        Ok(found) => assert!(found.is_none_or(|found| found.xy.len() == n_cells)),
        Err(error) => first_error = first_error.or(Some(error)),
    }
    first_error = first_error.or(dataset.summary().err());
    for matrix in dataset.matrices().to_vec() {
        let read = dataset.use_matrix(&matrix.name).and_then(|()| {
            assert_eq!(dataset.gene_names().len(), dataset.n_genes());
            read_rows(&dataset)
        });
        first_error = first_error.or(read.err());
    }
    first_error.map_or(Ok(()), Err)
}

fn read_rows(dataset: &Dataset) -> Result<(), IoError> {
    let end = dataset.range_end(0, 1 << 20)?;
    let rows = dataset.rows(0..end)?;
    assert_eq!((rows.n_rows(), rows.n_cols()), (end, dataset.n_genes()));
    for row in 0..rows.n_rows() {
        let (indices, _) = rows.row(row);
        assert!(indices.is_sorted(), "columns ascend in a row, though one may come twice");
        assert!(indices.last().is_none_or(|last| (*last as usize) < rows.n_cols()), "columns are there");
    }
    Ok(())
}
