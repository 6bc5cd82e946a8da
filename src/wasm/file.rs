//! A browser `File` as a [`Source`]: read by slices, synchronously, which browsers allow in workers alone.

use std::io::{Error, ErrorKind, Result};

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

use crate::io::Source;

/// The most that is asked of the browser at once: each slice passes through a buffer of its own outside the module.
const SLICE_BYTES: usize = 4 << 20;

/// A `Blob` or `File` on the user's disk. The reader above it caches small reads, so this one does not.
pub(super) struct BrowserFile {
    blob: Blob,
    reader: FileReaderSync,
    len: u64,
}

// SAFETY: `Source` asks for `Send + Sync`, which JavaScript values are not, because they belong to one thread's realm.
// This module is built without threads (checked below), so there is no other thread to send them to or share them with.
unsafe impl Send for BrowserFile {}
// SAFETY: as above.
unsafe impl Sync for BrowserFile {}

#[cfg(target_feature = "atomics")]
compile_error!(
    "BrowserFile is sound in single-threaded wasm alone; give it a thread-bound handle before using threads"
);

impl BrowserFile {
    /// `reader` serves any number of files: a Zarr store has one a chunk.
    pub(super) fn new(blob: Blob, reader: &FileReaderSync) -> Self {
        let len = blob.size() as u64;
        Self { reader: reader.clone(), blob, len }
    }

    fn read_slice(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let (start, end) = (offset as f64, (offset + buffer.len() as u64) as f64);
        // A file that was moved or changed since it was chosen cannot be read: the browser throws NotReadableError.
        let unreadable = |_: JsValue| Error::from(ErrorKind::NotFound);
        let slice = self.blob.slice_with_f64_and_f64(start, end).map_err(unreadable)?;
        let bytes = Uint8Array::new(self.reader.read_as_array_buffer(&slice).map_err(unreadable)?.as_ref());
        if bytes.length() as usize != buffer.len() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        bytes.copy_to(buffer);
        Ok(())
    }
}

impl Source for BrowserFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let end = offset.checked_add(buffer.len() as u64).ok_or(ErrorKind::UnexpectedEof)?;
        if end > self.len {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut at = offset;
        for slice in buffer.chunks_mut(SLICE_BYTES) {
            self.read_slice(at, slice)?;
            at += slice.len() as u64;
        }
        Ok(())
    }
}
