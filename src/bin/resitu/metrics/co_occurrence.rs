//! Co-occurrence of labels by distance.

use std::cell::OnceCell;

use resitu::cells::Labels;
use resitu::io::{Csv, Field, Uns};
use resitu::progress::Tick;
use resitu::spatial::{CoOccurrence, CoOccurrenceParams, Intervals, co_occurrence};
use serde_json::json;

use super::finding::{Finding, Number, json};
use super::metric::{Common, Metric, Section};
use crate::failure::Failure;

/// Pairs of labels that the printed summary shows.
const SHOWN: usize = 20;

#[derive(clap::Args)]
pub struct CoOccurrences {
    /// Co-occurrence: how much likelier each label of this column of obs is near another one than anywhere, by distance.
    #[arg(long, value_name = "COLUMN")]
    co_occurrence: Option<String>,
    /// Distances of the co-occurrence, ascending, in the units of the coordinates. Default: 50, as squidpy chooses them.
    #[arg(long, value_name = "D,D,…", value_delimiter = ',', requires = "co_occurrence")]
    distances: Vec<f64>,
    /// The distances of the first run: squidpy's choice follows the positions, and draws of them are to be compared.
    #[arg(skip)]
    chosen: OnceCell<Vec<f64>>,
}

impl CoOccurrences {
    fn params(&self) -> CoOccurrenceParams {
        let given = Some(&self.distances).filter(|distances| !distances.is_empty()).or(self.chosen.get());
        given.map_or_else(CoOccurrenceParams::default, |distances| CoOccurrenceParams {
            intervals: Intervals::Distances(distances.clone()),
        })
    }
}

impl Metric for CoOccurrences {
    fn asked(&self) -> bool {
        self.co_occurrence.is_some()
    }

    fn in_draws(&self) -> bool {
        true
    }

    fn check(&self, _: &Common) -> Result<(), Failure> {
        Ok(self.params().check()?)
    }

    fn measure(&self, section: &Section, _: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let Some(column) = &self.co_occurrence else { return Ok(Vec::new()) };
        let Labels { codes, levels } = section.labels(column)?;
        let positions = &section.coordinates.xy;
        let found = co_occurrence(positions, &codes, levels.len(), section.sections, &self.params(), tick)?;
        self.chosen.get_or_init(|| found.interval.clone());
        let left_out = found.without_position + found.without_label;
        let note = format!("Co-occurrence leaves out {left_out} cells without a position or a label.");
        let shape = vec![levels.len(), levels.len(), found.interval.len() - 1];
        let entries = vec![
            ("occ".to_owned(), Uns::Array { shape, values: found.ratio.clone() }),
            ("interval".to_owned(), Uns::Numbers(found.interval.clone())),
        ];
        let value = json!({
            "column": column, "labels": levels, "interval": json(&found.interval)?, "ratio": json(&found.ratio)?,
            "pairs": found.pairs,
        });
        Ok(vec![Finding {
            name: "co_occurrence",
            csv: Some(csv(&levels, &found)),
            uns: vec![(format!("{column}_co_occurrence"), Uns::Nested(entries))],
            json: vec![("co_occurrence", value)],
            text: lines(&levels, &found),
            numbers: numbers(&levels, &found),
            notes: (left_out > 0).then_some(note).into_iter().collect(),
            ..Finding::default()
        }])
    }
}

fn numbers(levels: &[String], found: &CoOccurrence) -> Vec<Number> {
    let radii = &found.interval[1..];
    let number = |(place, &value): (usize, &f64)| {
        let (curve, step) = (place / radii.len(), place % radii.len());
        let [of, with] = [curve / levels.len(), curve % levels.len()].map(|label| levels[label].clone());
        Number { statistic: "co_occurrence", of, with, distance: radii[step], value }
    };
    found.ratio.iter().enumerate().map(number).collect()
}

/// One row a pair of labels and distance.
fn csv(levels: &[String], found: &CoOccurrence) -> Vec<u8> {
    let mut csv = Csv::new();
    csv.line(["label", "conditional_on", "distance", "ratio", "pairs"].map(Field::Text));
    let radii = &found.interval[1..];
    for (curve, values) in found.ratio.chunks_exact(radii.len()).enumerate() {
        let names = [&levels[curve / levels.len()], &levels[curve % levels.len()]].map(|name| Field::Text(name));
        for (step, (radius, ratio)) in radii.iter().zip(values).enumerate() {
            let pairs = Field::Integer(found.pairs[curve * radii.len() + step] as i64);
            csv.line(names.into_iter().chain([Field::Number(*radius), Field::Number(*ratio), pairs]));
        }
    }
    csv.finish()
}

/// The pairs that differ most from chance at the shortest distance at which every label has been met.
fn lines(levels: &[String], found: &CoOccurrence) -> Vec<String> {
    let (n, radii) = (levels.len(), &found.interval[1..]);
    let at = |pair: usize| found.ratio[pair * radii.len()];
    let mut order: Vec<usize> = (0..n * n).collect();
    order.sort_by(|&a, &b| at(b).total_cmp(&at(a)));
    let mut lines =
        vec![format!("co-occurrence {n} labels, {} distances to {:.4}", radii.len(), radii[radii.len() - 1])];
    let line = |&pair: &usize| {
        format!(
            "{:>9.3} times as likely within {:.4}  {} around {}",
            at(pair),
            radii[0],
            levels[pair / n],
            levels[pair % n]
        )
    };
    lines.extend(order.iter().take(SHOWN).map(line));
    lines
}
