//! One Zarr array, checked when it is opened and read by slices of rows.

use std::{ops::Range, sync::Arc};

use serde_json::Value;

use super::{
    super::{
        IoError,
        scalar::Scalar,
        tree::{Array, Element},
    },
    MAX_CHUNK_BYTES, MAX_SLICE_BYTES,
    chunks::{Chunk, Chunks},
    metadata::{ArrayMeta, Stored},
    store::Store,
};

/// A chunk may be larger than the array; in a small store it may be no larger than this.
const MIN_CHUNK_BYTES: u64 = 16 << 20;

/// An array of a store.
pub(super) struct ZarrArray {
    chunks: Chunks,
    place: &'static str,
    element: Element,
}

impl ZarrArray {
    /// Checks sizes. Nothing is read but the metadata.
    pub(super) fn new(store: Arc<Store>, path: String, meta: ArrayMeta, place: &'static str) -> Result<Self, IoError> {
        // A text of variable length takes this in memory, and more than that before it was compressed if it is a name.
        let element_bytes = meta.stored.bytes().unwrap_or(size_of::<String>()) as u64;
        let bytes = meta.shape.iter().try_fold(element_bytes, |bytes, &edge| bytes.checked_mul(edge));
        if bytes.is_none_or(|bytes| bytes > store.plausible_bytes()) {
            return Err(IoError::large(place, "it claims more values than its files can hold"));
        }
        let chunk = match &meta.sharding {
            None => &meta.chunk,
            Some(sharding) => {
                let divides = |(shard, chunk): (&u64, &u64)| *chunk > 0 && shard.is_multiple_of(*chunk);
                if sharding.chunk.len() != meta.chunk.len() || !meta.chunk.iter().zip(&sharding.chunk).all(divides) {
                    return Err(IoError::bad(place, "its shards are not made of whole chunks"));
                }
                &sharding.chunk
            }
        };
        let limit = MAX_CHUNK_BYTES.min(store.plausible_bytes().max(MIN_CHUNK_BYTES));
        let chunk_bytes = chunk.iter().try_fold(element_bytes, |bytes, &edge| bytes.checked_mul(edge));
        let chunk_bytes = chunk_bytes.filter(|bytes| *bytes <= limit);
        let chunk_bytes = chunk_bytes
            .ok_or(IoError::large(place, "its chunks are larger than 512 MiB, or than its files can hold"))?;
        let side_by_side = meta.shape.iter().zip(chunk).skip(1).map(|(edge, chunk)| edge.div_ceil(*chunk));
        let row_bytes = side_by_side.fold(chunk_bytes, u64::saturating_mul);
        let element = match meta.stored {
            Stored::Number(scalar) => Element::Number(scalar),
            Stored::Bytes(_) | Stored::Utf32 { .. } | Stored::Texts => Element::Text,
            Stored::Other => Element::Other,
        };
        let row_bytes = usize::try_from(row_bytes).unwrap_or(usize::MAX);
        Ok(Self { chunks: Chunks::new(store, path, meta, row_bytes, place), place, element })
    }

    fn scalar(&self) -> Result<Scalar, IoError> {
        match self.element {
            Element::Number(scalar) => Ok(scalar),
            _ => Err(IoError::bad(self.place, "it does not hold numbers")),
        }
    }

    /// Checks that `rows` are there and that they fit in memory; gives the number of values.
    fn count(&self, rows: &Range<usize>, bytes_in_memory: u64) -> Result<usize, IoError> {
        let n_rows = self.shape().first().copied().unwrap_or(1);
        if rows.start > rows.end || rows.end as u64 > n_rows {
            return Err(IoError::bad(self.place, "rows outside it were asked for"));
        }
        let width = self.shape().iter().skip(1).try_fold(1u64, |width, &edge| width.checked_mul(edge));
        let values = width.and_then(|width| width.checked_mul(rows.len() as u64));
        values
            .filter(|values| values.checked_mul(bytes_in_memory).is_some_and(|bytes| bytes <= MAX_SLICE_BYTES))
            .map(|values| values as usize)
            .ok_or(IoError::large(self.place, "a slice of it exceeds 256 MiB"))
    }

    /// Shows the runs of elements that `rows` are made of, where they were written: the chunk, the range of its elements,
    /// and the place of the first one among the elements of `rows`.
    fn visit(
        &self,
        rows: &Range<usize>,
        mut see: impl FnMut(&Chunk, Range<usize>, usize) -> Result<(), IoError>,
    ) -> Result<(), IoError> {
        let (shape, chunk_shape) = (self.shape(), self.chunks.shape());
        if shape.is_empty() {
            return match self.chunks.get(&[])? {
                Some(chunk) => see(&chunk, 0..1, 0),
                None => Ok(()),
            };
        }
        if rows.is_empty() || shape.contains(&0) {
            return Ok(());
        }
        let region: Vec<Range<u64>> =
            std::iter::once(rows.start as u64..rows.end as u64).chain(shape[1..].iter().map(|edge| 0..*edge)).collect();
        let grid: Vec<Range<u64>> = region
            .iter()
            .zip(chunk_shape)
            .map(|(range, chunk)| range.start / chunk..range.end.div_ceil(*chunk))
            .collect();
        let last = shape.len() - 1;
        let mut at: Vec<u64> = grid.iter().map(|range| range.start).collect();
        loop {
            if let Some(chunk) = self.chunks.get(&at)? {
                // What of the region lies in this chunk.
                let inside: Vec<Range<u64>> = (0..=last)
                    .map(|d| {
                        let start = at[d] * chunk_shape[d];
                        region[d].start.max(start)..region[d].end.min(start + chunk_shape[d])
                    })
                    .collect();
                let mut run: Vec<u64> = inside.iter().map(|range| range.start).collect();
                loop {
                    let (mut from, mut to) = (0, 0);
                    for d in 0..=last {
                        from = from * chunk_shape[d] + (run[d] - at[d] * chunk_shape[d]);
                        to = to * (region[d].end - region[d].start) + (run[d] - region[d].start);
                    }
                    let length = (inside[last].end - inside[last].start) as usize;
                    see(&chunk, from as usize..from as usize + length, to as usize)?;
                    if !step(&mut run[..last], &inside) {
                        break;
                    }
                }
            }
            if !step(&mut at, &grid) {
                return Ok(());
            }
        }
    }

    /// Numbers of `rows`, decoded a run at a time.
    fn numbers<T: Copy>(
        &self,
        rows: Range<usize>,
        fill: T,
        decode: impl Fn(&[u8], &mut [T]),
    ) -> Result<Vec<T>, IoError> {
        let bytes = self.scalar()?.bytes();
        let mut out = vec![fill; self.count(&rows, (size_of::<T>() as u64).max(bytes as u64))?];
        self.visit(&rows, |chunk, from, to| {
            let Chunk::Bytes(chunk) = chunk else { return Err(IoError::bad(self.place, "it does not hold numbers")) };
            let records = chunk.get(from.start * bytes..from.end * bytes);
            if let (Some(records), Some(out)) = (records, out.get_mut(to..to + from.len())) {
                decode(records, out);
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// The fill value as a number: 0 where the metadata have none.
    fn fill(&self) -> f64 {
        match &self.chunks.meta().fill {
            Value::Number(number) => number.as_f64().unwrap_or(0.0),
            Value::Bool(truth) => f64::from(u8::from(*truth)),
            Value::String(text) => match text.as_str() {
                "NaN" => f64::NAN,
                "Infinity" => f64::INFINITY,
                "-Infinity" => f64::NEG_INFINITY,
                // The bits of a NaN that is not the usual one.
                _ => f64::NAN,
            },
            _ => 0.0,
        }
    }

    fn read_texts(&self, rows: Range<usize>) -> Result<Vec<String>, IoError> {
        if self.element != Element::Text {
            return Err(IoError::bad(self.place, "it does not hold text"));
        }
        let stored = self.chunks.meta().stored;
        let width = stored.bytes();
        let count = self.count(&rows, width.unwrap_or(0).max(16) as u64)?;
        let fill = self.chunks.meta().fill.as_str().filter(|_| width.is_none()).unwrap_or("");
        let mut out = vec![String::new(); count];
        if !fill.is_empty() {
            out.fill(fill.to_owned());
        }
        self.visit(&rows, |chunk, from, to| {
            let Some(out) = out.get_mut(to..to + from.len()) else { return Ok(()) };
            match (chunk, width) {
                (Chunk::Texts(texts), None) => {
                    out.iter_mut()
                        .zip(texts.get(from).unwrap_or_default())
                        .for_each(|(out, text)| out.clone_from(text));
                }
                (Chunk::Bytes(bytes), Some(width)) => {
                    let records = bytes.get(from.start * width..from.end * width).unwrap_or_default();
                    for (out, record) in out.iter_mut().zip(records.chunks_exact(width)) {
                        *out = fixed(record, stored);
                    }
                }
                _ => return Err(IoError::bad(self.place, "it does not hold text")),
            }
            Ok(())
        })?;
        Ok(out)
    }
}

/// Moves `at` on by one within `ranges`, the last dimension first; `false` behind the end.
fn step(at: &mut [u64], ranges: &[Range<u64>]) -> bool {
    for (at, range) in at.iter_mut().zip(ranges).rev() {
        *at += 1;
        if *at < range.end {
            return true;
        }
        *at = range.start;
    }
    false
}

/// A text of fixed width, up to the zeros behind it.
fn fixed(record: &[u8], stored: Stored) -> String {
    match stored {
        Stored::Utf32 { big_endian, .. } => {
            let code =
                |bytes: &[u8; 4]| if big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) };
            let codes = record.as_chunks::<4>().0.iter().map(code).take_while(|code| *code != 0);
            codes.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => {
            let end = record.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
            String::from_utf8_lossy(&record[..end]).into_owned()
        }
    }
}

impl Array for ZarrArray {
    fn shape(&self) -> &[u64] {
        &self.chunks.meta().shape
    }

    fn element(&self) -> &Element {
        &self.element
    }

    fn place(&self) -> &'static str {
        self.place
    }

    fn chunk_rows(&self) -> usize {
        self.chunks.shape().first().map_or(1, |rows| usize::try_from(*rows).unwrap_or(usize::MAX))
    }

    fn f32_rows(&self, rows: Range<usize>) -> Result<Vec<f32>, IoError> {
        let scalar = self.scalar()?;
        self.numbers(rows, self.fill() as f32, |records, out| scalar.decode_f32s(records, out))
    }

    fn f64_rows(&self, rows: Range<usize>) -> Result<Vec<f64>, IoError> {
        let scalar = self.scalar()?;
        self.numbers(rows, self.fill(), |records, out| {
            for (out, record) in out.iter_mut().zip(records.chunks_exact(scalar.bytes())) {
                *out = scalar.decode(record);
            }
        })
    }

    fn i64_rows(&self, rows: Range<usize>) -> Result<Vec<i64>, IoError> {
        let scalar = self.scalar()?;
        if !scalar.is_integer() {
            return Err(IoError::bad(self.place, "it does not hold whole numbers"));
        }
        let fill = &self.chunks.meta().fill;
        let fill = fill.as_i64().or_else(|| fill.as_u64().map(|fill| fill as i64)).unwrap_or(self.fill() as i64);
        self.numbers(rows, fill, |records, out| {
            for (out, record) in out.iter_mut().zip(records.chunks_exact(scalar.bytes())) {
                *out = scalar.decode_integer(record);
            }
        })
    }

    fn texts(&self) -> Result<Vec<String>, IoError> {
        let length = self.length()?;
        self.read_texts(0..length)
    }

    fn text(&self) -> Result<Option<String>, IoError> {
        if !self.shape().is_empty() || self.element != Element::Text {
            return Ok(None);
        }
        Ok(self.read_texts(0..1)?.into_iter().next())
    }
}
