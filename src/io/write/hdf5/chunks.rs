//! Arrays whose rows arrive in parts: deflated chunks, and the B-tree that finds them.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};

use super::{
    DEFLATE_LEVEL, Dataset, Element, Hdf5, UNDEFINED,
    element::Number,
    tree::{Layout, Shape},
};
use crate::io::{IoError, Sink, write::failed};

/// Elements of a chunk, about: half a megabyte of `f32`, which readers hold at once.
const CHUNK_ELEMENTS: usize = 1 << 17;
/// Arrays of fewer bytes are stored as they are.
const LEAST_CHUNKED_BYTES: usize = 1024;
/// Elements whose bytes are made at once.
const PART_ELEMENTS: usize = 1 << 14;
/// Children of a full B-tree node: what readers assume where the file does not say otherwise.
const FAN_OUT: usize = 64;

/// A list, a table or an array of more dimensions under construction, written by whole chunks of rows.
pub(in crate::io::write) struct Rows {
    element: Element,
    /// Every dimension but the first: none for a list.
    row_shape: Vec<usize>,
    /// Rows of a chunk.
    chunk_rows: usize,
    /// Rows that do not fill a chunk yet.
    buffer: Vec<u8>,
    n_rows: u64,
    chunks: Vec<Chunk>,
}

/// Where a chunk lies, and how many bytes it takes.
pub(super) struct Chunk {
    address: u64,
    size: u32,
}

impl Rows {
    pub(in crate::io::write) fn list(element: Element) -> Self {
        Self::array(element, Vec::new())
    }

    /// Rows of `width` elements.
    pub(in crate::io::write) fn table(element: Element, width: usize) -> Self {
        Self::array(element, vec![width])
    }

    /// Rows that are arrays themselves.
    pub(in crate::io::write) fn array(element: Element, row_shape: Vec<usize>) -> Self {
        let chunk_rows = (CHUNK_ELEMENTS / width(&row_shape).max(1)).max(1);
        Self { element, row_shape, chunk_rows, buffer: Vec::new(), n_rows: 0, chunks: Vec::new() }
    }

    /// Adds whole rows: little-endian elements.
    pub(in crate::io::write) fn push<S: Sink>(&mut self, out: &mut Hdf5<S>, bytes: &[u8]) -> Result<(), IoError> {
        let row_bytes = self.row_bytes()?;
        if row_bytes == 0 {
            return if bytes.is_empty() { Ok(()) } else { Err(ragged()) };
        }
        if !bytes.len().is_multiple_of(row_bytes) {
            return Err(ragged());
        }
        self.n_rows += (bytes.len() / row_bytes) as u64;
        let chunk_bytes = row_bytes * self.chunk_rows;
        let mut rest = bytes;
        while self.buffer.len() + rest.len() >= chunk_bytes {
            let (head, tail) = rest.split_at(chunk_bytes - self.buffer.len());
            self.buffer.extend_from_slice(head);
            self.write_chunk(out)?;
            rest = tail;
        }
        self.buffer.extend_from_slice(rest);
        Ok(())
    }

    /// Adds whole rows of numbers, stored as this array's elements are: an integer or float of another width is converted,
    /// and the caller has seen to it that it fits.
    pub(in crate::io::write) fn extend<S: Sink, N: Number>(
        &mut self,
        out: &mut Hdf5<S>,
        values: &[N],
    ) -> Result<(), IoError> {
        // By parts: the bytes of all would double the memory.
        let width = width(&self.row_shape);
        let part = (PART_ELEMENTS / width.max(1)).max(1).saturating_mul(width);
        let mut bytes = Vec::with_capacity(part.min(values.len()) * self.element.size());
        for part in values.chunks(part.max(1)) {
            bytes.clear();
            part.iter().for_each(|value| value.store(self.element, &mut bytes));
            self.push(out, &bytes)?;
        }
        Ok(())
    }

    /// Rows so far.
    pub(in crate::io::write) fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// Rows without an element cannot be pushed: says how many there are.
    pub(in crate::io::write) fn count_empty_rows(&mut self, n_rows: u64) {
        if self.row_shape == [0] {
            self.n_rows = n_rows;
        }
    }

    /// Writes what is left, and the index.
    pub(in crate::io::write) fn finish<S: Sink>(mut self, out: &mut Hdf5<S>) -> Result<Dataset, IoError> {
        let mut shape = vec![self.n_rows];
        shape.extend(self.row_shape.iter().map(|edge| *edge as u64));
        let element = self.element;
        let dataset = |layout| Dataset::new(element, Shape::Of(shape), layout);
        if self.chunks.is_empty() && self.buffer.len() < LEAST_CHUNKED_BYTES {
            let size = self.buffer.len() as u64;
            let address = if size == 0 { UNDEFINED } else { out.append(&self.buffer)? };
            return Ok(dataset(Layout::Whole { address, size }));
        }
        if self.chunks.is_empty() {
            // A short array is one chunk of its own length.
            self.chunk_rows = self.n_rows as usize;
        }
        if !self.buffer.is_empty() {
            // Every chunk has the full size; readers leave out what lies beyond the shape.
            self.buffer.resize(self.row_bytes()? * self.chunk_rows, 0);
            self.write_chunk(out)?;
        }
        let mut edges = vec![self.chunk_rows as u32];
        edges.extend(self.row_shape.iter().map(|edge| *edge as u32));
        let index = write_index(out, &self.chunks, &edges, self.element)?;
        Ok(dataset(Layout::Chunked { index, edges }))
    }

    fn row_bytes(&self) -> Result<usize, IoError> {
        let bytes = width(&self.row_shape).checked_mul(self.element.size());
        // A chunk has less than 4 GB, and holds at least one row.
        bytes
            .filter(|bytes| *bytes < 1 << 30)
            .ok_or(IoError::WriteFailed("a row is longer than HDF5 can store in a chunk".into()))
    }

    fn write_chunk<S: Sink>(&mut self, out: &mut Hdf5<S>) -> Result<(), IoError> {
        let shuffled = shuffle(&self.buffer, self.element.size());
        let mut encoder = ZlibEncoder::new(Vec::with_capacity(shuffled.len() / 2), Compression::new(DEFLATE_LEVEL));
        encoder.write_all(&shuffled).map_err(failed)?;
        let deflated = encoder.finish().map_err(failed)?;
        let size = u32::try_from(deflated.len())
            .map_err(|_| IoError::WriteFailed("a row is longer than HDF5 can store in a chunk".into()))?;
        self.chunks.push(Chunk { address: out.append(&deflated)?, size });
        self.buffer.clear();
        Ok(())
    }
}

/// Elements of a row; a number too large to be one if it cannot be counted.
fn width(row_shape: &[usize]) -> usize {
    row_shape.iter().fold(1, |width, edge| width.saturating_mul(*edge))
}

fn ragged() -> IoError {
    IoError::WriteFailed("a part of an array does not fill whole rows".into())
}

/// The first bytes of all elements, then the second, …: like bytes deflate better.
fn shuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let n = bytes.len() / size;
    let mut shuffled = vec![0; bytes.len()];
    for (at, lane) in shuffled.chunks_exact_mut(n.max(1)).enumerate() {
        lane.iter_mut().zip(bytes[at..].iter().step_by(size)).for_each(|(to, from)| *to = *from);
    }
    shuffled
}

/// Writes the B-tree over the chunks, which cut the rows alone, and gives its root. O(chunks).
fn write_index<S: Sink>(out: &mut Hdf5<S>, chunks: &[Chunk], edges: &[u32], element: Element) -> Result<u64, IoError> {
    let chunk_rows = u64::from(edges[0]);
    // The key of chunk `i`: its stored size, no filter left out, and the coordinates of its first element.
    let key = |i: usize| {
        let mut key = chunks.get(i).map_or(0, |chunk| chunk.size).to_le_bytes().to_vec();
        key.extend(0_u32.to_le_bytes());
        key.extend((i as u64 * chunk_rows).to_le_bytes());
        // The key after the last chunk lies past every edge.
        let past = u64::from(i == chunks.len());
        key.extend(edges[1..].iter().flat_map(|edge| (past * u64::from(*edge)).to_le_bytes()));
        key.extend((past * element.size() as u64).to_le_bytes());
        key
    };
    let key_bytes = 8 + 8 * (edges.len() + 1);
    let node_bytes = 24 + (FAN_OUT + 1) * key_bytes + FAN_OUT * 8;

    // Children of the level being written: where each lies, and its first chunk.
    let mut children: Vec<(u64, usize)> = chunks.iter().enumerate().map(|(i, chunk)| (chunk.address, i)).collect();
    for level in 0_u8.. {
        let n_nodes = children.len().div_ceil(FAN_OUT);
        let mut nodes = Vec::with_capacity(n_nodes * node_bytes);
        let start = out.position.next_multiple_of(8);
        let address = |node: usize| start + (node * node_bytes) as u64;
        for (node, group) in children.chunks(FAN_OUT).enumerate() {
            nodes.extend(b"TREE\x01");
            nodes.push(level);
            nodes.extend((group.len() as u16).to_le_bytes());
            let left = node.checked_sub(1).map_or(UNDEFINED, address);
            let right = if node + 1 < n_nodes { address(node + 1) } else { UNDEFINED };
            nodes.extend(left.to_le_bytes());
            nodes.extend(right.to_le_bytes());
            for (child, first) in group {
                nodes.extend(key(*first));
                nodes.extend(child.to_le_bytes());
            }
            nodes.extend(key(children.get((node + 1) * FAN_OUT).map_or(chunks.len(), |(_, first)| *first)));
            nodes.resize((node + 1) * node_bytes, 0);
        }
        out.append(&nodes)?;
        children = (0..n_nodes).map(|node| (address(node), children[node * FAN_OUT].1)).collect();
        if n_nodes == 1 {
            break;
        }
    }
    Ok(children[0].0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::write::hdf5::Group;

    #[test]
    fn bytes_of_like_significance_come_together() {
        assert_eq!(shuffle(&[1, 2, 3, 11, 12, 13], 3), [1, 11, 2, 12, 3, 13]);
        assert!(shuffle(&[], 4).is_empty());
    }

    /// Values in chunks of two rows: as many levels of the B-tree as `n_rows` asks for.
    fn written_in_small_chunks(width: usize, values: &[i32]) -> Vec<u8> {
        let mut out = Hdf5::new(Vec::new()).unwrap();
        let mut rows = Rows { chunk_rows: 2, ..Rows::table(Element::I32, width) };
        // In parts that fit neither a chunk nor each other.
        for part in values.chunks(width * 5) {
            rows.extend(&mut out, part).unwrap();
        }
        let mut root = Group::default();
        root.array("values", rows.finish(&mut out).unwrap());
        out.finish(root).unwrap()
    }

    #[test]
    fn chunks_are_found_through_every_level_of_the_tree() {
        for n_rows in [1, 2, 3, 300, 2 * 64, 2 * 64 + 1, 2 * 64 * 64 + 1] {
            let values: Vec<i32> = (0..n_rows * 3).map(|i| i * 7919 % 1001 - 500).collect();
            let file = hdf5_pure::File::from_bytes(written_in_small_chunks(3, &values)).unwrap();
            let dataset = file.dataset("values").unwrap();
            assert_eq!(dataset.shape().unwrap(), [n_rows as u64, 3]);
            assert_eq!(dataset.read::<i32>().unwrap(), values, "{n_rows} rows");
        }
    }

    #[test]
    fn rows_that_do_not_fill_are_refused() {
        let mut out = Hdf5::new(Vec::new()).unwrap();
        assert!(Rows::table(Element::F32, 3).extend(&mut out, &[1.0_f32, 2.0]).is_err());
        assert!(Rows::table(Element::F32, 0).extend(&mut out, &[1.0_f32]).is_err());
        assert!(Rows::table(Element::F32, usize::MAX).extend(&mut out, &[1.0_f32]).is_err());
    }
}
