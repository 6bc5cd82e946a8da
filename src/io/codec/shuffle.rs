//! The transpositions of bytes and bits that are done before compressing, undone.

/// Undoes the byte shuffle: first bytes of all elements, second bytes, …; a rest shorter than an element stays in place.
pub(in crate::io) fn unshuffle(bytes: &[u8], element_bytes: usize) -> Vec<u8> {
    let mut out = vec![0; bytes.len()];
    unshuffle_into(bytes, element_bytes, &mut out);
    out
}

/// [`unshuffle`] into a buffer of the same length.
pub(in crate::io) fn unshuffle_into(bytes: &[u8], element_bytes: usize, out: &mut [u8]) {
    let count = bytes.len() / element_bytes.max(1);
    let whole = (count * element_bytes).min(out.len());
    let (elements, rest) = out.split_at_mut(whole);
    rest.copy_from_slice(&bytes[whole..]);
    if element_bytes == 4 {
        // Nearly all large arrays; all four planes at once can be vectorised.
        let mut planes = bytes.chunks_exact(count.max(1));
        if let (Some(a), Some(b), Some(c), Some(d)) = (planes.next(), planes.next(), planes.next(), planes.next()) {
            for ((((element, a), b), c), d) in elements.as_chunks_mut::<4>().0.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *element = [*a, *b, *c, *d];
            }
        }
        return;
    }
    for (byte, plane) in bytes.chunks_exact(count.max(1)).take(element_bytes).enumerate() {
        for (element, value) in elements.chunks_exact_mut(element_bytes).zip(plane) {
            element[byte] = *value;
        }
    }
}

/// Undoes the bit shuffle of Blosc: bit planes of the elements. Blosc leaves blocks alone whose elements are not a
/// multiple of eight, and bytes after the last whole element.
pub(super) fn unshuffle_bits(bytes: &[u8], element_bytes: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let count = bytes.len() / element_bytes.max(1);
    let plane_bytes = count / 8;
    if !count.is_multiple_of(8) {
        return out;
    }
    for byte in 0..element_bytes {
        let planes = &bytes[byte * 8 * plane_bytes..(byte + 1) * 8 * plane_bytes];
        for group in 0..plane_bytes {
            // Eight elements at a time: an 8 × 8 matrix of bits, one row a plane.
            let rows: [u8; 8] = std::array::from_fn(|bit| planes[bit * plane_bytes + group]);
            for (element, value) in transpose(u64::from_le_bytes(rows)).to_le_bytes().into_iter().enumerate() {
                out[(group * 8 + element) * element_bytes + byte] = value;
            }
        }
    }
    out
}

/// An 8 × 8 matrix of bits, transposed (Hacker's Delight, 7-3).
fn transpose(mut bits: u64) -> u64 {
    for (shift, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)] {
        let swapped = (bits ^ bits >> shift) & mask;
        bits ^= swapped ^ swapped << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_return_to_their_elements() {
        assert_eq!(unshuffle(&[1, 4, 2, 5, 3, 6, 9], 3), [1, 2, 3, 4, 5, 6, 9]);
        assert_eq!(unshuffle(&[1, 5, 2, 6, 3, 7, 4, 8, 9], 4), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(unshuffle(&[7], 4), [7]);
        assert!(unshuffle(&[], 4).is_empty());
        assert_eq!(unshuffle(&[7, 8], 1), [7, 8]);
    }

    #[test]
    fn bits_return_to_their_elements() {
        let values: Vec<u8> = (0..49).map(|i| (i * 37 + 11) as u8).collect();
        let (count, width) = (24, 2); // and one byte more
        let mut shuffled = values.clone();
        shuffled[..count * width].fill(0);
        for element in 0..count {
            for bit in 0..8 * width {
                let set = values[element * width + bit / 8] >> (bit % 8) & 1;
                shuffled[bit * count / 8 + element / 8] |= set << (element % 8);
            }
        }
        assert_eq!(unshuffle_bits(&shuffled, width), values);
        assert_eq!(unshuffle_bits(&values[..46], width), values[..46]);
    }
}
