//! What the fuzz targets do with their bytes: each function hands them to one parser of resitu and asks for everything
//! that a page could ask for. `docs/fuzzing.md` says how they are run and what they found.
//!
//! An input may be refused in any way that is an error. What counts as a finding: a panic (integer overflow included,
//! the build checks for it), an answer that contradicts itself, more memory than [`cap`] allows, or a run without end.

mod cap;
mod everything;
mod folder;
mod sealed;
mod tables;

use resitu::{
    bundle::Bundle,
    genes::KnownGenes,
    io::{BytesSource, FileSet, Source},
};

#[global_allocator]
static ALLOCATOR: cap::Capped = cap::Capped;

fn source(bytes: &[u8]) -> Box<dyn Source> {
    Box::new(BytesSource::new(bytes.to_vec()))
}

/// A single file of any format, recognised by its bytes.
pub fn dataset(bytes: &[u8]) {
    cap::limited(bytes.len(), || everything::read(FileSet::single("", source(bytes))));
}

/// Several files that belong together: a Matrix Market, Xenium, Visium or Zarr folder.
pub fn folder(bytes: &[u8]) {
    cap::limited(bytes.len(), || {
        if let Ok(files) = folder::files(bytes) {
            everything::read(files);
        }
    });
}

/// A zip, tar or gzip; the first byte chooses which signature the rest is given, so that mutations stay inside archives.
pub fn archive(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let mut rest = rest.to_vec();
    match kind % 4 {
        0 => rest.splice(..rest.len().min(4), *b"PK\x03\x04").for_each(drop),
        1 if rest.len() > 262 => rest[257..262].copy_from_slice(b"ustar"),
        2 => rest = folder::gzipped(&rest),
        _ => {}
    }
    cap::limited(rest.len(), || everything::read(FileSet::single("", source(&rest))));
}

/// A Parquet file, between its signatures.
pub fn parquet(bytes: &[u8]) {
    cap::limited(bytes.len(), || {
        let files = FileSet::single("cells.parquet", source(bytes));
        let Some(entry) = files.only() else { return };
        if let Ok(columns) = resitu::io::read_parquet(entry)
            && let Some((_, first)) = columns.first()
        {
            assert!(columns.iter().all(|(_, column)| column.len() == first.len()), "columns differ in length");
        }
    });
}

/// Delimited text in each of its places; the first byte chooses which.
pub fn text_table(bytes: &[u8]) {
    let Some((place, text)) = bytes.split_first() else { return };
    cap::limited(text.len(), || tables::read(*place, text));
}

/// A `.resitu` file. Its hashes would keep every mutation out, so that inputs which are no zip are taken as the entries of
/// one, and sealed with the right hashes.
pub fn bundle(bytes: &[u8]) {
    cap::limited(bytes.len(), || {
        let sealed = if bytes.starts_with(b"PK") { Some(bytes.to_vec()) } else { sealed::bundle(bytes) };
        if let Some(Ok(bundle)) = sealed.map(|file| Bundle::read(&file)) {
            let _ = bundle.weights.tensors();
        }
    });
}

/// The table of known genes; text that is not packed is packed first.
pub fn gene_table(bytes: &[u8]) {
    cap::limited(bytes.len(), || {
        let packed = if bytes.starts_with(b"\x1f\x8b") { bytes.to_vec() } else { folder::gzipped(bytes) };
        let Ok(known) = KnownGenes::read(&packed) else { return };
        let candidates =
            [("names".to_owned(), vec!["TP53".to_owned(), "trp53".to_owned(), "ENSG00000141510.3".to_owned()])];
        for table in [known.table(resitu::genes::Species::Human), known.table(resitu::genes::Species::Mouse)] {
            if let Some(Ok(matched)) = table.map(|table| table.match_genes(&candidates)) {
                let _ = matched.present();
            }
        }
    });
}

/// A table of ligand–receptor pairs.
pub fn pairs(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    cap::limited(bytes.len(), || {
        if let Ok(pairs) = resitu::spatial::ligrec::read_pairs(text) {
            assert!(pairs.iter().all(|pair| !pair.ligand.is_empty() && !pair.receptor.is_empty()));
        }
    });
}
