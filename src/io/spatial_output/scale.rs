//! How large a pixel of the full-resolution image is, as Space Ranger's scale factors say.

use std::io::Read;

use serde::Deserialize;

use super::super::{Entry, IoError, stream};

/// A file of scale factors has some hundred bytes.
const MAX_BYTES: u64 = 1 << 20;
/// The diameter that Space Ranger gives a spot in `spot_diameter_fullres`; the printed spots measure 55 µm.
const SPOT_UM: f64 = 65.0;

/// The size of a pixel, where it is known, and the sentence that says from what.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scale {
    pub(super) um_per_pixel: Option<f64>,
    pub(super) source: &'static str,
}

#[derive(Deserialize, Default)]
struct Factors {
    /// Visium HD states it.
    microns_per_pixel: Option<f64>,
    spot_diameter_fullres: Option<f64>,
}

/// Reads `scalefactors_json.json`. What is no such JSON gives no scale: positions in pixels serve as well.
pub(super) fn read(entry: &Entry) -> Result<Scale, IoError> {
    let mut bytes = Vec::new();
    let read = entry.reader()?.take(MAX_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| stream::failed(&error, "the scale factors"))?;
    Ok(of_json(&bytes))
}

fn of_json(bytes: &[u8]) -> Scale {
    let factors: Factors = serde_json::from_slice(bytes).unwrap_or_default();
    let is_size = |size: &f64| size.is_finite() && *size > 0.0;
    if let Some(um_per_pixel) = factors.microns_per_pixel.filter(is_size) {
        return Scale { um_per_pixel: Some(um_per_pixel), source: "microns_per_pixel" };
    }
    let spot = factors.spot_diameter_fullres.filter(is_size);
    Scale { um_per_pixel: spot.map(|pixels| SPOT_UM / pixels), source: "a spot's 65 µm in spot_diameter_fullres" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_stated_or_follows_from_the_spot() {
        let hd = of_json(br#"{"microns_per_pixel": 0.25, "spot_diameter_fullres": 32.0, "bin_size_um": 8.0}"#);
        assert_eq!((hd.um_per_pixel, hd.source), (Some(0.25), "microns_per_pixel"));
        let spot = of_json(br#"{"spot_diameter_fullres": 130.0, "tissue_hires_scalef": 0.15}"#);
        assert_eq!(spot.um_per_pixel, Some(0.5));
        for odd in [&br#"{"spot_diameter_fullres": 0}"#[..], br#"{"microns_per_pixel": -1}"#, b"[]", b"", b"{\"a\":"] {
            assert_eq!(of_json(odd).um_per_pixel, None, "{odd:?}");
        }
    }
}
