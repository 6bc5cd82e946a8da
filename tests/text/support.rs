//! Files made in a test, and the whole of what is read from them.

use std::io::Write;

use resitu::io::{BytesSource, Dataset, FileSet, IoError, Source};

/// Opens files of these paths and contents.
pub fn open<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Result<Dataset, IoError> {
    let sources = files.iter().map(|(path, bytes)| {
        (path.to_string(), Box::new(BytesSource::new(bytes.as_ref().to_vec())) as Box<dyn Source>)
    });
    Dataset::open_files(FileSet::new(sources)?)
}

/// All values, cells × genes.
pub fn dense(dataset: &Dataset) -> Result<Vec<Vec<f32>>, IoError> {
    crate::common::check_expression(dataset, true)?;
    let rows = dataset.rows(0..dataset.n_cells())?;
    Ok((0..rows.n_rows())
        .map(|row| {
            let mut values = vec![0.0; rows.n_cols()];
            let (indices, stored) = rows.row(row);
            assert!(indices.windows(2).all(|pair| pair[0] < pair[1]), "columns ascend");
            indices.iter().zip(stored).for_each(|(column, value)| values[*column as usize] = *value);
            values
        })
        .collect())
}

/// The code of the error that opening, or reading all of it, gives.
pub fn code<B: AsRef<[u8]>>(files: &[(&str, B)]) -> &'static str {
    match open(files).and_then(|dataset| dense(&dataset)) {
        Ok(_) => "",
        Err(error) => resitu::Explain::code(&error),
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
