//! What was measured: the cells, their values and the graph, as every output says it.

use resitu::spatial::{Graph, GraphKind};
use serde::Serialize;

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
    pub edges: usize,
    pub row_standardised: bool,
    pub isolated_cells: usize,
    pub cells_without_position: usize,
}

impl GraphReport {
    pub fn of(graph: &Graph, kind: GraphKind) -> Self {
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
            edges: graph.n_edges(),
            row_standardised: graph.row_standardised(),
            isolated_cells: graph.n_isolated(),
            cells_without_position: graph.without_position(),
        }
    }

    /// What the graph leaves out.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.cells_without_position > 0 {
            notes.push(format!("{} cells have no position and so no neighbours.", self.cells_without_position));
        }
        let alone = self.isolated_cells - self.cells_without_position.min(self.isolated_cells);
        if alone > 0 {
            notes.push(format!("{alone} cells have a position and no neighbour."));
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
        format!("graph        {kind}, {} edges, rows standardised", self.edges)
    }
}
