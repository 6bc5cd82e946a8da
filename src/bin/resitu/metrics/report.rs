//! What was measured, how, and on what: the JSON output, and the summary for people.

use resitu::spatial::{
    Autocorrelation, AutocorrelationParams, Enrichment, EnrichmentParams, Graph, GraphKind, Null, Score, Tail,
    Undefined, Variance,
};
use serde::Serialize;

/// Genes that the printed summary shows.
const SHOWN: usize = 20;

#[derive(Serialize)]
pub struct Report {
    /// Version of resitu.
    pub resitu: &'static str,
    pub input: Input,
    pub graph: GraphReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Test>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genes: Option<Vec<Gene>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrichment: Option<EnrichmentReport>,
    pub notes: Vec<String>,
}

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
    /// `knn` or `radius`, with its number.
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius: Option<f64>,
    pub edges: usize,
    pub row_standardised: bool,
    pub isolated_cells: usize,
    pub cells_without_position: usize,
}

impl GraphReport {
    pub fn of(graph: &Graph, kind: GraphKind) -> Self {
        let (name, k, radius) = match kind {
            GraphKind::Knn { k } => ("knn", Some(k), None),
            GraphKind::Radius { radius } => ("radius", None, Some(radius)),
        };
        Self {
            kind: name,
            k,
            radius,
            edges: graph.n_edges(),
            row_standardised: graph.row_standardised(),
            isolated_cells: graph.n_isolated(),
            cells_without_position: graph.without_position(),
        }
    }
}

/// How the genes were tested.
#[derive(Serialize)]
pub struct Test {
    pub variance: &'static str,
    pub tail: &'static str,
    pub permutations: usize,
    pub null: &'static str,
    pub seed: u64,
}

impl Test {
    pub fn of(params: &AutocorrelationParams) -> Self {
        Self {
            variance: match params.variance {
                Variance::Normality => "normality",
                Variance::Randomisation => "randomisation",
            },
            tail: match params.tail {
                Tail::Two => "two",
                Tail::One => "one",
            },
            permutations: params.permutations,
            null: match params.null {
                Null::Values => "values",
                Null::Rows => "rows",
            },
            seed: params.seed,
        }
    }
}

/// One gene; numbers that do not exist are null in JSON.
#[derive(Serialize)]
pub struct Gene {
    pub gene: String,
    pub moran: Statistic,
    pub geary: Statistic,
    /// `constant` or `not-finite`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undefined: Option<&'static str>,
}

#[derive(Serialize, Clone, Copy)]
pub struct Statistic {
    pub value: f64,
    pub expected: f64,
    pub variance: f64,
    pub z: f64,
    pub p: f64,
    pub q: f64,
    #[serde(flatten)]
    pub simulated: Option<SimulatedStatistic>,
}

#[derive(Serialize, Clone, Copy)]
pub struct SimulatedStatistic {
    pub mean_sim: f64,
    pub variance_sim: f64,
    pub z_sim: f64,
    pub p_z_sim: f64,
    pub p_sim: f64,
    pub q_sim: f64,
}

impl From<Score> for Statistic {
    fn from(score: Score) -> Self {
        let Score { value, expected, variance, z, p, q, simulated } = score;
        let simulated = simulated.map(|test| SimulatedStatistic {
            mean_sim: test.mean,
            variance_sim: test.variance,
            z_sim: test.z,
            p_z_sim: test.p_z,
            p_sim: test.p,
            q_sim: test.q,
        });
        Self { value, expected, variance, z, p, q, simulated }
    }
}

impl Gene {
    /// Results with the names of their genes.
    pub fn all(names: &[String], found: Vec<Autocorrelation>) -> Vec<Self> {
        let gene = |(name, result): (&String, Autocorrelation)| Self {
            gene: name.clone(),
            moran: result.moran.into(),
            geary: result.geary.into(),
            undefined: result.undefined.map(|reason| match reason {
                Undefined::Constant => "constant",
                Undefined::NotFinite => "not-finite",
            }),
        };
        names.iter().zip(found).map(gene).collect()
    }
}

/// Matrices are labels × labels, row-major: row = the cell's label, column = its neighbour's.
#[derive(Serialize)]
pub struct EnrichmentReport {
    pub column: String,
    pub labels: Vec<String>,
    pub permutations: usize,
    pub seed: u64,
    pub count: Vec<f64>,
    pub mean: Vec<f64>,
    pub deviation: Vec<f64>,
    pub zscore: Vec<f64>,
}

impl EnrichmentReport {
    pub fn of(column: &str, labels: Vec<String>, params: &EnrichmentParams, found: Enrichment) -> Self {
        Self {
            column: column.to_owned(),
            labels,
            permutations: params.permutations,
            seed: params.seed,
            count: found.counts,
            mean: found.mean,
            deviation: found.deviation,
            zscore: found.z,
        }
    }
}

impl Report {
    pub fn new(input: Input, graph: GraphReport, mut notes: Vec<String>) -> Self {
        if graph.cells_without_position > 0 {
            notes.push(format!("{} cells have no position and so no neighbours.", graph.cells_without_position));
        }
        let alone = graph.isolated_cells - graph.cells_without_position.min(graph.isolated_cells);
        if alone > 0 {
            notes.push(format!("{alone} cells have a position and no neighbour."));
        }
        Self { resitu: env!("CARGO_PKG_VERSION"), input, graph, test: None, genes: None, enrichment: None, notes }
    }

    /// The summary for people: the genes of highest I, the pairs of highest |z|.
    pub fn text(&self) -> String {
        let Input { cells, genes, matrix, value_kind, transform, coordinates, .. } = &self.input;
        let kind = match (self.graph.k, self.graph.radius) {
            (Some(k), _) => format!("{k} nearest"),
            (_, radius) => format!("radius {}", radius.unwrap_or(f64::NAN)),
        };
        let mut lines = vec![
            format!("cells        {cells}, {genes} genes, positions from {coordinates}"),
            format!("values       {matrix} ({value_kind}), transform {transform}"),
            format!("graph        {kind}, {} edges, rows standardised", self.graph.edges),
        ];
        if let (Some(genes), Some(test)) = (&self.genes, &self.test) {
            lines.extend(genes_text(genes, test));
        }
        if let Some(found) = &self.enrichment {
            lines.extend(enrichment_text(found));
        }
        lines.extend(self.notes.iter().map(|note| format!("note         {note}")));
        lines.join("\n") + "\n"
    }
}

fn genes_text(genes: &[Gene], test: &Test) -> Vec<String> {
    let mut order: Vec<&Gene> = genes.iter().filter(|gene| gene.undefined.is_none()).collect();
    order.sort_by(|a, b| b.moran.value.total_cmp(&a.moran.value));
    let Test { variance, tail, permutations, null, seed } = test;
    let permuted =
        if *permutations > 0 { format!(", {permutations} permutations of {null}, seed {seed}") } else { String::new() };
    let mut lines = vec![
        format!("test         {variance}, {tail}-tailed{permuted}"),
        format!("{:<16} {:>9} {:>9} {:>10} {:>9} {:>9} {:>10}", "gene", "Moran I", "z", "q", "Geary C", "z", "q"),
    ];
    let line = |gene: &&Gene| {
        let Gene { gene, moran, geary, .. } = gene;
        format!(
            "{gene:<16} {:>9.4} {:>9.2} {:>10} {:>9.4} {:>9.2} {:>10}",
            moran.value,
            moran.z,
            small(moran.q),
            geary.value,
            geary.z,
            small(geary.q)
        )
    };
    lines.extend(order.iter().take(SHOWN).map(line));
    if genes.len() > SHOWN.min(order.len()) {
        let undefined = genes.len() - order.len();
        let rest = order.len() - SHOWN.min(order.len());
        lines.push(format!("… {rest} more with --out; {undefined} constant or not finite"));
    }
    lines
}

/// A false discovery rate in few digits; what underflowed is not 0.
fn small(q: f64) -> String {
    if q == 0.0 { "<1e-300".to_owned() } else { format!("{q:.2e}") }
}

fn enrichment_text(found: &EnrichmentReport) -> Vec<String> {
    let n = found.labels.len();
    let name = |label: usize| &found.labels[label];
    let mut pairs: Vec<usize> = (0..found.zscore.len()).filter(|&pair| !found.zscore[pair].is_nan()).collect();
    pairs.sort_by(|&a, &b| found.zscore[b].abs().total_cmp(&found.zscore[a].abs()));
    let mut lines =
        vec![format!("enrichment   {} labels, {} permutations, seed {}", n, found.permutations, found.seed)];
    lines.extend(
        pairs
            .iter()
            .take(SHOWN)
            .map(|&pair| format!("z {:>9.2}  {} beside {}", found.zscore[pair], name(pair / n), name(pair % n))),
    );
    lines
}
