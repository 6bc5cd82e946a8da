//! `resitu metrics`: how the cells of a section lie beside each other.

mod options;
mod report;
mod tables;

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use resitu::cells::{Csr, Labels, log1p_per_median_total};
use resitu::io::{Coordinates, Dataset, IoError, ValueKind};
use resitu::progress::Progress;
use resitu::spatial::{
    AutocorrelationParams, EnrichmentParams, Graph, GraphKind, GraphParams, SpatialError, autocorrelation, enrichment,
};

use self::options::{Null, Tail, Transform, Variance, graph_kind};
use self::report::{EnrichmentReport, Gene, GraphReport, Input, Report, Test};
use crate::{
    failure::Failure,
    files::{open_cells, write_whole},
    watch::Watch,
};

/// Values read between two ticks of the progress.
const VALUES_AT_ONCE: usize = 4 << 20;

/// Measure neighbourhoods: Moran's I and Geary's C of every gene, enrichment of labels beside each other.
///
/// The values are used as they are in the file, so that the numbers are those that squidpy gives for it; normalise
/// counts with --transform log1p-cp. Graph and statistics are squidpy's too, with two-tailed p-values and, with
/// --permutations, shuffled values; --tail one and --null rows do as squidpy does.
#[derive(clap::Args)]
pub struct Metrics {
    /// An .h5ad file whose cells have coordinates.
    file: PathBuf,
    /// Who is a neighbour: knn:K, the K nearest cells, or radius:R, all cells within R in the units of the coordinates.
    #[arg(long, value_name = "KIND", default_value = "knn:6", value_parser = graph_kind)]
    graph: GraphKind,
    /// Column of obs with the section of each cell; cells of different sections are never neighbours.
    #[arg(long, value_name = "COLUMN")]
    sections: Option<String>,
    /// Moran's I and Geary's C of every gene; also done when no other metric is asked for.
    #[arg(long)]
    autocorr: bool,
    /// Neighbourhood enrichment of the labels in this column of obs.
    #[arg(long, value_name = "COLUMN")]
    enrichment: Option<String>,
    /// Number of permutations. Autocorrelation: default 0, analytic p-values alone. Enrichment: default 1000.
    #[arg(long, value_name = "N")]
    permutations: Option<usize>,
    /// What a permutation of the autocorrelation shuffles: values (as esda), or rows of the weights (as squidpy).
    #[arg(long, value_enum, default_value_t)]
    null: Null,
    /// The null hypothesis of the analytic variance.
    #[arg(long, value_enum, default_value_t)]
    variance: Variance,
    /// Deviations that count: both directions, or the observed one (squidpy's default).
    #[arg(long, value_enum, default_value_t)]
    tail: Tail,
    /// Use this matrix instead of the default: X, raw/X or layers/NAME.
    #[arg(long, value_name = "NAME")]
    matrix: Option<String>,
    /// What to do with the values first; log1p-cp is the logarithm of 1 + counts per median total, as scanpy's
    /// normalize_total and log1p.
    #[arg(long, value_enum, default_value_t)]
    transform: Transform,
    /// Seed of the permutations.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where to write: .json (everything), .csv (one row a gene; enrichment beside it as NAME.enrichment.csv), or .h5ad
    /// (the cells with the results in uns, under squidpy's names). Without it, a summary is printed.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
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
    pub fn run(&self) -> Result<(), Failure> {
        // All that can be refused without reading the file, first.
        let format = self.format()?;
        let graph_params = GraphParams { kind: self.graph, ..GraphParams::default() };
        graph_params.check()?;
        let test = self.test();
        test.check()?;
        let enrichment_params = EnrichmentParams { permutations: self.permutations.unwrap_or(1000), seed: self.seed };
        if self.enrichment.is_some() {
            enrichment_params.check()?;
        }
        let with_genes = self.autocorr || self.enrichment.is_none();

        let mut cells = open_cells(&self.file)?;
        if let Some(name) = &self.matrix {
            cells.use_matrix(name)?;
        }
        let mut watch = Watch::new();
        let coordinates = cells.coordinates()?.ok_or(SpatialError::NoCoordinates)?;
        let sections = self.sections.as_ref().map(|column| section_codes(&cells, column)).transpose()?;
        let labels = self.enrichment.as_ref().map(|column| cells.labels(column)).transpose()?;
        let graph = Graph::build(&coordinates.xy, sections.as_deref(), &graph_params)?;
        let mut report = self.report(&cells, &coordinates, &graph);

        let values = if with_genes || format == Format::H5ad { Some(read_all(&cells, &mut watch)?) } else { None };
        if let (Some(values), true) = (&values, with_genes) {
            let prepared = self.prepare(&cells, values)?;
            let found = autocorrelation(&graph, prepared.as_ref().unwrap_or(values), &test, &mut |p| watch.tick(p))?;
            report.genes = Some(Gene::all(cells.gene_names(), found));
            report.test = Some(Test::of(&test));
        }
        if let (Some(column), Some(labels)) = (&self.enrichment, labels) {
            let Labels { codes, levels } = labels;
            let sections = sections.as_deref();
            let found = enrichment(&graph, &codes, levels.len(), sections, &enrichment_params, &mut |p| watch.tick(p))?;
            report.enrichment = Some(EnrichmentReport::of(column, levels, &enrichment_params, found));
        }
        drop(watch);
        self.write(format, &report, &cells, &coordinates, values.as_ref())
    }

    fn format(&self) -> Result<Format, Failure> {
        match self.out.as_deref().map(|path| path.extension().and_then(OsStr::to_str)) {
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

    fn test(&self) -> AutocorrelationParams {
        AutocorrelationParams {
            variance: self.variance.into(),
            tail: self.tail.into(),
            permutations: self.permutations.unwrap_or(0),
            null: self.null.into(),
            seed: self.seed,
        }
    }

    fn report(&self, cells: &Dataset, coordinates: &Coordinates, graph: &Graph) -> Report {
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
        Report::new(input, GraphReport::of(graph, self.graph), notes)
    }

    /// The values as the statistics should see them; `None`: as they are.
    fn prepare(&self, cells: &Dataset, values: &Csr) -> Result<Option<Csr>, Failure> {
        match (self.transform, cells.value_kind()) {
            (Transform::None, _) => Ok(None),
            (Transform::Log1pCp, ValueKind::Counts) => Ok(Some(log1p_per_median_total(values)?)),
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

    fn write(
        &self,
        format: Format,
        report: &Report,
        cells: &Dataset,
        coordinates: &Coordinates,
        values: Option<&Csr>,
    ) -> Result<(), Failure> {
        let Some(out) = &self.out else {
            print!("{}", report.text());
            return Ok(());
        };
        match (format, values) {
            (Format::H5ad, Some(values)) => write_whole(out, &tables::h5ad(report, cells, coordinates, values)?)?,
            (Format::Csv, _) => {
                if let Some(genes) = &report.genes {
                    write_whole(out, &tables::genes_csv(genes))?;
                }
                if let Some(found) = &report.enrichment {
                    let beside = if report.genes.is_some() { with_ending(out, "enrichment.csv") } else { out.clone() };
                    write_whole(&beside, &tables::enrichment_csv(found))?;
                }
            }
            _ => {
                let json = serde_json::to_vec_pretty(report).map_err(|e| IoError::WriteFailed(e.to_string()))?;
                write_whole(out, &json)?;
            }
        }
        for note in &report.notes {
            eprintln!("note: {note}");
        }
        Ok(())
    }
}

/// `metrics.csv` → `metrics.enrichment.csv`.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    path.with_extension(ending)
}

fn section_codes(cells: &Dataset, column: &str) -> Result<Vec<u32>, Failure> {
    let codes = cells.labels(column)?.codes.into_iter().map(u32::try_from).collect::<Result<_, _>>();
    codes.map_err(|_| Failure::Usage {
        sentence: "Some cells have no section in that column.".into(),
        hint: "Leave those cells out of the file, or choose a complete column.",
    })
}

fn read_all(cells: &Dataset, watch: &mut Watch) -> Result<Csr, Failure> {
    let mut values = Csr::empty(cells.n_genes());
    while values.n_rows() < cells.n_cells() {
        let start = values.n_rows();
        values.append(&cells.rows(start..cells.range_end(start, VALUES_AT_ONCE)?)?)?;
        let progress = Progress { stage: "reading cells", done: values.n_rows() as u64, total: cells.n_cells() as u64 };
        if watch.tick(progress).is_break() {
            return Err(Failure::Cancelled);
        }
    }
    Ok(values)
}
