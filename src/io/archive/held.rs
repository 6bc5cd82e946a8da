//! Packed files unpacked into memory for random access: few at a time, within one budget for the archive.
//!
//! Deflate reaches 1,000 to 1, which a file that was made to do harm uses. Files of cells reach some 30 to 1 at best, so
//! that the budget is smaller than what deflate alone could justify.

use std::{
    io::{self, ErrorKind, Read},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    super::{Source, files::Packed},
    MAX_HELD_BYTES,
};

/// Bytes in memory that a byte of an archive can justify.
const MAX_RATIO: u64 = 64;
/// Small archives may hold this much whatever the ratio.
const ALWAYS_ALLOWED_BYTES: u64 = 32 << 20;
const BLOCK_BYTES: u64 = 1 << 20;

/// What an archive of this size may hold unpacked.
pub(super) fn budget(archive_bytes: u64) -> u64 {
    archive_bytes.saturating_mul(MAX_RATIO).clamp(ALWAYS_ALLOWED_BYTES, MAX_HELD_BYTES)
}

/// Unpacked bytes, in blocks: one growing buffer would take twice as much while it moves.
pub(super) struct Content {
    blocks: Vec<Vec<u8>>,
    len: u64,
}

impl Content {
    /// Everything that `stream` gives. Fails with `FileTooLarge` if that is more than `limit` bytes.
    pub(super) fn read(stream: &mut dyn Read, limit: u64) -> io::Result<Self> {
        let (mut blocks, mut len) = (Vec::new(), 0);
        loop {
            let mut block = Vec::new();
            let count = stream.take(BLOCK_BYTES).read_to_end(&mut block)? as u64;
            if count == 0 {
                return Ok(Self { blocks, len });
            }
            len += count;
            if len > limit {
                return Err(ErrorKind::FileTooLarge.into());
            }
            block.shrink_to_fit();
            blocks.push(block);
        }
    }
}

impl Source for Content {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.len);
        end.ok_or(ErrorKind::UnexpectedEof)?;
        // All blocks but the last are full.
        let mut within = (offset % BLOCK_BYTES) as usize;
        for block in self.blocks.iter().skip((offset / BLOCK_BYTES) as usize) {
            let bytes = block.get(within..).unwrap_or_default();
            let (now, later) = buffer.split_at_mut(bytes.len().min(buffer.len()));
            now.copy_from_slice(&bytes[..now.len()]);
            if later.is_empty() {
                break;
            }
            (buffer, within) = (later, 0);
        }
        Ok(())
    }
}

/// What one archive holds unpacked, the latest last.
pub(super) struct Held {
    files: Mutex<Vec<(usize, Arc<Content>)>>,
    budget: u64,
}

impl Held {
    /// Nothing yet, and at most `budget` bytes later.
    pub(super) fn within(budget: u64) -> Self {
        Self { files: Mutex::default(), budget }
    }
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
    fn content(&self) -> io::Result<Arc<Content>> {
        let mut files = self.held.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, content)) = files.iter().find(|(number, _)| *number == self.number) {
            return Ok(content.clone());
        }
        if self.len > self.held.budget {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let total = |files: &[(usize, Arc<Content>)]| files.iter().map(|(_, file)| file.len).sum::<u64>();
        while !files.is_empty() && total(&files) + self.len > self.held.budget {
            files.remove(0);
        }
        let mut stream = self.packed.stream().map_err(|_| ErrorKind::InvalidData)?;
        let content = Arc::new(Content::read(&mut *stream, self.len)?);
        if content.len != self.len {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        files.push((self.number, content.clone()));
        Ok(content)
    }
}

impl Source for Unpacked {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.content()?.read_at(offset, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_in_blocks_is_read_like_one_piece() {
        let bytes: Vec<u8> = (0..5u32 << 18).flat_map(|at| at.to_le_bytes()[..2].to_vec()).collect();
        let content = Content::read(&mut &bytes[..], 1 << 30).unwrap();
        assert_eq!(content.len(), bytes.len() as u64);
        let block = BLOCK_BYTES as usize;
        for (start, end) in
            [(0, 5), (block - 1, block + 1), (block, 2 * block), (7, bytes.len()), (bytes.len(), bytes.len())]
        {
            let mut part = vec![0; end - start];
            content.read_at(start as u64, &mut part).unwrap();
            assert!(part == bytes[start..end], "{start}..{end}");
        }
        for offset in [bytes.len() as u64 - 1, u64::MAX] {
            assert!(content.read_at(offset, &mut [0; 2]).is_err());
        }
        assert_eq!(Content::read(&mut &bytes[..], 99).err().unwrap().kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    fn the_budget_follows_the_size_of_the_archive() {
        assert_eq!([0, 1 << 20, 1 << 40].map(budget), [32 << 20, 64 << 20, 512 << 20]);
    }
}
