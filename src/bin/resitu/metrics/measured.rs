//! The cells that take part, with their places and the graph between them.

use resitu::io::{Coordinates, Dataset};
use resitu::spatial::{Graph, GraphParams, Kept};

use super::graph::GraphOptions;
use super::metric::Section;
use crate::failure::Failure;

pub struct Measured {
    pub kept: Kept,
    pub coordinates: Coordinates,
    /// Section of each cell that takes part, where the person named a column.
    pub sections: Option<Vec<u32>>,
    pub graph: Graph,
    pub dimensions: usize,
}

impl Measured {
    /// Those of `kept`; `all` and `sections` are of all cells, the latter −1 where a cell has none.
    ///
    /// # Errors
    /// `usage` if a cell that takes part has no section; those of building the graph.
    pub fn new(
        kept: Kept,
        all: &Coordinates,
        sections: Option<&[i32]>,
        options: &GraphOptions,
        params: &GraphParams,
    ) -> Result<Self, Failure> {
        let coordinates = Coordinates {
            key: all.key.clone(),
            xy: kept.pick(&all.xy).into_owned(),
            z: all.z.as_ref().map(|z| kept.pick(z).into_owned()),
        };
        let sections = sections.map(|codes| known(&kept.pick(codes))).transpose()?;
        let (graph, dimensions) = options.build(&coordinates, sections.as_deref(), params)?;
        Ok(Self { kept, coordinates, sections, graph, dimensions })
    }

    /// What metrics see of them; the rest as `like`.
    pub fn section<'a>(&'a self, like: &Section<'a>) -> Section<'a> {
        Section {
            kept: &self.kept,
            coordinates: &self.coordinates,
            sections: self.sections.as_deref(),
            graph: &self.graph,
            ..*like
        }
    }
}

/// The codes of a column that tells sections apart.
///
/// # Errors
/// Those of reading it.
pub fn section_codes(cells: &Dataset, column: &str) -> Result<Vec<i32>, Failure> {
    Ok(cells.labels(column)?.codes)
}

fn known(codes: &[i32]) -> Result<Vec<u32>, Failure> {
    let codes = codes.iter().map(|&code| u32::try_from(code)).collect::<Result<_, _>>();
    codes.map_err(|_| Failure::Usage {
        sentence: "Some cells have no section in that column.".into(),
        hint: "Leave those cells out of the file, or choose a complete column.",
    })
}
