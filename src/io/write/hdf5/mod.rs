//! An append-only HDF5 writer: what an h5ad file needs, and nothing else.
//!
//! hdf5-pure, which reads for us, builds a whole file in memory before it gives any of it out; its in-place editor needs a
//! real file. Neither can write a result larger than memory from a browser. The part of the format that h5ad needs is
//! small, so it is written here: every structure points back only, to what was appended before, and the 48 bytes of the
//! superblock, which say where the root is, are patched last.
//!
//! The files use what HDF5 1.8 (2008) reads: superblock 2, object headers 2 with compact links and attributes, chunks
//! found by version 1 B-trees, shuffle and deflate. [Specification](https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html).

mod chunks;
mod element;
mod header;
mod heap;
mod tree;

pub(super) use chunks::Rows;
pub(super) use element::{Element, Number};
pub(super) use heap::Texts;
pub(super) use tree::{Attribute, Dataset, Group};

use super::failed;
use crate::io::{IoError, Sink};

/// An address that leads nowhere.
const UNDEFINED: u64 = u64::MAX;
/// Of chunks. Higher levels cost much time for little space on expression values.
const DEFLATE_LEVEL: u32 = 4;
const SUPERBLOCK_BYTES: usize = 48;

/// A file under construction: what is appended, and where the next byte will be.
pub(super) struct Hdf5<S> {
    sink: S,
    position: u64,
}

impl<S: Sink> Hdf5<S> {
    pub(super) fn new(mut sink: S) -> Result<Self, IoError> {
        sink.append(&[0; SUPERBLOCK_BYTES]).map_err(failed)?;
        Ok(Self { sink, position: SUPERBLOCK_BYTES as u64 })
    }

    /// Appends at a multiple of 8, as heaps and headers want, and says where.
    fn append(&mut self, bytes: &[u8]) -> Result<u64, IoError> {
        let padding = (self.position.next_multiple_of(8) - self.position) as usize;
        self.sink.append(&[0; 8][..padding]).map_err(failed)?;
        self.sink.append(bytes).map_err(failed)?;
        let at = self.position + padding as u64;
        self.position = at + bytes.len() as u64;
        Ok(at)
    }

    /// Writes the tree of groups and the superblock; gives the sink back.
    pub(super) fn finish(mut self, root: Group) -> Result<S, IoError> {
        let root = root.write_tree(&mut self)?;
        let mut superblock = b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00".to_vec();
        for address in [0, UNDEFINED, self.position, root] {
            superblock.extend(address.to_le_bytes());
        }
        let checksum = header::checksum(&superblock);
        superblock.extend(checksum.to_le_bytes());
        self.sink.patch(0, &superblock).map_err(failed)?;
        Ok(self.sink)
    }
}
