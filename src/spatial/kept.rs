//! Which cells a statistic is of: those with a position and, for statistics of genes, with values.

use std::borrow::Cow;

use super::Graph;
use super::graph::MAX_COORDINATE;
use crate::cells::{CellsError, Csr};

/// Cells that take part, in their order. The others are in no sum, no mean and no graph: they are as if they were not in
/// the file, and their rows of a result by cell are NaN.
///
/// A translation has such rows, for cells without a count of a known gene; one of them would otherwise make every gene
/// undefined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// `None`: all of them.
    rows: Option<Vec<u32>>,
    n_cells: usize,
}

impl Kept {
    /// Leaves out the cells whose position is not finite (or beyond 10¹⁵⁰), as [`Graph::build`] understands it. O(cells).
    pub fn with_position<const D: usize>(positions: &[[f64; D]]) -> Self {
        let usable = |cell: &usize| positions[*cell].iter().all(|value| value.abs() <= MAX_COORDINATE);
        Self::of((0..positions.len()).filter(usable).map(|cell| cell as u32).collect(), positions.len())
    }

    /// Of these, leaves out the cells of which no gene has a finite value. A cell without counts has zeros, which are values.
    /// O(cells + values that are not finite).
    ///
    /// # Panics
    /// If `values` has fewer rows than there are cells: the caller reads both from one file.
    pub fn with_values(&self, values: &Csr) -> Self {
        let measured = |&cell: &u32| {
            let (_, stored) = values.row(cell as usize);
            stored.len() < values.n_cols().max(1) || stored.iter().any(|value| value.is_finite())
        };
        Self::of(self.rows().filter(measured).collect(), self.n_cells)
    }

    fn of(rows: Vec<u32>, n_cells: usize) -> Self {
        Self { rows: (rows.len() < n_cells).then_some(rows), n_cells }
    }

    /// The cells that take part, ascending.
    pub fn rows(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match &self.rows {
            Some(rows) => Box::new(rows.iter().copied()),
            None => Box::new(0..self.n_cells as u32),
        }
    }

    /// The same cells but those that `inner`, a choice among them, leaves out.
    pub fn then(&self, inner: &Kept) -> Self {
        let rows: Vec<u32> = self.rows().collect();
        Self::of(inner.pick(&rows).into_owned(), self.n_cells)
    }

    /// How many cells take part.
    pub fn n_kept(&self) -> usize {
        self.rows.as_ref().map_or(self.n_cells, Vec::len)
    }

    /// How many do not.
    pub fn n_left_out(&self) -> usize {
        self.n_cells - self.n_kept()
    }

    /// The entries of the cells that take part, of one entry a cell.
    ///
    /// # Panics
    /// If there are fewer entries than cells, here and below: the caller has one a cell.
    pub fn pick<'a, T: Copy>(&self, all: &'a [T]) -> Cow<'a, [T]> {
        match &self.rows {
            Some(rows) => rows.iter().map(|&row| all[row as usize]).collect(),
            None => Cow::Borrowed(all),
        }
    }

    /// The same of the rows of a matrix. O(stored values) unless all take part.
    ///
    /// # Errors
    /// Those of [`Csr::push_row`].
    pub fn pick_rows<'a>(&self, all: &'a Csr) -> Result<Cow<'a, Csr>, CellsError> {
        let Some(rows) = &self.rows else { return Ok(Cow::Borrowed(all)) };
        let mut picked = Csr::empty(all.n_cols());
        for &row in rows {
            let (genes, values) = all.row(row as usize);
            picked.push_row(genes.iter().copied().zip(values.iter().copied()))?;
        }
        Ok(Cow::Owned(picked))
    }

    /// Entries of the cells that take part, put where these stand among all; `missing` for the others.
    pub fn spread<T: Copy>(&self, kept: Vec<T>, missing: T) -> Vec<T> {
        self.spread_rows(kept, 1, missing)
    }

    /// The same of rows of `width` entries each.
    pub fn spread_rows<T: Copy>(&self, kept: Vec<T>, width: usize, missing: T) -> Vec<T> {
        let Some(rows) = &self.rows else { return kept };
        let mut all = vec![missing; self.n_cells * width];
        for (&row, entries) in rows.iter().zip(kept.chunks_exact(width.max(1))) {
            all[row as usize * width..][..width].copy_from_slice(entries);
        }
        all
    }

    /// Row pointers and neighbours of a graph of the cells that take part, among all cells: the others have empty rows.
    pub fn spread_graph<'a>(&self, graph: &'a Graph) -> (Cow<'a, [usize]>, Cow<'a, [u32]>) {
        let (indptr, neighbours, _) = graph.parts();
        let Some(rows) = &self.rows else { return (Cow::Borrowed(indptr), Cow::Borrowed(neighbours)) };
        let mut all = vec![0; self.n_cells + 1];
        for (&row, ends) in rows.iter().zip(indptr.windows(2)) {
            all[row as usize + 1] = ends[1] - ends[0];
        }
        for cell in 0..self.n_cells {
            all[cell + 1] += all[cell];
        }
        (Cow::Owned(all), neighbours.iter().map(|&place| rows[place as usize]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::{
        AutocorrelationParams, GraphKind, GraphParams, LocalNull, LocalParams, SpatialError, autocorrelation,
        local_moran,
    };

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    /// Positions, values, and which cells have both.
    type Spoilt = (Vec<[f64; 2]>, Csr, Vec<usize>);

    fn noise(i: usize) -> f64 {
        (i.wrapping_mul(2_654_435_761) % 1013) as f64 / 1013.0
    }

    /// Eleven whole cells, one without values, one without a position, one without either; a constant gene.
    fn spoilt() -> Result<Spoilt, CellsError> {
        let (mut positions, mut values, mut whole) = (Vec::new(), Csr::empty(2), Vec::new());
        for i in 0..14 {
            let (x, y) = (noise(i), noise(i + 100));
            let row = match i {
                3 | 9 => [f32::NAN, f32::NAN],
                _ => [noise(i + 200) as f32, 0.0],
            };
            positions.push(if i == 5 || i == 9 { [x, f64::NAN] } else { [x, y] });
            values.push_dense(&row)?;
            if ![3, 5, 9].contains(&i) {
                whole.push(i);
            }
        }
        Ok((positions, values, whole))
    }

    #[test]
    fn what_is_left_out_is_as_if_it_were_not_there() -> Outcome {
        let (positions, values, whole) = spoilt()?;
        let placed = Kept::with_position(&positions);
        let kept = placed.with_values(&values);
        assert_eq!((placed.n_left_out(), kept.n_left_out(), kept.n_kept()), (2, 3, 11));
        assert!(kept.rows().map(|row| row as usize).eq(whole.iter().copied()));

        let params = GraphParams { kind: GraphKind::Knn { k: 3 }, ..GraphParams::default() };
        let alone: Vec<[f64; 2]> = whole.iter().map(|&i| positions[i]).collect();
        let mut of_whole = Csr::empty(2);
        whole.iter().try_for_each(|&i| {
            let (genes, row) = values.row(i);
            of_whole.push_row(genes.iter().copied().zip(row.iter().copied()))
        })?;
        let (graph, expected) =
            (Graph::build(&kept.pick(&positions), None, &params)?, Graph::build(&alone, None, &params)?);
        assert_eq!(graph, expected);
        let test = AutocorrelationParams::default();
        let picked = kept.pick_rows(&values)?;
        let found = autocorrelation(&graph, &picked, &test, &mut crate::progress::ignore)?;
        let wanted = autocorrelation(&expected, &of_whole, &test, &mut crate::progress::ignore)?;
        assert!(found[0].moran.value.is_finite() && found[0].undefined.is_none());
        assert_eq!(found[0].moran.value, wanted[0].moran.value);
        // The same cells left in, as it was: one gene is undefined by them.
        let all = Graph::build(&positions, None, &params)?;
        let with_them = autocorrelation(&all, &values, &test, &mut crate::progress::ignore)?;
        assert!(with_them[0].moran.value.is_nan());
        Ok(())
    }

    #[test]
    fn results_by_cell_return_to_their_cells() -> Outcome {
        let (positions, values, whole) = spoilt()?;
        let kept = Kept::with_position(&positions).with_values(&values);
        let params = GraphParams { kind: GraphKind::Knn { k: 3 }, ..GraphParams::default() };
        let graph = Graph::build(&kept.pick(&positions), None, &params)?;
        let local = LocalParams { permutations: 0, ..LocalParams::default() };
        let picked = kept.pick_rows(&values)?;
        let found = local_moran(&graph, &picked, LocalNull::default(), &local, &mut crate::progress::ignore)?;
        let scores: Vec<f64> = found[0].scores.iter().map(|score| score.value).collect();
        let all = kept.spread(scores.clone(), f64::NAN);
        assert_eq!(all.len(), 14);
        for (cell, score) in all.iter().enumerate() {
            match whole.binary_search(&cell) {
                Ok(place) => assert_eq!(*score, scores[place]),
                Err(_) => assert!(score.is_nan()),
            }
        }
        let (indptr, neighbours) = kept.spread_graph(&graph);
        for (place, &cell) in whole.iter().enumerate() {
            let (others, _) = graph.row(place);
            let expected: Vec<u32> = others.iter().map(|&other| whole[other as usize] as u32).collect();
            assert_eq!(neighbours[indptr[cell]..indptr[cell + 1]], expected);
        }
        assert_eq!((indptr.len(), indptr[4] - indptr[3]), (15, 0));
        // One choice after the other is both at once.
        let placed = Kept::with_position(&positions);
        let again: Vec<[f64; 2]> = (0..12).map(|place| [if place == 3 { f64::NAN } else { 0.0 }, 0.0]).collect();
        assert_eq!(placed.then(&Kept::with_position(&again)), kept, "the fourth that has a position has no values");
        assert_eq!(placed.then(&Kept::with_position(&placed.pick(&positions))), placed);
        assert_eq!(kept.spread_rows(vec![1, 2], 2, 0).len(), 28);
        Ok(())
    }

    #[test]
    fn whole_files_are_neither_copied_nor_changed() -> Outcome {
        let positions = [[0.0, 1.0], [2.0, 3.0]];
        let values = Csr::from_dense(1, &[0.0, 4.0])?;
        let kept = Kept::with_position(&positions).with_values(&values);
        assert!(matches!(kept.pick(&positions), Cow::Borrowed(_)));
        assert!(matches!(kept.pick_rows(&values)?, Cow::Borrowed(_)));
        assert_eq!((kept.n_left_out(), kept.spread(vec![7, 8], 0)), (0, vec![7, 8]));
        // Nobody is left: the graph says what is missing.
        let nowhere = Kept::with_position(&[[f64::NAN; 2]; 3]);
        let found = Graph::build(&nowhere.pick(&[[f64::NAN; 2]; 3]), None, &GraphParams::default());
        assert_eq!(found.err(), Some(SpatialError::NoCoordinates));
        Ok(())
    }
}
