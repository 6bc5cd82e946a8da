//! Chunks of an array: found among the files or in a shard, decoded, and the last ones kept.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    super::{Entry, IoError},
    chain::checked,
    metadata::{ArrayMeta, Stored},
    store::Store,
};

/// Decoded chunks kept for the next slice: a row of chunks of a dense matrix, if it takes no more than this.
const MAX_CACHE_BYTES: usize = 96 << 20;
const MIN_CACHE_BYTES: usize = 16 << 20;

/// A decoded chunk.
pub(super) enum Chunk {
    /// Elements in row-major order.
    Bytes(Vec<u8>),
    Texts(Vec<String>),
}

/// The chunks of one array.
pub(super) struct Chunks {
    store: Arc<Store>,
    path: String,
    meta: ArrayMeta,
    place: &'static str,
    cache: Mutex<Cache>,
    cache_bytes: usize,
}

/// Where each inner chunk of a shard begins and how long it is.
type Index = Arc<Vec<(u64, u64)>>;

#[derive(Default)]
struct Cache {
    /// The oldest first; a chunk that is not there is `None`.
    chunks: VecDeque<(Vec<u64>, Option<Arc<Chunk>>, usize)>,
    bytes: usize,
    /// The shard whose index was read last, and that index.
    index: Option<(Vec<u64>, Index)>,
}

impl Chunks {
    /// `row_bytes` is what the chunks side by side take, those that a slice of rows needs.
    pub(super) fn new(store: Arc<Store>, path: String, meta: ArrayMeta, row_bytes: usize, place: &'static str) -> Self {
        let cache_bytes = row_bytes.clamp(MIN_CACHE_BYTES, MAX_CACHE_BYTES);
        Self { store, path, meta, place, cache: Mutex::default(), cache_bytes }
    }

    pub(super) fn meta(&self) -> &ArrayMeta {
        &self.meta
    }

    /// The shape of what is decoded at a time.
    pub(super) fn shape(&self) -> &[u64] {
        self.meta.sharding.as_ref().map_or(&self.meta.chunk, |sharding| &sharding.chunk)
    }

    /// The chunk at `indices`; `None` if it was never written and so holds the fill value.
    pub(super) fn get(&self, indices: &[u64]) -> Result<Option<Arc<Chunk>>, IoError> {
        let lock = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chunk, _)) = lock().chunks.iter().find(|(at, _, _)| at == indices) {
            return Ok(chunk.clone());
        }
        let chunk = self.read(indices)?.map(|bytes| self.decode(bytes)).transpose()?;
        let bytes = match &chunk {
            Some(Chunk::Bytes(bytes)) => bytes.len(),
            Some(Chunk::Texts(texts)) => texts.iter().map(|text| text.len() + size_of::<String>()).sum(),
            None => 0,
        };
        let chunk = chunk.map(Arc::new);
        let mut cache = lock();
        cache.bytes += bytes;
        cache.chunks.push_back((indices.to_vec(), chunk.clone(), bytes));
        while cache.chunks.len() > 1 && (cache.bytes > self.cache_bytes || cache.chunks.len() > 4096) {
            let Some((_, _, bytes)) = cache.chunks.pop_front() else { break };
            cache.bytes -= bytes;
        }
        Ok(chunk)
    }

    /// The stored bytes of a chunk.
    fn read(&self, indices: &[u64]) -> Result<Option<Vec<u8>>, IoError> {
        let Some(sharding) = &self.meta.sharding else {
            let Some(entry) = self.file(indices) else { return Ok(None) };
            return self.bytes(entry, 0, entry.source().len()).map(Some);
        };
        let per_shard: Vec<u64> =
            self.meta.chunk.iter().zip(&sharding.chunk).map(|(shard, chunk)| shard / chunk).collect();
        let shard: Vec<u64> = indices.iter().zip(&per_shard).map(|(index, n)| index / n).collect();
        let Some(entry) = self.file(&shard) else { return Ok(None) };
        let index = self.index(entry, &shard, &per_shard)?;
        let within = indices.iter().zip(&per_shard).fold(0, |at, (index, n)| at * n + index % n);
        let found = usize::try_from(within).ok().and_then(|at| index.get(at)).copied();
        match found.ok_or(IoError::bad(self.place, "the index of a shard is too short"))? {
            (u64::MAX, u64::MAX) => Ok(None),
            (start, length) => self.bytes(entry, start, length).map(Some),
        }
    }

    /// The index of a shard.
    fn index(&self, entry: &Entry, shard: &[u64], per_shard: &[u64]) -> Result<Index, IoError> {
        let lock = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, index)) = &lock().index
            && at == shard
        {
            return Ok(index.clone());
        }
        let damaged = IoError::bad(self.place, "the index of a shard does not decode");
        let Some(sharding) = &self.meta.sharding else { return Err(damaged) };
        let n = per_shard.iter().try_fold(1u64, |n, &edge| n.checked_mul(edge));
        let checksum_bytes = if sharding.index_has_checksum { 4 } else { 0 };
        let length = n.and_then(|n| n.checked_mul(16)?.checked_add(checksum_bytes));
        let file_bytes = entry.source().len();
        let length = length.filter(|length| *length <= file_bytes).ok_or(damaged.clone())?;
        let start = if sharding.index_at_end { file_bytes - length } else { 0 };
        let mut bytes = self.bytes(entry, start, length)?;
        if sharding.index_has_checksum {
            bytes = checked(bytes).map_err(|_| damaged)?;
        }
        let word = |bytes: [u8; 8]| {
            if sharding.index_is_big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) }
        };
        let words: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|bytes| word(*bytes)).collect();
        let index: Index = Arc::new(words.as_chunks::<2>().0.iter().map(|[start, length]| (*start, *length)).collect());
        lock().index = Some((shard.to_vec(), index.clone()));
        Ok(index)
    }

    /// The file of the chunk, or of the shard, at `indices`.
    fn file(&self, indices: &[u64]) -> Option<&Entry> {
        let at = |name: String| if self.path.is_empty() { name } else { format!("{}/{name}", self.path) };
        self.store.file(&at(self.meta.keys.name(indices))).or_else(|| {
            let keys = self.meta.keys.other().filter(|_| indices.len() > 1)?;
            self.store.file(&at(keys.name(indices)))
        })
    }

    /// Bytes of a file, which are there.
    fn bytes(&self, entry: &Entry, start: u64, length: u64) -> Result<Vec<u8>, IoError> {
        if start.checked_add(length).is_none_or(|end| end > entry.source().len()) {
            return Err(IoError::bad(self.place, "a chunk of it lies outside its shard"));
        }
        if length > super::MAX_CHUNK_BYTES {
            return Err(IoError::large(self.place, "a chunk of it is larger than 512 MiB"));
        }
        let mut bytes = vec![0; length as usize];
        entry.source().read_at(start, &mut bytes).map_err(|error| IoError::unreadable(error.kind()))?;
        Ok(bytes)
    }

    fn decode(&self, bytes: Vec<u8>) -> Result<Chunk, IoError> {
        let damaged = || IoError::bad(self.place, "a chunk of it has another size than it says");
        // Checked to fit when the array was opened.
        let n = self.shape().iter().product::<u64>() as usize;
        match self.meta.stored.bytes() {
            Some(element_bytes) => {
                let expected = n * element_bytes;
                let decoded = self.meta.chain.decode(bytes, expected, self.place)?;
                if decoded.len() != expected {
                    return Err(damaged());
                }
                Ok(Chunk::Bytes(self.meta.chain.in_order(decoded, self.shape(), element_bytes)))
            }
            None if self.meta.stored == Stored::Texts && !self.meta.chain.has_order() => {
                let limit = self.store.plausible_bytes().min(super::MAX_SLICE_BYTES) as usize;
                let decoded = self.meta.chain.decode(bytes, limit, self.place)?;
                let texts =
                    texts(&decoded).ok_or_else(|| IoError::bad(self.place, "a chunk of text does not decode"))?;
                if texts.len() == n { Ok(Chunk::Texts(texts)) } else { Err(damaged()) }
            }
            None => Err(IoError::bad(self.place, "its type is not one that is read")),
        }
    }
}

/// Texts, each with its length in front, and their number before all.
fn texts(bytes: &[u8]) -> Option<Vec<String>> {
    let (n, mut rest) = bytes.split_first_chunk::<4>()?;
    let n = u32::from_le_bytes(*n) as usize;
    if n > rest.len() / 4 {
        return None;
    }
    let mut texts = Vec::with_capacity(n);
    for _ in 0..n {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (text, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        texts.push(String::from_utf8_lossy(text).into_owned());
        rest = after;
    }
    Some(texts)
}
