//! Texts of any length: they lie in global heaps, and arrays hold their addresses.

use super::{Dataset, Element, Hdf5, Rows};
use crate::io::{IoError, Sink};

/// The heap is written when it holds so much.
const HEAP_BYTES: usize = 1 << 16;
/// HDF5 refuses smaller heaps.
const LEAST_HEAP_BYTES: usize = 4096;
const HEADER_BYTES: usize = 16;

/// A global heap under construction: texts that are not written yet.
#[derive(Default)]
pub(super) struct Heap {
    objects: Vec<u8>,
    /// Length of each text since the last heap was written, and its number in this one; 0 for an empty text.
    texts: Vec<(u32, u16)>,
    n_objects: u16,
}

impl Heap {
    /// Holds a text until the heap is written.
    pub(super) fn push(&mut self, text: &str) -> Result<(), IoError> {
        let length =
            u32::try_from(text.len()).map_err(|_| IoError::WriteFailed("a text is longer than 4 GB".into()))?;
        if length == 0 {
            self.texts.push((0, 0));
            return Ok(());
        }
        self.n_objects += 1;
        self.objects.extend(self.n_objects.to_le_bytes());
        self.objects.extend([1, 0, 0, 0, 0, 0]); // one reference
        self.objects.extend(u64::from(length).to_le_bytes());
        self.objects.extend(text.as_bytes());
        self.objects.resize(self.objects.len().next_multiple_of(8), 0);
        self.texts.push((length, self.n_objects));
        Ok(())
    }

    /// Whether it is time to write. An object takes at least 24 bytes, so their number stays far below 65,536; the texts
    /// are counted because empty ones take no space.
    pub(super) fn is_full(&self) -> bool {
        self.objects.len() >= HEAP_BYTES || self.texts.len() >= HEAP_BYTES
    }

    /// Writes the heap and gives the elements that point into it, 16 bytes a text.
    pub(super) fn write<S: Sink>(&mut self, out: &mut Hdf5<S>) -> Result<Vec<u8>, IoError> {
        let mut address = 0;
        if self.n_objects > 0 {
            let used = HEADER_BYTES + self.objects.len();
            // What is left over is the free space, object 0, which needs a header of its own.
            let size = (used + HEADER_BYTES).max(LEAST_HEAP_BYTES);
            let mut bytes = b"GCOL\x01\0\0\0".to_vec();
            bytes.extend((size as u64).to_le_bytes());
            bytes.append(&mut self.objects);
            bytes.extend([0; 8]);
            bytes.extend(((size - used) as u64).to_le_bytes());
            bytes.resize(size, 0);
            address = out.append(&bytes)?;
        }
        let mut elements = Vec::with_capacity(self.texts.len() * Element::Text.size());
        for (length, number) in self.texts.drain(..) {
            elements.extend(length.to_le_bytes());
            elements.extend(if number == 0 { 0 } else { address }.to_le_bytes());
            elements.extend(u32::from(number).to_le_bytes());
        }
        self.n_objects = 0;
        Ok(elements)
    }
}

/// A list of texts under construction.
pub(in crate::io::write) struct Texts {
    heap: Heap,
    rows: Rows,
    n_texts: u64,
}

impl Texts {
    pub(in crate::io::write) fn new() -> Self {
        Self { heap: Heap::default(), rows: Rows::list(Element::Text), n_texts: 0 }
    }

    /// Texts so far.
    pub(in crate::io::write) fn n_texts(&self) -> u64 {
        self.n_texts
    }

    pub(in crate::io::write) fn push<S: Sink>(&mut self, out: &mut Hdf5<S>, text: &str) -> Result<(), IoError> {
        self.n_texts += 1;
        self.heap.push(text)?;
        if self.heap.is_full() { self.flush(out) } else { Ok(()) }
    }

    pub(in crate::io::write) fn finish<S: Sink>(mut self, out: &mut Hdf5<S>) -> Result<Dataset, IoError> {
        self.flush(out)?;
        self.rows.finish(out)
    }

    fn flush<S: Sink>(&mut self, out: &mut Hdf5<S>) -> Result<(), IoError> {
        let elements = self.heap.write(out)?;
        self.rows.push(out, &elements)
    }
}
