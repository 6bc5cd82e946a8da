//! What was measured: the cells, their values and the graph, as every output says it.

use resitu::io::Uns;
use resitu::spatial::{GraphKind, GraphParams};
use serde::Serialize;

use super::measured::Measured;

/// Squidpy's names of the graph in `obsp`.
pub const CONNECTIVITIES: &str = "spatial_connectivities";
pub const DISTANCES: &str = "spatial_distances";

#[derive(Serialize)]
pub struct Input {
    pub cells: usize,
    pub genes: usize,
    pub matrix: String,
    pub value_kind: &'static str,
    pub transform: &'static str,
    pub coordinates: String,
    pub sections: Option<String>,
}

#[derive(Serialize)]
pub struct GraphReport {
    /// `knn`, `radius`, `delaunay` or `grid`, with its numbers.
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rings: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percentile: Option<f64>,
    pub symmetric: bool,
    pub dimensions: usize,
    pub edges: usize,
    pub row_standardised: bool,
    /// With a position, without a neighbour.
    pub isolated_cells: usize,
    /// Left out of everything.
    pub cells_without_position: usize,
    /// With a position, left out of the statistics of genes.
    pub cells_without_values: usize,
}

impl GraphReport {
    pub fn of(placed: &Measured, params: &GraphParams, cells_without_values: usize) -> Self {
        let Measured { kept, graph, dimensions, .. } = placed;
        let GraphParams { kind, min_length, max_length, percentile, symmetric, .. } = *params;
        let (name, k, rings, radius) = match kind {
            GraphKind::Knn { k } => ("knn", Some(k), None, None),
            GraphKind::Radius { radius } => ("radius", None, None, Some(radius)),
            GraphKind::Delaunay => ("delaunay", None, None, None),
            GraphKind::Grid { neighbours, rings } => ("grid", Some(neighbours), Some(rings), None),
        };
        Self {
            kind: name,
            k,
            rings,
            radius,
            min_length,
            max_length,
            percentile,
            symmetric,
            dimensions: *dimensions,
            edges: graph.n_edges(),
            row_standardised: graph.row_standardised(),
            isolated_cells: graph.n_isolated(),
            cells_without_position: kept.n_left_out(),
            cells_without_values,
        }
    }

    /// What the graph leaves out.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.cells_without_position > 0 {
            notes.push(format!("{} cells have no position and are left out.", self.cells_without_position));
        }
        if self.cells_without_values > 0 {
            let cells = self.cells_without_values;
            notes.push(format!(
                "{cells} cells have no finite value of any gene and are left out of the statistics of genes."
            ));
        }
        if self.isolated_cells > 0 {
            notes.push(format!("{} cells have a position and no neighbour.", self.isolated_cells));
        }
        notes
    }

    /// For the printed summary.
    pub fn line(&self) -> String {
        let kind = match (self.k, self.rings, self.radius) {
            (Some(k), Some(rings), _) => format!("grid of {k}, rings: {rings}"),
            (Some(k), None, _) => format!("{k} nearest"),
            (None, _, Some(radius)) => format!("radius {radius}"),
            (None, _, None) => "Delaunay triangulation".to_owned(),
        };
        let pruned = match self.min_length.or(self.max_length).or(self.percentile) {
            Some(_) => ", some left out by length",
            None => "",
        };
        let symmetric = if self.symmetric { ", symmetric" } else { "" };
        format!("graph        {kind}{pruned}{symmetric}, {} edges, rows standardised", self.edges)
    }

    /// `uns["spatial_neighbors"]`, by which squidpy finds the graph in `obsp`.
    pub fn squidpy(&self) -> Uns {
        let text = |name: &str, value: &str| (name.to_owned(), Uns::from(value));
        let integer = |value: usize| Uns::Integer(i64::try_from(value).unwrap_or(i64::MAX));
        let mut params = vec![text("coord_type", if self.kind == "grid" { "grid" } else { "generic" })];
        params.extend(self.k.map(|k| ("n_neighbors".to_owned(), integer(k))));
        params.extend(self.rings.map(|rings| ("n_rings".to_owned(), integer(rings))));
        params.extend(self.radius.map(|radius| ("radius".to_owned(), Uns::Number(radius))));
        params.push(("delaunay".to_owned(), Uns::Truth(self.kind == "delaunay")));
        Uns::Nested(vec![
            text("connectivities_key", CONNECTIVITIES),
            text("distances_key", DISTANCES),
            ("params".to_owned(), Uns::Nested(params)),
        ])
    }
}
