//! Zarr, versions 2 and 3: groups and arrays in a folder of small files, each array in chunks of their own.
//!
//! A small strict reader instead of the crate `zarrs`: that one needs C for Zstandard even in wasm, and for Blosc a port
//! at version 0.0.7; what AnnData and SpatialData write needs neither.

mod array;
mod chain;
mod chunks;
mod metadata;
mod store;

pub(super) use store::{Store, ZarrTree};
