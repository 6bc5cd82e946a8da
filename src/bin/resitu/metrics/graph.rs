//! The neighbour graph of `resitu metrics`: options, and how they are asked for.

use resitu::io::Coordinates;
use resitu::spatial::{Graph, GraphKind, GraphParams, Kept};

use super::options::graph_kind;
use crate::failure::Failure;

#[derive(clap::Args)]
pub struct GraphOptions {
    /// Who is a neighbour: knn:K, the K nearest cells; radius:R, all cells within R in the units of the coordinates;
    /// delaunay, the edges of the triangulation; grid:6 or grid:4 for spots on a lattice, grid:6x2 for two rings.
    #[arg(long, value_name = "KIND", default_value = "knn:6", value_parser = graph_kind)]
    graph: GraphKind,
    /// Leave out edges longer than this, in the units of the coordinates.
    #[arg(long, value_name = "LENGTH")]
    max_length: Option<f64>,
    /// Leave out edges shorter than this, in the units of the coordinates.
    #[arg(long, value_name = "LENGTH")]
    min_length: Option<f64>,
    /// Leave out edges longer than this percentile of the lengths in their section, for example 99 with delaunay.
    #[arg(long, value_name = "0-100")]
    percentile: Option<f64>,
    /// Make every neighbourhood mutual: add the reverse of every edge.
    #[arg(long)]
    symmetric: bool,
    /// Find neighbours in three dimensions, if the coordinates have a third. Point patterns stay in the plane.
    #[arg(long)]
    in_space: bool,
}

impl GraphOptions {
    /// The parameters, checked.
    ///
    /// # Errors
    /// `spatial.bad-parameter`.
    pub fn params(&self) -> Result<GraphParams, Failure> {
        let Self { graph: kind, max_length, min_length, percentile, symmetric, .. } = *self;
        let params = GraphParams { kind, max_length, min_length, percentile, symmetric, ..GraphParams::DEFAULT };
        params.check()?;
        Ok(params)
    }

    /// The cells that have a position.
    pub fn placed(&self, coordinates: &Coordinates) -> Kept {
        match &coordinates.z {
            Some(z) if self.in_space => Kept::with_position(&in_space(&coordinates.xy, z)),
            _ => Kept::with_position(&coordinates.xy),
        }
    }

    /// The graph of these cells, and the number of dimensions that it was built in.
    ///
    /// # Errors
    /// Those of [`Graph::build`]; `usage` if a third dimension is asked for where there is none.
    pub fn build(
        &self,
        coordinates: &Coordinates,
        sections: Option<&[u32]>,
        params: &GraphParams,
    ) -> Result<(Graph, usize), Failure> {
        if !self.in_space {
            return Ok((Graph::build(&coordinates.xy, sections, params)?, 2));
        }
        let Some(z) = &coordinates.z else {
            return Err(Failure::Usage {
                sentence: format!("{} has no third dimension in which cells differ.", coordinates.key),
                hint: "Leave --in-space out.",
            });
        };
        Ok((Graph::build(&in_space(&coordinates.xy, z), sections, params)?, 3))
    }
}

fn in_space(xy: &[[f64; 2]], z: &[f64]) -> Vec<[f64; 3]> {
    xy.iter().zip(z).map(|(&[x, y], &z)| [x, y, z]).collect()
}
