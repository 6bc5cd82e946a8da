//! Distances from any place to the nearest points of a set, by a k-d tree.

/// Points in a leaf.
const LEAF: usize = 8;

/// A balanced tree: the median of the wider extent in the middle of each range, smaller to the left.
pub(super) struct NearestTree {
    points: Vec<[f64; 2]>,
    /// Index before the tree was built.
    order: Vec<u32>,
    /// Of the node at its median: 0 if it splits by x, 1 by y.
    axes: Vec<u8>,
}

impl NearestTree {
    /// Builds the tree over finite points. O(n log n).
    pub fn new(points: &[[f64; 2]]) -> Self {
        let mut items: Vec<([f64; 2], u32)> = points.iter().copied().zip(0..).collect();
        let mut axes = vec![0; items.len()];
        split(&mut items, &mut axes);
        Self {
            points: items.iter().map(|item| item.0).collect(),
            order: items.iter().map(|item| item.1).collect(),
            axes,
        }
    }

    /// The squared distances to the nearest points, ascending, as many as `nearest` holds; infinite where the set has
    /// fewer. The point of index `except` does not count.
    pub fn nearest(&self, from: [f64; 2], except: Option<u32>, nearest: &mut [f64]) {
        nearest.fill(f64::INFINITY);
        self.visit(0, self.points.len(), from, except.unwrap_or(u32::MAX), nearest);
    }

    fn visit(&self, start: usize, end: usize, from: [f64; 2], except: u32, nearest: &mut [f64]) {
        if end - start <= LEAF {
            (start..end).for_each(|place| self.offer(place, from, except, nearest));
            return;
        }
        let middle = start + (end - start) / 2;
        let axis = self.axes[middle] as usize;
        let beyond = from[axis] - self.points[middle][axis];
        let (near, far) =
            if beyond < 0.0 { ((start, middle), (middle + 1, end)) } else { ((middle + 1, end), (start, middle)) };
        self.visit(near.0, near.1, from, except, nearest);
        if beyond * beyond < nearest[nearest.len() - 1] {
            self.offer(middle, from, except, nearest);
            self.visit(far.0, far.1, from, except, nearest);
        }
    }

    fn offer(&self, place: usize, from: [f64; 2], except: u32, nearest: &mut [f64]) {
        let [x, y] = self.points[place];
        let d2 = (x - from[0]) * (x - from[0]) + (y - from[1]) * (y - from[1]);
        let mut at = nearest.len() - 1;
        if d2 < nearest[at] && self.order[place] != except {
            while at > 0 && nearest[at - 1] > d2 {
                nearest[at] = nearest[at - 1];
                at -= 1;
            }
            nearest[at] = d2;
        }
    }
}

fn split(items: &mut [([f64; 2], u32)], axes: &mut [u8]) {
    if items.len() <= LEAF {
        return;
    }
    let bounds = super::tiles::Bounds::of(items.iter().map(|item| &item.0));
    let axis = usize::from(bounds.high[1] - bounds.low[1] > bounds.high[0] - bounds.low[0]);
    let middle = items.len() / 2;
    items.select_nth_unstable_by(middle, |a, b| {
        a.0[axis].total_cmp(&b.0[axis]).then(a.0[1 - axis].total_cmp(&b.0[1 - axis])).then(a.1.cmp(&b.1))
    });
    axes[middle] = axis as u8;
    let (left, right) = items.split_at_mut(middle);
    let (left_axes, right_axes) = axes.split_at_mut(middle);
    split(left, left_axes);
    split(&mut right[1..], &mut right_axes[1..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_those_of_a_search_through_all() {
        let points: Vec<[f64; 2]> =
            (0..500).map(|i| [f64::from(i * 7919 % 251), f64::from(i % 13) * f64::from(i % 7)]).collect();
        let tree = NearestTree::new(&points);
        for (i, from) in points.iter().enumerate() {
            let mut all: Vec<f64> = points
                .iter()
                .enumerate()
                .filter(|(j, _)| *j != i)
                .map(|(_, p)| (p[0] - from[0]).powi(2) + (p[1] - from[1]).powi(2))
                .collect();
            all.sort_unstable_by(f64::total_cmp);
            let mut nearest = [0.0; 3];
            tree.nearest(*from, Some(i as u32), &mut nearest);
            assert_eq!(nearest, all[..3]);
        }
    }

    #[test]
    fn a_set_of_fewer_points_leaves_infinity() {
        let mut nearest = [0.0; 2];
        NearestTree::new(&[[3.0, 4.0]]).nearest([0.0, 0.0], None, &mut nearest);
        assert_eq!(nearest, [25.0, f64::INFINITY]);
        NearestTree::new(&[]).nearest([0.0, 0.0], None, &mut nearest);
        assert_eq!(nearest, [f64::INFINITY; 2]);
    }
}
