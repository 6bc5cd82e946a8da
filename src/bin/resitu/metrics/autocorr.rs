//! Moran's I and Geary's C of every gene: options, results, tables.

use resitu::cells::Column;
use resitu::io::{Csv, Field, Table, Uns};
use resitu::progress::Tick;
use resitu::spatial::{
    Autocorrelation, AutocorrelationParams, Null, Score, Tail, Undefined, Variance, autocorrelation,
};
use serde::Serialize;

use super::finding::{Finding, Number, json, to_uns};
use super::metric::{Common, Metric, Section};
use super::options;
use crate::failure::Failure;

/// Genes that the printed summary shows.
const SHOWN: usize = 20;

#[derive(clap::Args)]
pub struct Autocorr {
    /// Moran's I and Geary's C of every gene; also done when no other metric is asked for.
    #[arg(long)]
    pub autocorr: bool,
    /// What a permutation of the autocorrelation shuffles: values (as esda), or rows of the weights (as squidpy).
    #[arg(long, value_enum, default_value_t)]
    null: options::Null,
    /// The null hypothesis of the analytic variance.
    #[arg(long, value_enum, default_value_t)]
    variance: options::Variance,
    /// Deviations that count: both directions, or the observed one (squidpy's default).
    #[arg(long, value_enum, default_value_t)]
    tail: options::Tail,
}

impl Autocorr {
    fn params(&self, common: &Common) -> AutocorrelationParams {
        AutocorrelationParams {
            variance: self.variance.into(),
            tail: self.tail.into(),
            permutations: common.permutations.unwrap_or(0),
            null: self.null.into(),
            seed: common.seed,
        }
    }
}

impl Metric for Autocorr {
    fn asked(&self) -> bool {
        self.autocorr
    }

    fn needs_values(&self) -> bool {
        true
    }

    fn in_draws(&self) -> bool {
        true
    }

    fn check(&self, common: &Common) -> Result<(), Failure> {
        Ok(self.params(common).check()?)
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let Some(values) = section.values else { return Ok(Vec::new()) };
        let params = self.params(common);
        let genes = Gene::all(section.cells.gene_names(), autocorrelation(section.graph, values, &params, tick)?);
        let test = Test::of(&params);
        let how = json(&test)?;
        Ok(vec![Finding {
            name: "genes",
            csv: Some(csv(&genes)),
            uns: vec![
                ("moranI".to_owned(), Uns::Table(squidpy_table(&genes, "I", |gene| &gene.moran, true))),
                ("gearyC".to_owned(), Uns::Table(squidpy_table(&genes, "C", |gene| &gene.geary, false))),
            ],
            how: to_uns(&how).map(|how| ("test", how)).into_iter().collect(),
            text: lines(&genes, &test),
            numbers: genes.iter().flat_map(numbers_of).collect(),
            json: vec![("test", how), ("genes", json(&genes)?)],
            ..Finding::default()
        }])
    }
}

fn numbers_of(gene: &Gene) -> [Number; 2] {
    [("moranI", gene.moran.value), ("gearyC", gene.geary.value)].map(|(statistic, value)| Number {
        statistic,
        of: gene.gene.clone(),
        with: String::new(),
        distance: f64::NAN,
        value,
    })
}

/// How the genes were tested.
#[derive(Serialize)]
struct Test {
    variance: &'static str,
    tail: &'static str,
    permutations: usize,
    null: &'static str,
    seed: u64,
}

impl Test {
    fn of(params: &AutocorrelationParams) -> Self {
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
struct Gene {
    gene: String,
    moran: Statistic,
    geary: Statistic,
    /// `constant` or `not-finite`.
    #[serde(skip_serializing_if = "Option::is_none")]
    undefined: Option<&'static str>,
}

#[derive(Serialize, Clone, Copy)]
struct Statistic {
    value: f64,
    expected: f64,
    variance: f64,
    z: f64,
    p: f64,
    q: f64,
    #[serde(flatten)]
    simulated: Option<SimulatedStatistic>,
}

#[derive(Serialize, Clone, Copy)]
struct SimulatedStatistic {
    mean_sim: f64,
    variance_sim: f64,
    z_sim: f64,
    p_z_sim: f64,
    p_sim: f64,
    q_sim: f64,
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
    fn all(names: &[String], found: Vec<Autocorrelation>) -> Vec<Self> {
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

/// One row a gene, in the order of the file.
fn csv(genes: &[Gene]) -> Vec<u8> {
    let simulated = genes.iter().any(|gene| gene.moran.simulated.is_some());
    let statistic = |name: &str| {
        let analytic = ["value", "expected", "variance", "z", "p", "q"];
        let permuted = ["mean_sim", "variance_sim", "z_sim", "p_z_sim", "p_sim", "q_sim"];
        let columns = analytic.into_iter().chain(permuted.into_iter().filter(|_| simulated));
        columns.map(|column| format!("{name}_{column}")).collect::<Vec<_>>()
    };
    let mut table = Csv::new();
    let (moran, geary) = (statistic("moran"), statistic("geary"));
    let header = ["gene"].into_iter().chain(moran.iter().chain(&geary).map(String::as_str)).chain(["undefined"]);
    table.line(header.map(Field::Text));
    for gene in genes {
        let numbers = numbers(&gene.moran, simulated).chain(numbers(&gene.geary, simulated)).map(Field::Number);
        let reason = Field::Text(gene.undefined.unwrap_or(""));
        table.line([Field::Text(&gene.gene)].into_iter().chain(numbers).chain([reason]));
    }
    table.finish()
}

fn numbers(statistic: &Statistic, with_simulated: bool) -> impl Iterator<Item = f64> {
    let Statistic { value, expected, variance, z, p, q, simulated } = *statistic;
    let permuted = match simulated {
        Some(test) => [test.mean_sim, test.variance_sim, test.z_sim, test.p_z_sim, test.p_sim, test.q_sim],
        None => [f64::NAN; 6],
    };
    [value, expected, variance, z, p, q].into_iter().chain(permuted.into_iter().filter(move |_| with_simulated))
}

/// A table with the columns of squidpy's `spatial_autocorr`, sorted as there: the strongest pattern first.
fn squidpy_table(genes: &[Gene], name: &str, pick: impl Fn(&Gene) -> &Statistic, descending: bool) -> Table {
    let mut order: Vec<&Gene> = genes.iter().collect();
    // NaN goes last, as pandas puts it.
    let key = |gene: &Gene| match pick(gene).value {
        value if value.is_nan() => f64::INFINITY,
        value if descending => -value,
        value => value,
    };
    order.sort_by(|a, b| key(a).total_cmp(&key(b)));
    let column = |of: &dyn Fn(&Statistic) -> f64| Column::Numbers(order.iter().map(|gene| of(pick(gene))).collect());
    let simulated = |of: fn(&SimulatedStatistic) -> f64| {
        column(&|statistic: &Statistic| statistic.simulated.as_ref().map_or(f64::NAN, of))
    };
    let mut columns = vec![
        (name.to_owned(), column(&|statistic| statistic.value)),
        ("pval_norm".to_owned(), column(&|statistic| statistic.p)),
        ("var_norm".to_owned(), column(&|statistic| statistic.variance)),
    ];
    if genes.iter().any(|gene| pick(gene).simulated.is_some()) {
        columns.extend([
            ("pval_z_sim".to_owned(), simulated(|test| test.p_z_sim)),
            ("pval_sim".to_owned(), simulated(|test| test.p_sim)),
            ("var_sim".to_owned(), simulated(|test| test.variance_sim)),
        ]);
    }
    columns.push(("pval_norm_fdr_bh".to_owned(), column(&|statistic| statistic.q)));
    if columns.len() > 4 {
        columns.push(("pval_sim_fdr_bh".to_owned(), simulated(|test| test.q_sim)));
    }
    Table { index: order.iter().map(|gene| gene.gene.clone()).collect(), columns }
}

fn lines(genes: &[Gene], test: &Test) -> Vec<String> {
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
        lines.push(format!("… {rest} more with --output; {undefined} constant or not finite"));
    }
    lines
}

/// A false discovery rate in few digits; what underflowed is not 0.
fn small(q: f64) -> String {
    if q == 0.0 { "<1e-300".to_owned() } else { format!("{q:.2e}") }
}
