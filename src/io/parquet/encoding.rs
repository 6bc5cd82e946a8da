//! How Parquet writes runs of values: bit-packed, run-length and delta encodings, each decoded to exactly the number
//! of values asked for. `None` for damaged bytes.

/// Runs and bit-packed groups of numbers of `width` bits, as levels and dictionary indices are written.
pub(super) fn hybrid(bytes: &[u8], width: u32, count: usize) -> Option<Vec<u32>> {
    let mut out: Vec<u32> = Vec::new();
    let mut at = 0;
    if width > 32 {
        return None;
    }
    while out.len() < count {
        let head = varint(bytes, &mut at)?;
        let left = count - out.len();
        let n = usize::try_from(head >> 1).ok()?;
        if head & 1 == 0 {
            let value_bytes = width.div_ceil(8) as usize;
            let value = little(bytes.get(at..at.checked_add(value_bytes)?)?) as u32;
            at += value_bytes;
            // An empty run is not forbidden; it takes a byte at least.
            out.resize(out.len() + n.min(left), value);
        } else {
            let packed_bytes = n.checked_mul(width as usize)?;
            // The last group may be cut off where the values end.
            let packed = bytes.get(at..)?;
            let packed = &packed[..packed_bytes.min(packed.len())];
            at += packed.len();
            let n = n.checked_mul(8)?.min(left);
            if packed.len() * 8 < n * width as usize {
                return None;
            }
            out.extend((0..n).map(|i| unpack(packed, i * width as usize, width) as u32));
        }
    }
    Some(out)
}

/// The number of `width` ≤ 64 bits at the bit `at`, the lowest bit first; bits outside are 0.
fn unpack(bytes: &[u8], at: usize, width: u32) -> u64 {
    if width == 0 {
        return 0;
    }
    let window = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        let mut word = [0; 16];
        let n = rest.len().min(9);
        word[..n].copy_from_slice(&rest[..n]);
        u128::from_le_bytes(word)
    };
    (window(at / 8) >> (at % 8)) as u64 & (u64::MAX >> (64 - width))
}

/// Bits, the lowest first.
pub(super) fn bits(bytes: &[u8], count: usize) -> Option<Vec<u32>> {
    if bytes.len() < count.div_ceil(8) {
        return None;
    }
    Some((0..count).map(|i| u32::from(bytes[i / 8] >> (i % 8) & 1)).collect())
}

/// DELTA_BINARY_PACKED; gives the values and the bytes taken.
pub(super) fn delta(bytes: &[u8], count: usize) -> Option<(Vec<i64>, usize)> {
    let mut at = 0;
    let block_values = usize::try_from(varint(bytes, &mut at)?).ok()?;
    let n_minis = usize::try_from(varint(bytes, &mut at)?).ok()?;
    let total = usize::try_from(varint(bytes, &mut at)?).ok()?;
    let mut last = zigzag(varint(bytes, &mut at)?);
    let mini_values = block_values.checked_div(n_minis)?;
    if total != count || mini_values == 0 || !mini_values.is_multiple_of(32) || mini_values > 1 << 20 {
        return None;
    }
    let mut out = Vec::new();
    if total > 0 {
        out.push(last);
    }
    while out.len() < total {
        let smallest = zigzag(varint(bytes, &mut at)?);
        let widths = bytes.get(at..at.checked_add(n_minis)?)?;
        at += n_minis;
        for width in widths.iter().map(|width| u32::from(*width)) {
            if out.len() == total {
                break;
            }
            if width > 64 {
                return None;
            }
            let packed_bytes = mini_values / 8 * width as usize;
            let packed = bytes.get(at..at.checked_add(packed_bytes)?)?;
            at += packed_bytes;
            for i in 0..mini_values.min(total - out.len()) {
                let step = smallest.wrapping_add(unpack(packed, i * width as usize, width) as i64);
                last = last.wrapping_add(step);
                out.push(last);
            }
        }
    }
    Some((out, at))
}

/// DELTA_BINARY_PACKED numbers that are lengths; gives them and the bytes taken.
pub(super) fn lengths(bytes: &[u8], count: usize) -> Option<(Vec<usize>, usize)> {
    let (values, taken) = delta(bytes, count)?;
    let values: Option<Vec<usize>> = values.into_iter().map(|value| usize::try_from(value).ok()).collect();
    Some((values?, taken))
}

/// BYTE_STREAM_SPLIT: first bytes of all values, second bytes, …
pub(super) fn byte_streams(bytes: &[u8], width: usize, count: usize) -> Option<Vec<u8>> {
    let bytes = bytes.get(..width.checked_mul(count)?)?;
    Some(super::super::codec::unshuffle(bytes, width))
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// A little-endian number of at most eight bytes.
fn little(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification_decode() {
        // 0 to 7 in three bits, from the specification of RLE / bit-packing.
        assert_eq!(hybrid(&[3, 0b1000_1000, 0b1100_0110, 0b1111_1010], 3, 8).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(hybrid(&[10, 4, 3, 0b1000_1000, 0b1100_0110, 0b1111_1010], 3, 7).unwrap(), [4, 4, 4, 4, 4, 0, 1]);
        assert_eq!(hybrid(&[20], 0, 9).unwrap(), [0; 9]);
        // 1 to 5: steps of 1, none above the smallest.
        assert_eq!(delta(&[128, 1, 4, 5, 2, 2, 0, 0, 0, 0], 5).unwrap(), (vec![1, 2, 3, 4, 5], 10));
        assert_eq!(bits(&[0b101], 3).unwrap(), [1, 0, 1]);
        assert_eq!(byte_streams(&[1, 2, 10, 20], 2, 2).unwrap(), [1, 10, 2, 20]);
    }

    #[test]
    fn claims_beyond_the_bytes_are_refused() {
        assert_eq!(hybrid(&[], 3, 1), None);
        assert_eq!(hybrid(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0], 32, 9), None);
        assert_eq!(hybrid(&[3, 0], 8, 8), None);
        assert_eq!(delta(&[128, 1, 0, 5, 2], 5), None);
        assert_eq!(delta(&[128, 1, 4, 5, 2, 2, 64, 0, 0, 0], 5), None);
        assert_eq!(bits(&[1], 9), None);
        assert_eq!(byte_streams(&[1, 2, 3], 2, 2), None);
    }
}
