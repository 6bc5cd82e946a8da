//! HDF5 behind a guard: every shape, chunk and filter is checked before the library is let near the bytes.

use std::{collections::HashMap, sync::Arc};

use hdf5_pure::{AttrValue, ChunkCacheConfig, DatasetAccessProperties, Error, FileAccessProperties, FormatError};

use super::{
    super::{
        IoError, Source,
        tree::{Array, Attribute, Node, Tree},
    },
    array::Hdf5Array,
    guard::{Guard, PAST_END},
    pages::PagedSource,
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
