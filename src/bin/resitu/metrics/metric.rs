//! What every metric of the command has in common: when it runs, what it is given, what it gives back.

use std::cell::RefCell;
use std::collections::BTreeMap;

use resitu::cells::{Csr, Labels};
use resitu::io::{Coordinates, Dataset};
use resitu::progress::Tick;
use resitu::spatial::{Graph, Kept};

use super::finding::Finding;
use super::niche_options::NicheOptions;
use crate::failure::Failure;

/// One file of this folder: its options as clap's arguments, and how to go from a section to findings.
///
/// To add a metric: a file with a struct that derives `clap::Args` and implements this, flattened into
/// [`Metrics`](super::Metrics) and named in `Metrics::metrics`.
pub trait Metric {
    /// Whether the person asked for it.
    fn asked(&self) -> bool;

    /// Whether it reads the values of the genes, and not only positions and labels.
    fn needs_values(&self) -> bool {
        false
    }

    /// Whether it gives numbers ([`Finding::numbers`]) that deserve an interval where positions are only likely: then it is
    /// measured on every draw of them ([`Section::drawn`]).
    fn in_draws(&self) -> bool {
        false
    }

    /// Refuses what cannot be meant, before the file is opened.
    ///
    /// # Errors
    /// As the parameters of the metric say.
    fn check(&self, common: &Common) -> Result<(), Failure>;

    /// Does the work.
    ///
    /// # Errors
    /// Those of the metric, and `job.cancelled`.
    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure>;
}

/// Options that several metrics share.
#[derive(clap::Args, Clone, Copy)]
pub struct Common {
    /// Number of permutations. Autocorrelation: default 0, analytic p-values alone. Enrichment, ligand-receptor: 1000.
    /// Local statistics: 999. Pairs of genes: 199.
    #[arg(long, value_name = "N")]
    pub permutations: Option<usize>,
    /// Seed of everything random.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    #[command(flatten)]
    pub niches: NicheOptions,
}

/// The cells to be measured. Everything that is one entry a cell is one a cell that takes part.
#[derive(Clone, Copy)]
pub struct Section<'a> {
    pub cells: &'a Dataset,
    /// Which cells of the file take part.
    pub kept: &'a Kept,
    pub coordinates: &'a Coordinates,
    /// Section of each cell, where the person named a column.
    pub sections: Option<&'a [u32]>,
    pub graph: &'a Graph,
    /// The values as the metrics should see them, transformed where that was asked for; `None` if none needs them.
    pub values: Option<&'a Csr>,
    /// Whether the output should hold what `sq.pl` draws, where that is not what resitu computes.
    pub for_squidpy: bool,
    /// Whether the positions are one draw of many: the statistics alone are wanted, without tests.
    pub drawn: bool,
    /// The columns that were used as labels: read once, and written as categories, as squidpy wants them.
    pub labelled: &'a RefCell<BTreeMap<String, Labels>>,
}

/// The cells that each metric is measured on.
pub struct Groups<'a> {
    /// Those with a position.
    pub placed: Section<'a>,
    /// Those that also have values, for the metrics that read them; `None` where all have.
    pub measured: Option<Section<'a>>,
}

impl<'a> Groups<'a> {
    pub fn of(&self, metric: &dyn Metric) -> &Section<'a> {
        self.measured.as_ref().filter(|_| metric.needs_values()).unwrap_or(&self.placed)
    }
}

impl Section<'_> {
    /// A column of `obs` as labels, of the cells that take part.
    ///
    /// # Errors
    /// `io.no-such-name`, and `usage` for a column that does not group cells.
    pub fn labels(&self, column: &str) -> Result<Labels, Failure> {
        let part = |Labels { codes, levels }: &Labels| Labels {
            codes: self.kept.pick(codes).into_owned(),
            levels: levels.clone(),
        };
        if let Some(labels) = self.labelled.borrow().get(column) {
            return Ok(part(labels));
        }
        let labels = self.cells.labels(column)?;
        let found = part(&labels);
        self.labelled.borrow_mut().insert(column.to_owned(), labels);
        Ok(found)
    }
}
