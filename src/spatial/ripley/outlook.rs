//! Places from which F and G look for the nearest point, with how far each lies from the edge of the window.

use std::ops::Range;

use super::super::nearest::{Nearest, PLACES, Places, Scratch};
use super::super::window::Window;
use super::EdgeCorrection;
use super::distances::Reach;

/// Places of one section.
pub(super) struct Outlook {
    places: Places,
    /// In the order of the tree.
    margins: Vec<f64>,
}

impl Outlook {
    /// Takes finite places. O(n · (log n + corners of the window)).
    pub fn new(places: &[[f64; 2]], window: &Window, correction: EdgeCorrection) -> Self {
        let tree = Places::new(places);
        let margin = |&i: &u32| match correction {
            EdgeCorrection::Uncorrected => f64::INFINITY,
            _ => window.margin(places[i as usize]),
        };
        Self { margins: tree.order().iter().map(margin).collect(), places: tree }
    }

    /// Adds the distance from each place to the nearest of some points; `among_them`: the places are these points, and to
    /// the nearest other one.
    pub fn reaches(&self, points: &[[f64; 2]], among_them: bool, scratch: &mut Scratch, reaches: &mut Vec<Reach>) {
        match among_them {
            // The nearest of all is the point itself, or one on the same spot.
            true => self.places.nearest(points, scratch, &mut Farthest::<2> { margins: &self.margins, reaches }),
            false => self.places.nearest(points, scratch, &mut Farthest::<1> { margins: &self.margins, reaches }),
        }
    }
}

/// Takes the last of the `K` nearest.
struct Farthest<'a, const K: usize> {
    margins: &'a [f64],
    reaches: &'a mut Vec<Reach>,
}

impl<const K: usize> Nearest<K> for Farthest<'_, K> {
    fn bounds(&mut self, _: Range<usize>, _: &[f64; K], _: &[f64; K]) -> bool {
        false
    }

    fn distances(&mut self, places: Range<usize>, squared: &[[f64; PLACES]; K]) {
        let reach = |(d2, margin): (&f64, &f64)| Reach { nearest: d2.sqrt(), margin: *margin };
        self.reaches.extend(squared[K - 1].iter().zip(&self.margins[places]).map(reach));
    }
}
