//! Files of other programs that people try, told from their first bytes, and what to do instead.

use super::super::{Entry, FileSet, IoError, stream};

const HEAD_BYTES: usize = 16;

const R_OBJECT: (&str, &str) = (
    "an object of R (rds, RData)",
    "Save it in R as h5ad, for example zellkonverter::writeH5AD(as.SingleCellExperiment(object), 'out.h5ad').",
);
const WORKBOOK: (&str, &str) = ("an Excel workbook", "Save the sheet of counts as CSV (UTF-8) in Excel.");

/// What the file is, and what to do instead; `None` if nothing is known about it.
///
/// # Errors
/// Those of reading the first bytes.
pub(super) fn told(entry: &Entry) -> Result<Option<(&'static str, &'static str)>, IoError> {
    let head = entry.head(HEAD_BYTES)?;
    if let Some(found) = of_head(&head) {
        return Ok(Some(found));
    }
    if !head.starts_with(&stream::GZIP) {
        return Ok(None);
    }
    // R packs its objects with gzip by default.
    let inside = stream::head(&mut entry.reader()?, HEAD_BYTES).unwrap_or_default();
    Ok(of_head(&inside))
}

fn of_head(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let kinds: [(&[u8], (&str, &str)); 9] = [
        (b"X\n\0\0\0", R_OBJECT),
        (b"A\n2\n", R_OBJECT),
        (b"A\n3\n", R_OBJECT),
        (b"RDX", R_OBJECT),
        (b"RDA", R_OBJECT),
        (b"\xd0\xcf\x11\xe0", WORKBOOK),
        (b"PAR1", ("a Parquet table alone", "Give it together with the counts that it belongs to.")),
        (b"\x93NUMPY", ("a NumPy array", "Put it into an AnnData object with its names, and write that as h5ad.")),
        (b"\x80\x04\x95", ("a pickled Python object", "Write the AnnData object in it as h5ad (write_h5ad).")),
    ];
    let images: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"\x89PNG", b"\xff\xd8\xff"];
    if images.iter().any(|magic| head.starts_with(magic)) {
        return Some(("an image", "Give the counts of the run; resitu reads no images."));
    }
    kinds.into_iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, found)| found)
}

/// Whether the files are what is in an `.xlsx`.
pub(super) fn is_workbook(files: &FileSet) -> bool {
    files.get("[Content_Types].xml").is_some() && files.entries().iter().any(|entry| entry.path().starts_with("xl/"))
}

pub(super) fn workbook() -> IoError {
    IoError::OtherFormat { what: WORKBOOK.0, instead: WORKBOOK.1 }
}
