//! A browser `File` as a [`Source`]: read by slices, synchronously, which browsers allow in workers alone.

use std::{
    io::{Error, ErrorKind, Result},
    rc::Rc,
};

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

use crate::io::{
    Source,
    ahead::{ReadAhead, Slices},
};

/// A `Blob` or `File` on the user's disk.
pub(super) struct BrowserFile {
    slices: BlobSlices,
    len: u64,
    number: usize,
    ahead: Rc<ReadAhead<Uint8Array>>,
}

struct BlobSlices {
    blob: Blob,
    reader: FileReaderSync,
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
    /// Files that belong together: a Zarr store has one a chunk.
    pub(super) fn all(blobs: Vec<Blob>, reader: &FileReaderSync) -> impl Iterator<Item = Self> {
        let ahead = Rc::new(ReadAhead::default());
        blobs.into_iter().enumerate().map(move |(number, blob)| {
            let len = blob.size() as u64;
            Self { slices: BlobSlices { blob, reader: reader.clone() }, len, number, ahead: ahead.clone() }
        })
    }
}

impl Slices for BlobSlices {
    // Left where the browser puts them: they are copied into the module's memory once, where they are wanted.
    type Bytes = Uint8Array;

    fn slice(&self, offset: u64, len: usize) -> Result<Uint8Array> {
        let (start, end) = (offset as f64, (offset + len as u64) as f64);
        // A file that was moved or changed since it was chosen cannot be read: the browser throws NotReadableError.
        let unreadable = |_: JsValue| Error::from(ErrorKind::NotFound);
        let slice = self.blob.slice_with_f64_and_f64(start, end).map_err(unreadable)?;
        let bytes = Uint8Array::new(self.reader.read_as_array_buffer(&slice).map_err(unreadable)?.as_ref());
        if bytes.length() as usize != len {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }

    fn copy(bytes: &Uint8Array, skip: usize, out: &mut [u8]) {
        bytes.subarray(skip as u32, (skip + out.len()) as u32).copy_to(out);
    }
}

impl Source for BrowserFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.ahead.read(&self.slices, self.number, self.len, offset, buffer)
    }
}
