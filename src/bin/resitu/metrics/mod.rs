//! `resitu metrics`: how the cells of a section lie beside each other. One file per metric, each a [`Metric`].

mod autocorr;
mod carry;
mod clusters;
mod co_occurrence;
mod draws;
mod enrichment;
mod expression;
mod finding;
mod genes;
mod graph;
mod input;
mod labels;
mod ligrec;
mod local;
mod measured;
mod metric;
mod niche_options;
mod niches;
mod options;
mod output;
mod pairs;
mod ripley;

use std::{borrow::Cow, cell::RefCell, ffi::OsStr, path::PathBuf};

use resitu::cells::{Csr, log1p_per_median_total};
use resitu::io::{Coordinates, Dataset, ValueKind};
use resitu::progress::Progress;
use resitu::spatial::{Kept, SpatialError};

use self::input::{GraphReport, Input};
use self::measured::{Measured, section_codes};
use self::metric::{Common, Groups, Metric, Section};
use self::options::Transform;
use self::output::{Contents, Report};
use crate::{
    failure::Failure,
    files::{open_cells, write_whole},
    watch::Watch,
};

/// Values read between two ticks of the progress.
const VALUES_AT_ONCE: usize = 4 << 20;

/// What people ask for, to be copied.
const EXAMPLES: &str = "\
Examples:
  Genes with a pattern, of counts:
    resitu metrics section.h5ad --autocorr --transform log1p-cp --permutations 199 -o genes.csv
  All that squidpy draws, on a triangulation without its longest edges:
    resitu metrics section.h5ad --graph delaunay --percentile 99 --enrichment cell_type --interactions cell_type \\
      --centrality cell_type --co-occurrence cell_type --ripley cell_type -o measured.h5ad
  Where two genes are high, and whether together:
    resitu metrics section.h5ad --local EPCAM,KRT8 --pairs-of EPCAM,KRT8 -o cells.csv
  Niches of a section that nobody has annotated, of counts:
    resitu metrics section.h5ad --niches-of all --with-self --transform log1p-cp --graph knn:20 -o niches.h5ad
  Translated cells, with what is doubtful about their places:
    resitu metrics cells.translated.h5ad --enrichment resitu_state --draws 200 --null-from breast.resitu -o doubt.json";

/// Measure neighbourhoods: Moran's I and Geary's C of every gene, and how labels lie beside each other.
///
/// The values are used as they are in the file, so that the numbers are those that squidpy gives for it; normalise
/// counts with --transform log1p-cp. Graph and statistics are squidpy's too, with two-tailed p-values and, with
/// --permutations, shuffled values; --tail one and --null rows do as squidpy does.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Metrics {
    /// A file, an archive, a folder, or several files that belong together, whose cells have coordinates.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    graph: graph::GraphOptions,
    /// Column of obs with the section of each cell; cells of different sections are never neighbours.
    #[arg(long, value_name = "COLUMN")]
    sections: Option<String>,
    #[command(flatten)]
    autocorr: autocorr::Autocorr,
    #[command(flatten)]
    enrichment: enrichment::Enrichment,
    #[command(flatten)]
    labels: labels::LabelTables,
    #[command(flatten)]
    ligrec: ligrec::Ligrec,
    #[command(flatten)]
    niches: niches::Niches,
    #[command(flatten)]
    expression: expression::Expression,
    #[command(flatten)]
    co_occurrence: co_occurrence::CoOccurrences,
    #[command(flatten)]
    ripley: ripley::Ripleys,
    #[command(flatten)]
    local: local::Local,
    #[command(flatten)]
    pairs: pairs::Pairs,
    #[command(flatten)]
    draws: draws::Draws,
    #[command(flatten)]
    common: Common,
    /// Use this matrix instead of the default: X, raw/X or layers/NAME.
    #[arg(long, value_name = "NAME")]
    matrix: Option<String>,
    /// What to do with the values first; log1p-cp is the logarithm of 1 + counts per median total, as scanpy's
    /// normalize_total and log1p.
    #[arg(long, value_enum, default_value_t)]
    transform: Transform,
    /// Where to write: .json (everything), .csv (the first metric's table, the others beside it as NAME.METRIC.csv), or
    /// .h5ad (the cells with the results under squidpy's names). Without it, a summary is printed.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Where the results go.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    Text,
    Json,
    Csv,
    H5ad,
}

impl Metrics {
    /// Every metric there is, in the order of the output.
    fn metrics(&self) -> Vec<&dyn Metric> {
        vec![
            &self.autocorr,
            &self.enrichment,
            &self.labels,
            &self.co_occurrence,
            &self.ripley,
            &self.ligrec,
            &self.niches,
            &self.expression,
            &self.local,
            &self.pairs,
        ]
    }

    pub fn run(&self) -> Result<(), Failure> {
        // All that can be refused without reading the file, first.
        let format = self.format()?;
        let graph_params = self.graph.params()?;
        let mut metrics: Vec<&dyn Metric> = self.metrics().into_iter().filter(|metric| metric.asked()).collect();
        if metrics.is_empty() {
            metrics.push(&self.autocorr);
        }
        metrics.iter().try_for_each(|metric| metric.check(&self.common))?;
        self.draws.check(&self.common, &metrics)?;

        let mut cells = open_cells(&self.files)?;
        if let Some(name) = &self.matrix {
            cells.use_matrix(name)?;
        }
        let mut watch = Watch::new();
        let coordinates = cells.coordinates()?.ok_or(SpatialError::NoCoordinates)?;
        let sections = self.sections.as_ref().map(|column| section_codes(&cells, column)).transpose()?;
        let part = |kept: Kept| Measured::new(kept, &coordinates, sections.as_deref(), &self.graph, &graph_params);
        let placed = part(self.graph.placed(&coordinates))?;

        let with_values = metrics.iter().any(|metric| metric.needs_values());
        let values = with_values.then(|| read_all(&cells, &mut watch)).transpose()?;
        let kept = values.as_ref().map(|values| placed.kept.with_values(values));
        let without_values = kept.as_ref().map_or(0, |kept| kept.n_left_out() - placed.kept.n_left_out());
        let measured = kept.filter(|kept| *kept != placed.kept).map(part).transpose()?;
        let prepared = match &values {
            Some(values) => {
                let kept = &measured.as_ref().unwrap_or(&placed).kept;
                Some(self.prepare(&cells, kept.pick_rows(values)?)?)
            }
            None => None,
        };
        let mut report = self.report(&cells, &coordinates, GraphReport::of(&placed, &graph_params, without_values));
        let labelled = RefCell::default();
        let base = Section {
            cells: &cells,
            kept: &placed.kept,
            coordinates: &placed.coordinates,
            sections: placed.sections.as_deref(),
            graph: &placed.graph,
            values: prepared.as_deref(),
            for_squidpy: format == Format::H5ad,
            drawn: false,
            labelled: &labelled,
        };
        let groups = Groups { placed: base, measured: measured.as_ref().map(|part| part.section(&base)) };
        for &metric in &metrics {
            let mut found = metric.measure(groups.of(metric), &self.common, &mut |progress| watch.tick(progress))?;
            report.notes.extend(found.iter_mut().flat_map(|finding| finding.notes.drain(..)));
            report.findings.append(&mut found);
        }
        let setting = draws::Setting { graph: &self.graph, params: &graph_params, metrics: &metrics };
        let drawn = self.draws.measure(&groups, &setting, &self.common, &mut |progress| watch.tick(progress))?;
        report.findings.extend(drawn);
        let contents = Contents {
            cells: &cells,
            coordinates: &coordinates,
            placed: &placed,
            values: values.as_ref(),
            labelled: labelled.take(),
        };
        self.write(format, report, &contents, &mut watch)
    }

    fn format(&self) -> Result<Format, Failure> {
        match self.output.as_deref().map(|path| path.extension().and_then(OsStr::to_str)) {
            None => Ok(Format::Text),
            Some(Some("json")) => Ok(Format::Json),
            Some(Some("csv")) => Ok(Format::Csv),
            Some(Some("h5ad")) => Ok(Format::H5ad),
            Some(_) => Err(Failure::Usage {
                sentence: "The output must end in .json, .csv or .h5ad.".into(),
                hint: "Name it, for example, metrics.csv.",
            }),
        }
    }

    fn report(&self, cells: &Dataset, coordinates: &Coordinates, graph: GraphReport) -> Report {
        let input = Input {
            cells: cells.n_cells(),
            genes: cells.n_genes(),
            matrix: cells.matrix_name().to_owned(),
            value_kind: cells.value_kind().as_str(),
            transform: self.transform.as_str(),
            coordinates: coordinates.key.clone(),
            sections: self.sections.clone(),
        };
        let mut notes = cells.notes().to_vec();
        if cells.value_kind() == ValueKind::Counts && self.transform == Transform::None {
            notes.push("The values are counts and were used as they are; --transform log1p-cp normalises them.".into());
        }
        notes.extend(graph.notes());
        Report { input, graph, findings: Vec::new(), notes }
    }

    /// The values as the statistics should see them.
    fn prepare<'a>(&self, cells: &Dataset, values: Cow<'a, Csr>) -> Result<Cow<'a, Csr>, Failure> {
        match (self.transform, cells.value_kind()) {
            (Transform::None, _) => Ok(values),
            (Transform::Log1pCp, ValueKind::Counts) => Ok(Cow::Owned(log1p_per_median_total(&values)?)),
            (Transform::Log1pCp, kind) => Err(Failure::Usage {
                sentence: format!(
                    "--transform log1p-cp is for counts, and {} looks {}.",
                    cells.matrix_name(),
                    kind.as_str()
                ),
                hint: "Leave the transform out, or name a matrix of counts with --matrix.",
            }),
        }
    }

    fn write(&self, format: Format, mut report: Report, contents: &Contents, watch: &mut Watch) -> Result<(), Failure> {
        let Some(out) = &self.output else {
            watch.clear();
            println!("{}", report.text().trim_end());
            return Ok(());
        };
        match format {
            Format::H5ad => report.write_h5ad(out, contents, watch)?,
            Format::Csv => report.write_csv(out)?,
            Format::Json | Format::Text => write_whole(out, &report.json()?)?,
        }
        watch.clear();
        for note in &report.notes {
            eprintln!("note: {note}");
        }
        Ok(())
    }
}

fn read_all(cells: &Dataset, watch: &mut Watch) -> Result<Csr, Failure> {
    let (mut values, mut part) = (Csr::empty(cells.n_genes()), Csr::empty(0));
    while values.n_rows() < cells.n_cells() {
        let start = values.n_rows();
        cells.rows_into(start..cells.range_end(start, VALUES_AT_ONCE)?, &mut part)?;
        values.append(&part)?;
        let progress = Progress { stage: "reading cells", done: values.n_rows() as u64, total: cells.n_cells() as u64 };
        if watch.tick(progress).is_break() {
            return Err(Failure::Cancelled);
        }
    }
    Ok(values)
}
