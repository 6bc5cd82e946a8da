//! Centroids of geometries in well-known binary, as GeoParquet stores them.

/// The centroid of a point, or of a polygon or several by area, holes taken out. `None` for other or damaged geometries.
///
/// A polygon without area has the mean of its corners.
pub(super) fn centroid(bytes: &[u8]) -> Option<[f64; 2]> {
    let mut reader = Reader { bytes, big_endian: false };
    let mut sum = Sum::default();
    match reader.head()? {
        (1, extra) => return reader.point(extra),
        (3, extra) => reader.polygon(extra, &mut sum)?,
        (6, _) => {
            for _ in 0..reader.u32()? {
                let (3, extra) = reader.head()? else { return None };
                reader.polygon(extra, &mut sum)?;
            }
        }
        _ => return None,
    }
    sum.centroid()
}

/// Twice the area and what the centroid takes; beside them the corners, for what has no area.
#[derive(Default)]
struct Sum {
    area: f64,
    x: f64,
    y: f64,
    corners: [f64; 2],
    n_corners: f64,
}

impl Sum {
    fn centroid(&self) -> Option<[f64; 2]> {
        if self.n_corners == 0.0 {
            return None;
        }
        if self.area.abs() < f64::MIN_POSITIVE {
            return Some(self.corners.map(|sum| sum / self.n_corners));
        }
        Some([self.x / (3.0 * self.area), self.y / (3.0 * self.area)])
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*head)
    }

    fn u32(&mut self) -> Option<u32> {
        let bytes = self.take()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn f64(&mut self) -> Option<f64> {
        let bytes = self.take()?;
        Some(if self.big_endian { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) })
    }

    /// The kind of geometry, and how many numbers a corner has beside x and y.
    fn head(&mut self) -> Option<(u32, usize)> {
        let [order] = self.take()?;
        self.big_endian = order == 0;
        let code = self.u32()?;
        // PostGIS marks z, m and a reference system in the highest bits, ISO by thousands.
        if code & 0x2000_0000 != 0 {
            self.u32()?;
        }
        let marked = (code >> 31 & 1) + (code >> 30 & 1);
        let code = code & 0x0fff_ffff;
        let extra = match code / 1000 {
            0 => marked,
            1 | 2 => 1,
            3 => 2,
            _ => return None,
        };
        Some((code % 1000, extra as usize))
    }

    fn point(&mut self, extra: usize) -> Option<[f64; 2]> {
        let xy = [self.f64()?, self.f64()?];
        for _ in 0..extra {
            self.f64()?;
        }
        Some(xy)
    }

    /// Adds the rings of a polygon: the outer one, then its holes.
    fn polygon(&mut self, extra: usize, sum: &mut Sum) -> Option<()> {
        for ring in 0..self.u32()? {
            let n = self.u32()?;
            let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
            // Relative to the first corner: far from the origin the products would lose digits.
            let mut first = None;
            let mut last = [0.0; 2];
            for _ in 0..n {
                let corner = self.point(extra)?;
                let origin = *first.get_or_insert(corner);
                let at = [corner[0] - origin[0], corner[1] - origin[1]];
                let cross = last[0] * at[1] - at[0] * last[1];
                area += cross;
                x += (last[0] + at[0]) * cross;
                y += (last[1] + at[1]) * cross;
                last = at;
                if ring == 0 {
                    sum.corners = [sum.corners[0] + corner[0], sum.corners[1] + corner[1]];
                    sum.n_corners += 1.0;
                }
            }
            let Some(origin) = first else { continue };
            // Rings run either way: outer ones count as areas, holes against them.
            let sign = if (area < 0.0) == (ring == 0) { -1.0 } else { 1.0 };
            sum.area += sign * area;
            sum.x += sign * (x + 3.0 * area * origin[0]);
            sum.y += sign * (y + 3.0 * area * origin[1]);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(corners: &[[f64; 2]]) -> Vec<u8> {
        let mut bytes = (corners.len() as u32).to_le_bytes().to_vec();
        corners.iter().flatten().for_each(|number| bytes.extend(number.to_le_bytes()));
        bytes
    }

    fn head(code: u32, n: Option<u32>) -> Vec<u8> {
        let mut bytes = vec![1];
        bytes.extend(code.to_le_bytes());
        bytes.extend(n.map(u32::to_le_bytes).into_iter().flatten());
        bytes
    }

    #[test]
    fn centroids_weigh_by_area_and_leave_holes_out() {
        let point = [head(1, None), 2.5f64.to_le_bytes().to_vec(), (-1.0f64).to_le_bytes().to_vec()].concat();
        assert_eq!(centroid(&point), Some([2.5, -1.0]));
        let square = ring(&[[10.0, 10.0], [14.0, 10.0], [14.0, 14.0], [10.0, 14.0], [10.0, 10.0]]);
        let polygon = [head(3, Some(1)), square.clone()].concat();
        assert_eq!(centroid(&polygon), Some([12.0, 12.0]));
        // The right half of the square cut out, in the same sense of rotation.
        let hole = ring(&[[12.0, 10.0], [14.0, 10.0], [14.0, 14.0], [12.0, 14.0], [12.0, 10.0]]);
        let holed = [head(3, Some(2)), square, hole].concat();
        assert_eq!(centroid(&holed), Some([11.0, 12.0]));
        let small = ring(&[[0.0, 0.0], [0.0, 2.0], [2.0, 2.0], [2.0, 0.0], [0.0, 0.0]]);
        let both = [head(6, Some(2)), polygon.clone(), head(3, Some(1)), small].concat();
        assert_eq!(centroid(&both), Some([(16.0 * 12.0 + 4.0) / 20.0, (16.0 * 12.0 + 4.0) / 20.0]));
        let flat = [head(3, Some(1)), ring(&[[1.0, 1.0], [3.0, 5.0]])].concat();
        assert_eq!(centroid(&flat), Some([2.0, 3.0]));
    }

    #[test]
    fn damaged_geometries_have_no_centroid() {
        let polygon = [head(3, Some(1)), ring(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])].concat();
        for end in 0..polygon.len() {
            assert_eq!(centroid(&polygon[..end]), None, "{end}");
        }
        assert_eq!(centroid(&head(6, Some(u32::MAX))), None);
        assert_eq!(centroid(&head(7, Some(1))), None);
    }
}
