//! Calls of the HDF5 library, and what it is let near.

use std::{io::ErrorKind, sync::Arc};

use hdf5_pure::{Error, FormatError, Layout};

use super::{
    super::{IoError, Source},
    pages::Budget,
};

pub(super) const PAST_END: &str = "it points past the end of the file";

/// Runs calls of the HDF5 library: gives each its budget and turns its failures into [`IoError`].
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) budget: Budget,
    pub(super) file_bytes: u64,
    /// For what is read without the library.
    pub(super) source: Arc<dyn Source>,
}

impl Guard {
    pub(super) fn run<T>(&self, place: &'static str, call: impl FnOnce() -> Result<T, Error>) -> Result<T, IoError> {
        self.budget.refill();
        // The library reports bad bytes as errors; should it panic all the same, a native process lives on. In wasm a
        // panic aborts, which is why everything is checked beforehand as well.
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(translate(error, place)),
            Err(_) => Err(IoError::bad(place, "the HDF5 library failed on it")),
        }
    }

    /// Like [`Guard::run`], with `None` for a path that leads nowhere.
    pub(super) fn run_optional<T>(
        &self,
        place: &'static str,
        call: impl FnOnce() -> Result<T, Error>,
    ) -> Result<Option<T>, IoError> {
        self.run(place, || match call() {
            Ok(value) => Ok(Some(value)),
            Err(Error::Format(FormatError::PathNotFound(_)) | Error::NotAGroup(_)) => Ok(None),
            Err(error) => Err(error),
        })
    }
}

fn translate(error: Error, place: &'static str) -> IoError {
    let format = match error {
        Error::Io(error) => return IoError::unreadable(error.kind()),
        Error::FileMarkedInUse(_) => return IoError::bad(place, "another program has it open for writing"),
        Error::Format(format) => format,
        _ => return IoError::bad(place, "it is not what it should be"),
    };
    match format {
        FormatError::SignatureNotFound => IoError::NotHdf5,
        FormatError::UnsupportedFilter(id) => IoError::UnsupportedFilter(filter_name(id)),
        FormatError::UnsupportedZfp(_) => IoError::UnsupportedFilter(filter_name(32013)),
        // hdf5-pure passes the kind on as text.
        FormatError::Source(kind) if kind == ErrorKind::FileTooLarge.to_string() => {
            IoError::unreadable(ErrorKind::FileTooLarge)
        }
        FormatError::Source(kind) => IoError::ReadFailed(kind),
        FormatError::UnexpectedEof { .. } => IoError::bad(place, PAST_END),
        FormatError::NestingDepthExceeded => IoError::bad(place, "it leads in circles"),
        FormatError::AllocationFailed { .. } | FormatError::ValueTooLargeForPlatform { .. } => {
            IoError::large(place, "more than this machine can hold")
        }
        FormatError::VariableLengthByteLimitExceeded { .. }
        | FormatError::VariableLengthElementLimitExceeded { .. } => {
            IoError::large(place, "its texts are larger than the file")
        }
        FormatError::UnsupportedVirtualLayout | FormatError::UnsupportedExternalStorage => {
            IoError::bad(place, "its values are kept in another file")
        }
        FormatError::ChecksumMismatch { .. } | FormatError::Fletcher32Mismatch { .. } => {
            IoError::bad(place, "its checksum is wrong")
        }
        FormatError::FilterError(_) => IoError::bad(place, "its compressed bytes are damaged"),
        _ => IoError::bad(place, "its HDF5 structure is inconsistent"),
    }
}

/// Filters that the library undoes: deflate, shuffle, fletcher32, scale-offset, LZF.
pub(super) fn is_supported_filter(id: u16) -> bool {
    matches!(id, 1 | 2 | 3 | 6 | 32000)
}

/// The name people know a filter by (registered numbers of the HDF Group).
pub(super) fn filter_name(id: u16) -> String {
    match id {
        4 => "szip".into(),
        5 => "nbit".into(),
        307 => "bzip2".into(),
        32001 => "Blosc".into(),
        32004 => "LZ4".into(),
        32008 => "bitshuffle".into(),
        32013 => "ZFP".into(),
        32015 => "Zstandard".into(),
        32026 => "Blosc2".into(),
        id => format!("HDF5 filter {id}"),
    }
}

/// Bytes of one chunk, or 0 for unchunked storage. `None` when they cannot be counted.
pub(super) fn chunk_bytes(layout: &Layout, element_bytes: u64) -> Option<u64> {
    match layout {
        Layout::Chunked { chunk_shape, .. } => {
            chunk_shape.iter().try_fold(element_bytes, |bytes, &edge| bytes.checked_mul(edge))
        }
        _ => Some(0),
    }
}
