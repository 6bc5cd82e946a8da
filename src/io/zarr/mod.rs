//! Zarr, versions 2 and 3: groups and arrays in a folder of small files, each array in chunks of their own.
//!
//! A small strict reader instead of the crate `zarrs`: that one needs C for Zstandard even in wasm, and for Blosc a port
//! at version 0.0.7; what AnnData and SpatialData write needs neither.

mod array;
mod chain;
mod chunks;
mod json;
mod metadata;
mod store;
mod tree;

pub(super) use store::Store;
pub(super) use tree::ZarrTree;

/// Chunks are decoded whole, so their size bounds the memory of any slice.
const MAX_CHUNK_BYTES: u64 = 512 << 20;
/// One slice, or one column read whole: the names of 16 million cells.
const MAX_SLICE_BYTES: u64 = 256 << 20;
