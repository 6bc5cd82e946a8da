//! Ripley's functions of a column of labels: corrected for the edge, and as squidpy draws them.

use std::cell::OnceCell;

use resitu::cells::{Column, Labels};
use resitu::io::{Csv, Field, Table, Uns};
use resitu::progress::Tick;
use resitu::spatial::ripley::{self, EdgeCorrection, Ripley, RipleyCurve, RipleyParams, squidpy};
use serde_json::{Value, json};

use super::finding::{Finding, Number, json};
use super::metric::{Common, Metric, Section};
use super::options;
use crate::failure::Failure;

#[derive(clap::Args)]
pub struct Ripleys {
    /// Ripley's function of each label of this column of obs: are its cells clustered or spread out, at which distance?
    #[arg(long, value_name = "COLUMN")]
    ripley: Option<String>,
    /// Which function: F (empty space), G (nearest neighbour), K, L, or g (pair correlation).
    #[arg(long, value_enum, default_value_t, requires = "ripley")]
    ripley_function: options::Function,
    /// What is done about neighbours that nobody saw beyond the edge. Default: kaplan-meier for F and G, else isotropic.
    #[arg(long, value_enum, requires = "ripley")]
    edge_correction: Option<options::Correction>,
    /// Simulated patterns of uniform points, for envelopes and tests; 0: none.
    #[arg(long, value_name = "N", default_value_t = 199, requires = "ripley")]
    simulations: usize,
    /// Greatest distance, in the units of the coordinates. Default: by the size of the section.
    #[arg(long, value_name = "LENGTH", requires = "ripley")]
    max_distance: Option<f64>,
    /// The greatest distance of the first run: the rule follows the window, and draws of positions are to be compared.
    #[arg(skip)]
    chosen: OnceCell<f64>,
}

impl Ripleys {
    fn params(&self, common: &Common) -> RipleyParams {
        RipleyParams {
            function: self.ripley_function.into(),
            correction: self.edge_correction.map(EdgeCorrection::from),
            simulations: self.simulations,
            max_distance: self.max_distance.or(self.chosen.get().copied()),
            seed: common.seed,
            ..RipleyParams::default()
        }
    }
}

impl Metric for Ripleys {
    fn asked(&self) -> bool {
        self.ripley.is_some()
    }

    fn in_draws(&self) -> bool {
        true
    }

    fn check(&self, common: &Common) -> Result<(), Failure> {
        Ok(self.params(common).check(1)?)
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let Some(column) = &self.ripley else { return Ok(Vec::new()) };
        let Labels { codes, levels } = section.labels(column)?;
        let (positions, mut params) = (&section.coordinates.xy, self.params(common));
        if section.drawn {
            params.simulations = 0;
        }
        let found = ripley::ripley(positions, &codes, levels.len(), section.sections, &params, tick)?;
        if let Some(greatest) = found.distances.last() {
            self.chosen.get_or_init(|| *greatest);
        }
        let name = self.ripley_function.as_str();
        let correction = self.correction(&found);
        let mut uns = vec![(format!("{column}_ripley_{name}_corrected"), Uns::Table(table(&levels, &found)))];
        let mut notes = Vec::new();
        if let (true, Some(mode)) = (section.for_squidpy, self.ripley_function.mode()) {
            match section.sections {
                Some(_) => notes.push(format!(
                    "squidpy's Ripley functions know no sections: uns[\"{column}_ripley_{name}\"] is left out."
                )),
                None => {
                    let params = squidpy::Params {
                        mode,
                        simulations: self.simulations.min(10_000),
                        max_distance: self.max_distance,
                        seed: common.seed,
                        ..squidpy::Params::default()
                    };
                    let found = squidpy::ripley(positions, &codes, levels.len(), &params, tick)?;
                    uns.push((format!("{column}_ripley_{name}"), as_squidpy(column, name, &levels, &found)));
                }
            }
        }
        let left_out = found.without_position + found.without_label + found.outside_window;
        if left_out > 0 {
            notes.push(format!("Ripley's {name} leaves out {left_out} cells without a position, a label or a window."));
        }
        let how = vec![
            ("column".to_owned(), Uns::from(column.as_str())),
            ("function".to_owned(), Uns::from(name)),
            ("correction".to_owned(), Uns::from(correction)),
            ("simulations".to_owned(), Uns::Integer(self.simulations as i64)),
            ("area".to_owned(), Uns::Number(found.area)),
        ];
        let value = json!({
            "column": column, "labels": levels, "function": name, "correction": correction, "null": "uniform",
            "simulations": self.simulations, "seed": common.seed, "area": json(&found.area)?,
            "bandwidth": json(&found.bandwidth)?, "cells": found.counts, "distances": json(&found.distances)?,
            "curves": found.curves.iter().map(curve).collect::<Result<Vec<_>, _>>()?,
        });
        Ok(vec![Finding {
            name: "ripley",
            csv: Some(csv(&levels, &found)),
            uns,
            json: vec![("ripley", value)],
            how: vec![("ripley", Uns::Nested(how))],
            text: lines(name, correction, &levels, &found),
            numbers: numbers_of(self.ripley_function.statistic(), &levels, &found),
            notes,
            ..Finding::default()
        }])
    }
}

impl Ripleys {
    fn correction(&self, found: &Ripley) -> &'static str {
        match found.correction {
            EdgeCorrection::Uncorrected => "none",
            EdgeCorrection::Border => "border",
            EdgeCorrection::KaplanMeier => "kaplan-meier",
            EdgeCorrection::Isotropic => "isotropic",
            EdgeCorrection::Translation => "translation",
        }
    }
}

fn numbers_of(statistic: &'static str, levels: &[String], found: &Ripley) -> Vec<Number> {
    let of_curve = |curve: &RipleyCurve| {
        let number = |(&distance, &value): (&f64, &f64)| Number {
            statistic,
            of: levels[curve.label].clone(),
            with: String::new(),
            distance,
            value,
        };
        found.distances.iter().zip(&curve.value).map(number).collect::<Vec<_>>()
    };
    found.curves.iter().flat_map(of_curve).collect()
}

/// One curve as JSON; its label is its place.
fn curve(curve: &RipleyCurve) -> Result<Value, Failure> {
    let mut entries = json!({ "value": json(&curve.value)?, "theoretical": json(&curve.theoretical)? });
    if let Some(test) = &curve.test {
        entries["mean"] = json(&test.mean)?;
        entries["low"] = json(&test.low)?;
        entries["high"] = json(&test.high)?;
        entries["p"] = json(&test.p)?;
        entries["global_p"] = json(&test.global_p)?;
        entries["global_half_width"] = json(&test.global_half_width)?;
    }
    Ok(entries)
}

/// The columns of the tables after label and distance: a name, and the numbers of a curve.
fn columns(curve: &RipleyCurve) -> Vec<(&'static str, &[f64])> {
    let mut columns: Vec<(&str, &[f64])> = vec![("value", &curve.value), ("theoretical", &curve.theoretical)];
    if let Some(test) = &curve.test {
        columns.extend([("mean", &test.mean[..]), ("low", &test.low), ("high", &test.high), ("p", &test.p)]);
    }
    columns
}

/// One row a label and distance.
fn csv(levels: &[String], found: &Ripley) -> Vec<u8> {
    let mut csv = Csv::new();
    let names = found.curves.first().map(columns).unwrap_or_default();
    csv.line(["label", "distance"].into_iter().chain(names.iter().map(|(name, _)| *name)).map(Field::Text));
    for curve in &found.curves {
        let columns = columns(curve);
        for (step, distance) in found.distances.iter().enumerate() {
            let numbers = [*distance].into_iter().chain(columns.iter().map(|(_, values)| values[step]));
            csv.line([Field::Text(&levels[curve.label])].into_iter().chain(numbers.map(Field::Number)));
        }
    }
    csv.finish()
}

/// The same for `uns`.
fn table(levels: &[String], found: &Ripley) -> Table {
    let n = found.distances.len();
    let codes = found.curves.iter().flat_map(|curve| std::iter::repeat_n(curve.label as i32, n)).collect();
    let bins = found.curves.iter().flat_map(|_| found.distances.iter().copied()).collect();
    let mut table = Table { index: numbers(n * found.curves.len()), columns: Vec::new() };
    table.columns.push(("label".to_owned(), Column::Categorical { codes, categories: levels.to_vec() }));
    table.columns.push(("bins".to_owned(), Column::Numbers(bins)));
    for (place, (name, _)) in found.curves.first().map(columns).unwrap_or_default().into_iter().enumerate() {
        let values = found.curves.iter().flat_map(|curve| columns(curve)[place].1.iter().copied());
        table.columns.push((name.to_owned(), Column::Numbers(values.collect())));
    }
    table
}

/// The dictionary of squidpy's `gr.ripley`, which `sq.pl.ripley` draws.
fn as_squidpy(column: &str, name: &str, levels: &[String], found: &squidpy::Statistics) -> Uns {
    let steps = found.bins.len();
    let long = |what: &str, of: &[f64], categories: Vec<String>| {
        let bins = found.bins.iter().copied().cycle().take(of.len()).collect();
        let codes = (0..of.len()).map(|row| (row / steps) as i32).collect();
        let columns = vec![
            ("bins".to_owned(), Column::Numbers(bins)),
            (what.to_owned(), Column::Categorical { codes, categories }),
            ("stats".to_owned(), Column::Numbers(of.to_vec())),
        ];
        Uns::Table(Table { index: numbers(of.len()), columns })
    };
    Uns::Nested(vec![
        (format!("{name}_stat"), long(column, &found.stats, levels.to_vec())),
        ("sims_stat".to_owned(), long("simulations", &found.simulated, numbers(found.simulated.len() / steps))),
        ("bins".to_owned(), Uns::Numbers(found.bins.clone())),
        ("pvalues".to_owned(), Uns::Matrix { n_cols: steps, values: found.pvalues.clone() }),
    ])
}

fn numbers(n: usize) -> Vec<String> {
    (0..n).map(|i| i.to_string()).collect()
}

fn lines(name: &str, correction: &str, levels: &[String], found: &Ripley) -> Vec<String> {
    let greatest = found.distances.last().copied().unwrap_or(f64::NAN);
    let mut lines = vec![format!("Ripley's {name}   {} labels, {correction}, to {greatest:.4}", levels.len())];
    for curve in &found.curves {
        let (label, cells) = (&levels[curve.label], found.counts[curve.label]);
        let last = |values: &[f64]| values.last().copied().unwrap_or(f64::NAN);
        let p = curve.test.as_ref().map_or(String::new(), |test| format!("p {:>7.4}  ", test.global_p));
        let (value, theoretical) = (last(&curve.value), last(&curve.theoretical));
        lines.push(format!("{p}{value:>12.4} at the end, uniform {theoretical:.4}  {label} ({cells} cells)"));
    }
    lines
}
