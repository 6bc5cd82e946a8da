//! The cells that one statistic is of, and the same cells at other places.

use std::borrow::Cow;

use crate::{
    Error,
    cells::{Csr, Labels},
    spatial::{Graph, GraphParams, Kept},
};

/// Cells that take part: everything is one entry a cell of these.
pub(super) struct Measured {
    pub(super) kept: Kept,
    pub(super) positions: Vec<[f64; 2]>,
    pub(super) sections: Option<Vec<u32>>,
    /// `None` where the statistic does not read them.
    pub(super) values: Option<Csr>,
    pub(super) genes: Vec<String>,
    pub(super) graph: GraphParams,
}

impl Measured {
    /// A column of all cells, as the cells that take part have it.
    pub(super) fn pick(&self, labels: Labels) -> Labels {
        Labels { codes: self.kept.pick(&labels.codes).into_owned(), levels: labels.levels }
    }

    /// Where they are.
    pub(super) fn here(&self) -> At<'_> {
        At {
            still: Kept::with_position(&self.positions),
            positions: Cow::Borrowed(&self.positions),
            sections: self.sections.as_deref().map(Cow::Borrowed),
            values: self.values.as_ref().map(Cow::Borrowed),
            graph: self.graph,
        }
    }

    /// Where they would be with all cells at `positions`; those without a position there do not take part.
    pub(super) fn at(&self, positions: &[[f64; 2]]) -> Result<At<'_>, Error> {
        let moved = self.kept.pick(positions);
        let still = Kept::with_position(&moved);
        Ok(At {
            positions: Cow::Owned(still.pick(&moved).into_owned()),
            sections: self.sections.as_deref().map(|sections| still.pick(sections)),
            values: self.values.as_ref().map(|values| still.pick_rows(values)).transpose()?,
            graph: self.graph,
            still,
        })
    }
}

/// The cells of a [`Measured`] at some places.
pub(super) struct At<'a> {
    /// Which of them have one.
    pub(super) still: Kept,
    pub(super) positions: Cow<'a, [[f64; 2]]>,
    pub(super) sections: Option<Cow<'a, [u32]>>,
    values: Option<Cow<'a, Csr>>,
    graph: GraphParams,
}

impl At<'_> {
    pub(super) fn graph(&self) -> Result<Graph, Error> {
        Ok(Graph::build(&self.positions, self.sections.as_deref(), &self.graph)?)
    }

    /// The values; empty for a statistic that does not read them.
    pub(super) fn values(&self) -> Cow<'_, Csr> {
        self.values.as_deref().map_or_else(|| Cow::Owned(Csr::empty(0)), Cow::Borrowed)
    }

    pub(super) fn codes<'b>(&self, labels: &'b Labels) -> Cow<'b, [i32]> {
        self.still.pick(&labels.codes)
    }
}
