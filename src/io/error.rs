//! What can go wrong between bytes and cells.

use crate::{Explain, cells::CellsError};

/// A file that cannot be read, or a result that cannot be written.
///
/// Sentences name places of the format (`X`, `obs`, …), never a name or a value out of the user's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IoError {
    #[error("The format of this file, or of these files together, is not one that resitu knows.")]
    UnknownFormat,
    #[error("This is not an HDF5 file.")]
    NotHdf5,
    #[error("The file is shorter than it says: part of it is missing.")]
    Truncated,
    #[error("This HDF5 file is not one of AnnData, 10x Genomics or loom: it has no {0}.")]
    NotH5ad(&'static str),
    #[error("This HDF5 file is {what}, which resitu does not read. {instead}")]
    OtherHdf5 { what: &'static str, instead: &'static str },
    #[error("This is {what}, which resitu does not read. {instead}")]
    OtherFormat { what: &'static str, instead: &'static str },
    #[error("The file has no cells, or no genes: its expression matrix is empty.")]
    EmptyMatrix,
    #[error("The file holds no expression matrix that can be read.")]
    NoMatrix,
    #[error("The file has no matrix or column of that name.")]
    NoSuchName,
    #[error("The file is compressed with {0}, which resitu cannot read.")]
    UnsupportedFilter(String),
    #[error("The data are encoded with {0}, which resitu cannot read.")]
    UnsupportedCodec(String),
    #[error("This Zarr store is not one of AnnData or SpatialData: it has no {0}.")]
    NotAnnDataZarr(&'static str),
    #[error("The file is damaged or unusual in {place}: {problem}.")]
    BadStructure { place: &'static str, problem: &'static str },
    #[error("The text in {place} cannot be read at line {line}: {problem}.")]
    BadText { place: &'static str, line: u64, problem: &'static str },
    #[error("A file that belongs to this data set is missing: {0}.")]
    MissingFile(&'static str),
    #[error("These files are several data sets: {0}.")]
    SeveralDatasets(&'static str),
    #[error("The archive cannot be opened: {0}.")]
    UnsupportedArchive(&'static str),
    #[error("The file asks for too much memory in {place}: {problem}.")]
    TooLarge { place: &'static str, problem: &'static str },
    #[error("The file could not be read: {0}.")]
    ReadFailed(String),
    #[error("The result could not be written: {0}.")]
    WriteFailed(String),
}

/// Said of archives alone: nothing else fails with `FileTooLarge`.
const TOO_LARGE_TO_HOLD: &str = "a file in it is above 512 MiB or 64 times the archive when unpacked; unpack it first";

impl IoError {
    pub(crate) fn bad(place: &'static str, problem: &'static str) -> Self {
        Self::BadStructure { place, problem }
    }
    pub(crate) fn large(place: &'static str, problem: &'static str) -> Self {
        Self::TooLarge { place, problem }
    }
    /// That a source could not be read. A file in an archive may be too large to be unpacked into memory, which is no failure
    /// of the disk.
    pub(crate) fn unreadable(kind: std::io::ErrorKind) -> Self {
        match kind {
            std::io::ErrorKind::FileTooLarge => Self::large("the archive", TOO_LARGE_TO_HOLD),
            other => Self::ReadFailed(other.to_string()),
        }
    }
    pub(crate) fn text(place: &'static str, line: u64, problem: &'static str) -> Self {
        Self::BadText { place, line, problem }
    }
}

impl From<CellsError> for IoError {
    fn from(error: CellsError) -> Self {
        match error {
            CellsError::BadCsr(problem) => Self::bad("the matrix", problem),
        }
    }
}

impl Explain for IoError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownFormat => "io.unknown-format",
            Self::NotHdf5 => "io.not-hdf5",
            Self::Truncated => "io.truncated",
            Self::NotH5ad(_) => "io.not-h5ad",
            Self::OtherHdf5 { .. } => "io.other-hdf5",
            Self::OtherFormat { .. } => "io.other-format",
            Self::EmptyMatrix => "io.empty-matrix",
            Self::NoMatrix => "io.no-matrix",
            Self::NoSuchName => "io.no-such-name",
            Self::UnsupportedFilter(_) => "io.unsupported-filter",
            Self::UnsupportedCodec(_) => "io.unsupported-codec",
            Self::NotAnnDataZarr(_) => "io.not-anndata-zarr",
            Self::BadStructure { .. } => "io.bad-structure",
            Self::BadText { .. } => "io.bad-text",
            Self::MissingFile(_) => "io.missing-file",
            Self::SeveralDatasets(_) => "io.several-datasets",
            Self::UnsupportedArchive(_) => "io.unsupported-archive",
            Self::TooLarge { .. } => "io.too-large",
            Self::ReadFailed(_) => "io.read-failed",
            Self::WriteFailed(_) => "io.write-failed",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::UnknownFormat => {
                "See the table of formats; files that belong together must be given together, or as a folder."
            }
            Self::NotHdf5 => "Choose another file, or download it again; if it ends in .gz, unpack it first.",
            Self::Truncated => "Download or copy the file again, and compare its size with the original.",
            Self::NotH5ad(_) => {
                "Choose an h5ad file of anndata, scanpy or zellkonverter, an HDF5 matrix of 10x Genomics, or a loom file."
            }
            Self::OtherHdf5 { .. } => "Choose a matrix of cells and genes: h5ad, 10x Genomics' HDF5, or loom.",
            Self::OtherFormat { .. } => "Save it in one of the formats of the table, such as h5ad or a dense CSV.",
            Self::EmptyMatrix => "Choose a file with cells and genes in it; a filter may have removed them all.",
            Self::NoMatrix => "Write the counts to X, raw/X or layers/counts and save the file again.",
            Self::NoSuchName => "Use one of the names that `resitu inspect` lists.",
            Self::UnsupportedFilter(_) => {
                "Rewrite it with Python: import hdf5plugin, scanpy; scanpy.read_h5ad('in.h5ad').write_h5ad('out.h5ad', compression='gzip') (read_10x_h5 or read_loom for such files)"
            }
            Self::UnsupportedCodec(_) => {
                "Rewrite it with Python: import anndata; anndata.read_zarr('in.zarr').write_h5ad('out.h5ad', compression='gzip') (or pandas.read_parquet('in.parquet').to_parquet('out.parquet'))"
            }
            Self::NotAnnDataZarr(_) => {
                "Choose the folder that write_zarr of anndata made, or that of a SpatialData object with a table, or either as a .zip."
            }
            Self::BadStructure { .. } => {
                "The file may be damaged; open it with the tool that wrote it and save it again."
            }
            Self::BadText { .. } => {
                "Look at that line in a text editor, or write the file again; a download may be cut short."
            }
            Self::MissingFile(_) => "Give all files of the data set together: the whole folder, or its archive.",
            Self::SeveralDatasets(_) => "Give the files of one data set at a time, each in a folder of its own.",
            Self::UnsupportedArchive(_) => {
                "Unpack it and give the folder, or pack the files again as a plain .zip or .tar.gz without a password."
            }
            Self::TooLarge { .. } => {
                "If the file is sound, save it again with anndata in smaller chunks, or split it by cells."
            }
            Self::ReadFailed(_) => "Check that the file still exists, was not changed meanwhile, and may be read.",
            Self::WriteFailed(_) => "Check that the folder exists, may be written to and has enough space.",
        }
    }
}
