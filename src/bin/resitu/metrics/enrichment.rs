//! Neighbourhood enrichment of a column of labels.

use resitu::cells::Labels;
use resitu::io::{Csv, Field, Uns};
use resitu::progress::Tick;
use resitu::spatial::{self, EnrichmentParams};
use serde::Serialize;

use super::finding::{Finding, Number, json};
use super::metric::{Common, Metric, Section};
use crate::failure::Failure;

/// Pairs of labels that the printed summary shows.
const SHOWN: usize = 20;

#[derive(clap::Args)]
pub struct Enrichment {
    /// Neighbourhood enrichment of the labels in this column of obs.
    #[arg(long, value_name = "COLUMN")]
    enrichment: Option<String>,
}

fn params(common: &Common) -> EnrichmentParams {
    EnrichmentParams { permutations: common.permutations.unwrap_or(1000), seed: common.seed }
}

impl Metric for Enrichment {
    fn asked(&self) -> bool {
        self.enrichment.is_some()
    }

    fn in_draws(&self) -> bool {
        true
    }

    fn check(&self, common: &Common) -> Result<(), Failure> {
        Ok(params(common).check()?)
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let Some(column) = &self.enrichment else { return Ok(Vec::new()) };
        let Labels { codes, levels } = section.labels(column)?;
        let params = params(common);
        let found = spatial::enrichment(section.graph, &codes, levels.len(), section.sections, &params, tick)?;
        let report = Report {
            column,
            labels: levels,
            permutations: params.permutations,
            seed: params.seed,
            count: found.counts,
            mean: found.mean,
            deviation: found.deviation,
            zscore: found.z,
            p: found.p,
        };
        Ok(vec![report.finding()?])
    }
}

/// Matrices are labels × labels, row-major: row = the cell's label, column = its neighbour's.
#[derive(Serialize)]
struct Report<'a> {
    column: &'a str,
    labels: Vec<String>,
    permutations: usize,
    seed: u64,
    count: Vec<f64>,
    mean: Vec<f64>,
    deviation: Vec<f64>,
    zscore: Vec<f64>,
    /// Two-tailed, by counting.
    p: Vec<f64>,
}

impl Report<'_> {
    fn finding(&self) -> Result<Finding, Failure> {
        let matrix = |values: &[f64]| Uns::Matrix { n_cols: self.labels.len(), values: values.to_vec() };
        let entries = vec![("zscore".to_owned(), matrix(&self.zscore)), ("count".to_owned(), matrix(&self.count))];
        let how = vec![
            ("column".to_owned(), Uns::from(self.column)),
            ("labels".to_owned(), Uns::Texts(self.labels.clone())),
            ("permutations".to_owned(), Uns::Integer(self.permutations as i64)),
        ];
        Ok(Finding {
            name: "enrichment",
            json: vec![("enrichment", json(self)?)],
            csv: Some(self.csv()),
            uns: vec![(format!("{}_nhood_enrichment", self.column), Uns::Nested(entries))],
            how: vec![("enrichment", Uns::Nested(how))],
            text: self.lines(),
            numbers: Number::square("enrichment_zscore", &self.labels, &self.zscore),
            ..Finding::default()
        })
    }

    /// One row a pair of labels.
    fn csv(&self) -> Vec<u8> {
        let mut csv = Csv::new();
        csv.line(["label", "neighbour", "count", "mean", "deviation", "zscore", "p"].map(Field::Text));
        for (row, label) in self.labels.iter().enumerate() {
            for (column, neighbour) in self.labels.iter().enumerate() {
                let pair = row * self.labels.len() + column;
                let numbers =
                    [self.count[pair], self.mean[pair], self.deviation[pair], self.zscore[pair], self.p[pair]];
                csv.line([Field::Text(label), Field::Text(neighbour)].into_iter().chain(numbers.map(Field::Number)));
            }
        }
        csv.finish()
    }

    fn lines(&self) -> Vec<String> {
        let n = self.labels.len();
        let name = |label: usize| &self.labels[label];
        let mut pairs: Vec<usize> = (0..self.zscore.len()).filter(|&pair| !self.zscore[pair].is_nan()).collect();
        pairs.sort_by(|&a, &b| self.zscore[b].abs().total_cmp(&self.zscore[a].abs()));
        let Self { permutations, seed, .. } = self;
        let mut lines = vec![format!("enrichment   {n} labels, {permutations} permutations, seed {seed}")];
        let line =
            |&pair: &usize| format!("z {:>9.2}  {} beside {}", self.zscore[pair], name(pair / n), name(pair % n));
        lines.extend(pairs.iter().take(SHOWN).map(line));
        lines
    }
}
