//! HDF5 behind a guard: every shape, chunk and filter is checked before the library is let near the bytes.

use std::{collections::HashMap, io::ErrorKind, sync::Arc};

use hdf5_pure::{
    AttrValue, ChunkCacheConfig, DatasetAccessProperties, Error, FileAccessProperties, FormatError, Layout,
};

use super::{
    super::{
        IoError, Source,
        tree::{Array, Attribute, Node, Tree},
    },
    array::Hdf5Array,
    pages::{Budget, PagedSource},
};

/// Decompressed bytes of chunks that each array keeps for the next slice.
const CHUNK_CACHE_BYTES: usize = 16 << 20;

/// An open HDF5 file.
pub(in crate::io) struct Container {
    file: hdf5_pure::File,
    guard: Guard,
}

impl Container {
    pub(in crate::io) fn open(source: Box<dyn Source>) -> Result<Self, IoError> {
        let file_bytes = source.len();
        let source: Arc<dyn Source> = source.into();
        let (paged, budget) = PagedSource::new(Box::new(source.clone()));
        let guard = Guard { budget, file_bytes, source };
        let properties =
            FileAccessProperties::new().with_chunk_cache(ChunkCacheConfig::from_h5p_cache(512, CHUNK_CACHE_BYTES));
        let file = guard.run("the file header", || hdf5_pure::File::from_source_with_options(paged, properties));
        let file = match file {
            // Anything unreadable this early is not a file of this format, unless it has the signature and ends.
            Err(IoError::BadStructure { problem: PAST_END, .. }) => {
                return Err(if file_bytes < 8 { IoError::NotHdf5 } else { IoError::Truncated });
            }
            other => other?,
        };
        if file.superblock().eof_address > file_bytes {
            return Err(IoError::Truncated);
        }
        Ok(Self { file, guard })
    }

    fn dataset(
        &self,
        path: &str,
        properties: DatasetAccessProperties,
        place: &'static str,
    ) -> Result<Option<hdf5_pure::Dataset>, IoError> {
        self.guard.run_optional(place, || match self.file.dataset_with_options(path, properties) {
            // Absent as an array; whether a group stands there is another question.
            Err(Error::NotADataset(path)) => Err(FormatError::PathNotFound(path).into()),
            other => other,
        })
    }
}

impl Tree for Container {
    fn node(&self, path: &str, place: &'static str) -> Result<Option<Node>, IoError> {
        if let Some(dataset) = self.dataset(path, DatasetAccessProperties::new(), place)? {
            let array = Hdf5Array::new(dataset, self.guard.clone(), place)?;
            return Ok(Some(Node::Array(Box::new(array))));
        }
        let attributes = self.guard.run_optional(place, || self.file.group(path).and_then(|group| group.attrs()))?;
        let understood = |attributes: HashMap<String, AttrValue>| {
            Node::Group(attributes.into_iter().map(|(name, value)| (name, attribute(&value))).collect())
        };
        Ok(attributes.map(understood))
    }

    fn array(&self, path: &str, place: &'static str) -> Result<Option<Box<dyn Array>>, IoError> {
        let array = self.dataset(path, DatasetAccessProperties::new(), place)?;
        let Some(array) = array.map(|array| Hdf5Array::new(array, self.guard.clone(), place)).transpose()? else {
            return Ok(None);
        };
        let chunk_bytes = array.chunk_bytes() as usize;
        if chunk_bytes <= CHUNK_CACHE_BYTES {
            return Ok(Some(Box::new(array)));
        }
        // Some writers make one chunk of a whole array: without a cache that holds it, every slice would inflate it all.
        let cache = ChunkCacheConfig::from_h5p_cache(1, chunk_bytes);
        let Some(reopened) = self.dataset(path, DatasetAccessProperties::new().with_chunk_cache(cache), place)? else {
            return Ok(None);
        };
        Ok(Some(Box::new(Hdf5Array::new(reopened, self.guard.clone(), place)?)))
    }

    fn children(&self, path: &str, place: &'static str) -> Result<Vec<String>, IoError> {
        let names = self.guard.run_optional(place, || {
            let group = if path.is_empty() { self.file.root() } else { self.file.group(path)? };
            let mut names = group.datasets()?;
            names.extend(group.groups()?);
            Ok(names)
        })?;
        let mut names = names.unwrap_or_default();
        names.sort_unstable();
        Ok(names)
    }
}

fn attribute(value: &AttrValue) -> Attribute {
    match (value.as_strings(), value.to_i64s()) {
        (Some([one]), _) => Attribute::Text(one.clone()),
        (Some(texts), _) => Attribute::Texts(texts.to_vec()),
        (_, Some(integers)) => Attribute::Integers(integers),
        _ => Attribute::Other,
    }
}

const PAST_END: &str = "it points past the end of the file";

/// Runs calls of the HDF5 library: gives each its budget and turns its failures into [`IoError`].
#[derive(Clone)]
pub(super) struct Guard {
    budget: Budget,
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
    fn run_optional<T>(
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
