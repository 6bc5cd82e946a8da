//! Everything that a page could ask of an opened file, within bounds, and what must hold of the answers.

use resitu::io::{Dataset, FileSet};

/// Values of a chunk of rows at most, and chunks of a matrix at most: an input of a fuzzer is small.
const CHUNK_VALUES: usize = 1 << 18;
const CHUNKS: usize = 4;

/// Opens the files and reads them.
///
/// # Panics
/// If answers contradict each other. That a request is refused is no contradiction.
pub fn read(files: FileSet) {
    let Ok(mut dataset) = Dataset::open_files(files) else { return };
    let n_cells = dataset.n_cells();
    if let Ok(names) = dataset.obs_names() {
        assert_eq!(names.len(), n_cells);
    }
    for info in dataset.obs_columns().to_vec() {
        if let Ok(column) = dataset.obs_column(&info.name) {
            assert_eq!(column.len(), n_cells);
        }
        if let Ok(labels) = dataset.labels(&info.name) {
            assert_eq!(labels.codes.len(), n_cells);
        }
    }
    if let Ok(Some(found)) = dataset.coordinates() {
        assert_eq!(found.xy.len(), n_cells);
        assert!(found.z.is_none_or(|z| z.len() == n_cells));
    }
    let _ = dataset.summary();
    for matrix in dataset.matrices().to_vec() {
        if dataset.use_matrix(&matrix.name).is_ok() {
            assert_eq!(dataset.gene_names().len(), dataset.n_genes());
            read_rows(&dataset);
        }
    }
}

fn read_rows(dataset: &Dataset) {
    let mut start = 0;
    for _ in 0..CHUNKS {
        if start == dataset.n_cells() {
            return;
        }
        let Ok(end) = dataset.range_end(start, CHUNK_VALUES) else { return };
        assert!(start < end && end <= dataset.n_cells());
        // One cell may hold as many values as there are genes, whatever a chunk should.
        let Ok(rows) = dataset.rows(start..end) else { return };
        assert_eq!((rows.n_rows(), rows.n_cols()), (end - start, dataset.n_genes()));
        let (_, indices, _) = rows.parts();
        assert!(indices.iter().all(|index| (*index as usize) < rows.n_cols()));
        start = end;
    }
}
