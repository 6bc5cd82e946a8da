//! Cells with positions, ready for statistics: a graph, values by gene, and the names of the genes.

use std::{cell::RefCell, rc::Rc};

use super::error::{JsResult, SurfaceError, to_js};
use crate::{
    cells::Csr,
    io::Dataset,
    spatial::{Graph, GraphParams, SpatialError},
};

/// Values read in one step: small enough that a cancellation is heard soon.
const VALUES_PER_STEP: usize = 4 << 20;
/// Values held at once: 1.2 GB. A wasm module can address 4 GB, and the statistics need room beside them.
const MAX_VALUES: usize = 150 << 20;

/// The neighbour graph of some cells, and their values as far as they were read.
pub(super) struct Measured {
    pub graph: Graph,
    pub values: Csr,
    pub genes: Vec<String>,
    /// A file to read the rest of the values from; `None` when they are all there.
    file: Option<Rc<RefCell<Dataset>>>,
}

impl Measured {
    /// Cells that are all in memory.
    pub(super) fn new(graph: Graph, values: Csr, genes: Vec<String>) -> Self {
        Self { graph, values, genes, file: None }
    }

    /// The matrix in use of a file with coordinates; its values are read by [`Measured::read_on`].
    pub(super) fn of_dataset(dataset: Rc<RefCell<Dataset>>, params: GraphParams) -> JsResult<Self> {
        let (graph, genes) = {
            let dataset = dataset.borrow();
            (graph_of(&dataset, params)?, dataset.gene_names().to_vec())
        };
        Ok(Self { graph, values: Csr::empty(genes.len()), genes, file: Some(dataset) })
    }

    /// Reads some more cells. Answers whether all are read.
    pub(super) fn read_on(&mut self) -> JsResult<bool> {
        let Some(file) = &self.file else { return Ok(true) };
        let dataset = file.borrow();
        let start = self.values.n_rows();
        if start < dataset.n_cells() {
            let end = dataset.range_end(start, VALUES_PER_STEP).map_err(to_js)?;
            let part = dataset.rows(start..end).map_err(to_js)?;
            if self.values.n_stored() + part.n_stored() > MAX_VALUES {
                return Err(SurfaceError::TooLarge.into());
            }
            self.values.append(&part).map_err(to_js)?;
        }
        let finished = self.values.n_rows() >= dataset.n_cells();
        drop(dataset);
        if finished {
            self.file = None;
        }
        Ok(finished)
    }
}

/// The graph of a file's cells on its own coordinates.
pub(super) fn graph_of(dataset: &Dataset, params: GraphParams) -> JsResult<Graph> {
    let coordinates = dataset.coordinates().map_err(to_js)?.ok_or_else(|| to_js(SpatialError::NoCoordinates))?;
    Graph::build(&coordinates.xy, None, &params).map_err(to_js)
}
