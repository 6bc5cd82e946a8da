//! Packed files unpacked into memory for random access: few at a time, within one budget for the archive.

use std::{
    io::{self, ErrorKind, Read},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    super::{Source, files::Packed},
    MAX_HELD_BYTES,
};

/// What one archive holds unpacked, the latest last.
#[derive(Default)]
pub(super) struct Held {
    files: Mutex<Vec<(usize, Arc<Vec<u8>>)>>,
}

/// A packed file that is unpacked when it is first read at some offset.
pub(super) struct Unpacked {
    pub(super) held: Arc<Held>,
    /// Its number in the archive.
    pub(super) number: usize,
    pub(super) packed: Arc<dyn Packed>,
    pub(super) len: u64,
}

impl Unpacked {
    fn content(&self) -> io::Result<Arc<Vec<u8>>> {
        let mut files = self.held.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, content)) = files.iter().find(|(number, _)| *number == self.number) {
            return Ok(content.clone());
        }
        if self.len > MAX_HELD_BYTES {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let others = |files: &[(usize, Arc<Vec<u8>>)]| files.iter().map(|(_, file)| file.len() as u64).sum::<u64>();
        while !files.is_empty() && others(&files) + self.len > MAX_HELD_BYTES {
            files.remove(0);
        }
        let mut content = Vec::new();
        let stream = self.packed.stream().map_err(|_| ErrorKind::InvalidData)?;
        stream.take(self.len + 1).read_to_end(&mut content)?;
        if content.len() as u64 != self.len {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let content = Arc::new(content);
        files.push((self.number, content.clone()));
        Ok(content)
    }
}

impl Source for Unpacked {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let content = self.content()?;
        let start = usize::try_from(offset).ok();
        let bytes = start.and_then(|start| content.get(start..start.checked_add(buffer.len())?));
        buffer.copy_from_slice(bytes.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}
