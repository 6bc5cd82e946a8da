//! Where written bytes go: what every writer is built on.

use std::io;

/// Bytes that are appended, and a few of them replaced afterwards: a file, a browser's file handle, a buffer.
///
/// Writers append megabytes and never ask for anything back, so that a result may be larger than memory. What can only be
/// known at the end (the length of an HDF5 file, the checksum of a zip entry) is patched then.
pub trait Sink {
    /// Adds bytes at the end.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Replaces bytes that were appended before. Writers patch little and seldom: a sink may be slow at it.
    fn patch(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
}

impl Sink for Vec<u8> {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.try_reserve(bytes.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.extend_from_slice(bytes);
        Ok(())
    }

    fn patch(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let place = start.and_then(|start| self.get_mut(start..start.checked_add(bytes.len())?));
        place.ok_or(io::ErrorKind::InvalidInput)?.copy_from_slice(bytes);
        Ok(())
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub use file::FileSink;

#[cfg(not(target_arch = "wasm32"))]
mod file {
    use std::{
        fs::{self, File},
        io::{self, BufWriter, Read, Seek, SeekFrom, Write},
        path::{Path, PathBuf},
    };

    use super::Sink;

    /// Bytes held back, so that small appends do not each become a system call.
    const BUFFER_BYTES: usize = 1 << 20;

    /// A file of this machine that appears whole or not at all: it is written beside its place and renamed at the end.
    pub struct FileSink {
        file: BufWriter<File>,
        part: PathBuf,
        path: PathBuf,
        finished: bool,
    }

    impl FileSink {
        /// Begins a file. Nothing stands at `path`, or what stood there stays, until [`FileSink::finish`].
        pub fn create(path: &Path) -> io::Result<Self> {
            let name = path.file_name().ok_or(io::Error::other("the output has no file name"))?;
            let mut hidden = std::ffi::OsString::from(".");
            hidden.push(name);
            hidden.push(format!(".{}.part", std::process::id()));
            let part = path.with_file_name(hidden);
            let file = BufWriter::with_capacity(BUFFER_BYTES, File::create(&part)?);
            Ok(Self { file, part, path: path.to_owned(), finished: false })
        }

        /// Puts the file in its place.
        pub fn finish(mut self) -> io::Result<()> {
            self.file.flush()?;
            self.file.get_ref().sync_all()?;
            fs::rename(&self.part, &self.path)?;
            self.finished = true;
            Ok(())
        }

        /// Gives all bytes again, in order, instead of putting the file in its place.
        pub fn read_back(mut self, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
            self.file.flush()?;
            let mut file = File::open(&self.part)?;
            let mut buffer = vec![0; BUFFER_BYTES];
            loop {
                match file.read(&mut buffer)? {
                    0 => return Ok(()),
                    n => take(&buffer[..n])?,
                }
            }
        }
    }

    impl Sink for FileSink {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.file.write_all(bytes)
        }

        fn patch(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
            self.file.seek(SeekFrom::Start(offset))?;
            self.file.write_all(bytes)?;
            self.file.seek(SeekFrom::End(0))?;
            Ok(())
        }
    }

    impl Drop for FileSink {
        fn drop(&mut self) {
            if !self.finished {
                // Whatever ended the work is the error to tell; the leftover may not even exist.
                let _ = fs::remove_file(&self.part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(sink: &mut impl Sink) {
        sink.append(b"0123").unwrap();
        sink.append(b"4567").unwrap();
        sink.patch(2, b"xyz").unwrap();
        sink.append(b"89").unwrap();
    }

    #[test]
    fn a_buffer_takes_patches_of_what_it_has() {
        let mut bytes = Vec::new();
        fill(&mut bytes);
        assert_eq!(bytes, b"01xyz56789");
        assert!(bytes.patch(9, b"ab").is_err());
        assert!(bytes.patch(u64::MAX, b"a").is_err());
    }

    #[test]
    fn a_file_appears_when_it_is_finished_and_leaves_nothing_otherwise() {
        let folder = std::env::temp_dir().join(format!("resitu-sink-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("out");
        let entries = || std::fs::read_dir(&folder).unwrap().count();
        let mut sink = FileSink::create(&path).unwrap();
        fill(&mut sink);
        assert!(!path.exists());
        drop(sink);
        assert_eq!(entries(), 0);
        let mut sink = FileSink::create(&path).unwrap();
        fill(&mut sink);
        sink.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"01xyz56789");
        assert_eq!(entries(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
