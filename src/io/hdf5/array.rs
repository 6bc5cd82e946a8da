//! One HDF5 dataset, checked when it is opened and read by slices of rows.

use std::{
    mem::take,
    ops::Range,
    sync::{Mutex, OnceLock, PoisonError},
};

use hdf5_pure::{Datatype, Layout, VlenStringReadOptions};

use super::{
    super::{
        IoError,
        scalar::Scalar,
        tree::{Array, Element},
    },
    direct::Direct,
    guard::{Guard, chunk_bytes, filter_name, is_supported_filter},
};

/// No sound compressor of HDF5 shrinks bytes further than deflate's 1,032 : 1; a claimed size beyond that is false.
const MAX_EXPANSION: u64 = 1100;
/// Chunks are inflated whole, so their size bounds the memory of any slice.
const MAX_CHUNK_BYTES: u64 = 512 << 20;
/// One slice, or one column read whole: the names of 16 million cells.
const MAX_SLICE_BYTES: u64 = 256 << 20;

/// A dataset of the file.
pub(super) struct Hdf5Array {
    dataset: hdf5_pure::Dataset,
    guard: Guard,
    place: &'static str,
    shape: Vec<u64>,
    element: Element,
    element_bytes: u64,
    chunk_bytes: u64,
    chunk_rows: usize,
    is_vlen_text: bool,
    layout: Layout,
    filters: Vec<u16>,
    /// Made when the addresses of the chunks are checked, which is done once, before the first read.
    direct: OnceLock<Option<Direct>>,
    /// Bytes that are decoded into other numbers, kept for the next slice.
    buffer: Mutex<Vec<u8>>,
}

impl Hdf5Array {
    /// Checks filters, storage and sizes. Nothing is read but the header.
    pub(super) fn new(dataset: hdf5_pure::Dataset, guard: Guard, place: &'static str) -> Result<Self, IoError> {
        let (shape, datatype, layout, filters) =
            guard.run(place, || Ok((dataset.shape()?, dataset.datatype()?, dataset.layout()?, dataset.filters())))?;
        if let Some(&id) = filters.iter().find(|id| !is_supported_filter(**id)) {
            return Err(IoError::UnsupportedFilter(filter_name(id)));
        }
        let element_bytes = guard.run(place, || dataset.element_size())?;
        let bytes = shape.iter().try_fold(element_bytes, |bytes, &edge| bytes.checked_mul(edge));
        let plausible = guard.file_bytes.saturating_mul(MAX_EXPANSION).saturating_add(1 << 16);
        if bytes.is_none_or(|bytes| bytes > plausible) {
            return Err(IoError::large(place, "it claims more values than the file can hold"));
        }
        let chunk_bytes = match &layout {
            Layout::Virtual => return Err(IoError::bad(place, "its values are kept in another file")),
            layout => chunk_bytes(layout, element_bytes).filter(|bytes| *bytes <= MAX_CHUNK_BYTES),
        };
        let chunk_bytes = chunk_bytes.ok_or(IoError::large(place, "its chunks are larger than 512 MiB"))?;
        let chunk_rows = match &layout {
            Layout::Chunked { chunk_shape, .. } => chunk_shape.first().copied().unwrap_or(1),
            _ => 1,
        };
        let is_vlen_text = matches!(datatype, Datatype::VariableLength { is_string: true, .. });
        let element = match &datatype {
            Datatype::String { .. } => Element::Text,
            _ if is_vlen_text => Element::Text,
            Datatype::Compound { .. } => Element::Record(datatype),
            other => Scalar::of(other).map_or(Element::Other, Element::Number),
        };
        Ok(Self {
            dataset,
            guard,
            place,
            shape,
            element,
            element_bytes,
            chunk_bytes,
            chunk_rows: usize::try_from(chunk_rows).unwrap_or(usize::MAX),
            is_vlen_text,
            layout,
            filters,
            direct: OnceLock::new(),
            buffer: Mutex::default(),
        })
    }

    pub(super) fn chunk_bytes(&self) -> u64 {
        self.chunk_bytes
    }

    /// Checks that every chunk lies in the file: the library allocates what the chunk index says before it looks. Gives
    /// what can be read without the library.
    fn check_chunks(&self) -> Result<Option<&Direct>, IoError> {
        if let Some(direct) = self.direct.get() {
            return Ok(direct.as_ref());
        }
        let direct = if self.chunk_bytes == 0 {
            Direct::run(&self.layout, &self.shape, self.element_bytes, self.guard.file_bytes)
        } else {
            let chunks = self.guard.run(self.place, || self.dataset.chunks())?;
            let lies_inside = |chunk: &hdf5_pure::Chunk| {
                chunk.address.checked_add(chunk.storage_size).is_some_and(|end| end <= self.guard.file_bytes)
            };
            if !chunks.iter().all(lies_inside) {
                return Err(IoError::bad(self.place, "a chunk of it lies outside the file"));
            }
            Direct::chunked(&self.layout, &self.shape, self.element_bytes, &self.filters, chunks)
        };
        Ok(self.direct.get_or_init(|| direct).as_ref())
    }

    /// Fills `out` with the stored bytes of `rows`, whose slice was checked.
    ///
    /// Whole chunks are read directly. Those that are cut by the ends of `rows` come from the library, which keeps them
    /// for the next slice.
    fn read_bytes(&self, rows: Range<usize>, out: &mut [u8]) -> Result<(), IoError> {
        let direct = self.check_chunks()?;
        let covered = direct.map_or(rows.start..rows.start, |direct| direct.covered(&rows));
        let Some(row_bytes) = out.len().checked_div(rows.len()) else { return Ok(()) };
        let (head, rest) = out.split_at_mut((covered.start - rows.start) * row_bytes);
        let (middle, tail) = rest.split_at_mut(covered.len() * row_bytes);
        self.read_by_library(rows.start..covered.start, head)?;
        if let Some(direct) = direct.filter(|_| !covered.is_empty()) {
            direct.read(&*self.guard.source, covered.clone(), middle, self.place)?;
        }
        self.read_by_library(covered.end..rows.end, tail)
    }

    fn read_by_library(&self, rows: Range<usize>, out: &mut [u8]) -> Result<(), IoError> {
        if rows.is_empty() {
            return Ok(());
        }
        let read = || self.dataset.read_raw_rows(rows.start as u64, rows.len() as u64);
        let bytes = self.guard.run(self.place, read)?;
        if bytes.len() != out.len() {
            return Err(IoError::bad(self.place, "it holds fewer values than it says"));
        }
        out.copy_from_slice(&bytes);
        Ok(())
    }

    /// Reads `rows` into a buffer that is used again and again.
    fn with_bytes(&self, rows: Range<usize>, count: usize, decode: impl FnOnce(&[u8])) -> Result<(), IoError> {
        let mut buffer = take(&mut *self.buffer.lock().unwrap_or_else(PoisonError::into_inner));
        buffer.resize(count * self.element_bytes as usize, 0);
        self.read_bytes(rows, &mut buffer)?;
        decode(&buffer);
        *self.buffer.lock().unwrap_or_else(PoisonError::into_inner) = buffer;
        Ok(())
    }

    /// Like [`Hdf5Array::slice`] for a slice that fills `count` numbers.
    fn filled(&self, rows: &Range<usize>, count: usize) -> Result<(), IoError> {
        let (_, _, expected) = self.slice(rows, 4)?;
        if expected != count as u64 {
            return Err(IoError::bad(self.place, "it holds fewer values than it says"));
        }
        Ok(())
    }

    /// Checks that `rows` are there and that they fit in memory; gives start, count and the number of values.
    fn slice(&self, rows: &Range<usize>, bytes_in_memory: u64) -> Result<(u64, u64, u64), IoError> {
        self.check_chunks()?;
        let n_rows = self.shape.first().copied().unwrap_or(1);
        let (start, end) = (rows.start as u64, rows.end as u64);
        if start > end || end > n_rows {
            return Err(IoError::bad(self.place, "rows outside it were asked for"));
        }
        let width = self.shape.iter().skip(1).try_fold(1u64, |width, &edge| width.checked_mul(edge));
        let values = width.and_then(|width| width.checked_mul(end - start));
        values
            .filter(|values| {
                values.checked_mul(bytes_in_memory.max(self.element_bytes)).is_some_and(|b| b <= MAX_SLICE_BYTES)
            })
            .map(|values| (start, end - start, values))
            .ok_or(IoError::large(self.place, "a slice of it exceeds 256 MiB"))
    }

    fn scalar(&self) -> Result<Scalar, IoError> {
        match self.element {
            Element::Number(scalar) => Ok(scalar),
            _ => Err(IoError::bad(self.place, "it does not hold numbers")),
        }
    }

    fn counted<T>(&self, values: Vec<T>, expected: u64) -> Result<Vec<T>, IoError> {
        if values.len() as u64 != expected {
            return Err(IoError::bad(self.place, "it holds fewer values than it says"));
        }
        Ok(values)
    }

    fn read_texts(&self, count: usize) -> Result<Vec<String>, IoError> {
        match self.element {
            Element::Text if self.is_vlen_text => {
                // Texts of variable length lie in the file uncompressed, each once: together they cannot exceed it.
                let limit = usize::try_from(self.guard.file_bytes).unwrap_or(usize::MAX);
                let options = VlenStringReadOptions::new().with_max_elements(count).with_max_payload_bytes(limit);
                self.guard.run(self.place, || self.dataset.read_vlen_strings(options))
            }
            Element::Text => self.guard.run(self.place, || self.dataset.read_string()),
            _ => Err(IoError::bad(self.place, "it does not hold text")),
        }
    }
}

impl Array for Hdf5Array {
    fn shape(&self) -> &[u64] {
        &self.shape
    }

    fn element(&self) -> &Element {
        &self.element
    }

    fn place(&self) -> &'static str {
        self.place
    }

    fn chunk_rows(&self) -> usize {
        self.chunk_rows
    }

    fn f32_rows(&self, rows: Range<usize>) -> Result<Vec<f32>, IoError> {
        let (_, _, count) = self.slice(&rows, 4)?;
        let mut values = vec![0.0; count as usize];
        self.read_f32(rows, &mut values)?;
        Ok(values)
    }

    fn read_f32(&self, rows: Range<usize>, out: &mut [f32]) -> Result<(), IoError> {
        let scalar = self.scalar()?;
        self.filled(&rows, out.len())?;
        if scalar.is_native_f32() {
            return self.read_bytes(rows, bytemuck::cast_slice_mut(out));
        }
        self.with_bytes(rows, out.len(), |bytes| scalar.decode_f32s(bytes, out))
    }

    fn read_u32(&self, rows: Range<usize>, out: &mut [u32]) -> Result<(), IoError> {
        let scalar = self.scalar()?;
        if !scalar.is_integer() {
            return Err(IoError::bad(self.place, "it does not hold whole numbers"));
        }
        self.filled(&rows, out.len())?;
        if scalar.is_native_u32() {
            self.read_bytes(rows, bytemuck::cast_slice_mut(out))?;
            scalar.refuse_negative(out);
            return Ok(());
        }
        self.with_bytes(rows, out.len(), |bytes| scalar.decode_u32s(bytes, out))
    }

    fn f64_rows(&self, rows: Range<usize>) -> Result<Vec<f64>, IoError> {
        let scalar = self.scalar()?;
        let (start, count, expected) = self.slice(&rows, 8)?;
        let values = if scalar.is_half() {
            let bytes = self.guard.run(self.place, || self.dataset.read_raw_rows(start, count))?;
            bytes.chunks_exact(scalar.bytes()).map(|record| scalar.decode(record)).collect()
        } else {
            self.guard.run(self.place, || self.dataset.read_f64_rows(start, count))?
        };
        self.counted(values, expected)
    }

    fn i64_rows(&self, rows: Range<usize>) -> Result<Vec<i64>, IoError> {
        if !self.scalar()?.is_integer() {
            return Err(IoError::bad(self.place, "it does not hold whole numbers"));
        }
        let (start, count, expected) = self.slice(&rows, 8)?;
        let values = self.guard.run(self.place, || self.dataset.read_i64_rows(start, count))?;
        self.counted(values, expected)
    }

    fn texts(&self) -> Result<Vec<String>, IoError> {
        let length = self.length()?;
        let (_, _, expected) = self.slice(&(0..length), 1)?;
        let values = self.read_texts(length)?;
        self.counted(values, expected)
    }

    fn text(&self) -> Result<Option<String>, IoError> {
        if !self.shape.is_empty() || self.element != Element::Text {
            return Ok(None);
        }
        self.check_chunks()?;
        Ok(self.read_texts(1)?.into_iter().next())
    }

    fn records(&self) -> Result<(Vec<u8>, usize), IoError> {
        let length = self.length()?;
        self.slice(&(0..length), 1)?;
        let bytes = self.guard.run(self.place, || self.dataset.read_raw())?;
        let size = self.element_bytes as usize;
        if size == 0 || bytes.len() != length * size {
            return Err(IoError::bad(self.place, "it holds fewer values than it says"));
        }
        Ok((bytes, size))
    }
}
