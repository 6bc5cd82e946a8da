//! Tables of labels: interactions, centrality, assortativity, mean composition.

use resitu::cells::{Column, Labels};
use resitu::io::{Csv, Field, Table, Uns};
use resitu::progress::Tick;
use resitu::spatial::{self, EdgeValue};
use serde_json::json;

use super::finding::{Finding, Number, json};
use super::metric::{Common, Metric, Section};
use crate::failure::Failure;

#[derive(clap::Args)]
pub struct LabelTables {
    /// Interaction matrix: edges from label to label, of this column of obs.
    #[arg(long, value_name = "COLUMN")]
    interactions: Option<String>,
    /// Count an edge by its weight in the interaction matrix, instead of 1.
    #[arg(long)]
    interaction_weights: bool,
    /// Divide each row of the interaction matrix by its sum.
    #[arg(long)]
    interaction_shares: bool,
    /// Centrality of each label of this column of obs: group degree, clustering, group closeness.
    #[arg(long, value_name = "COLUMN")]
    centrality: Option<String>,
    /// Assortativity of the labels in this column of obs: one number from -1 to 1.
    #[arg(long, value_name = "COLUMN")]
    assortativity: Option<String>,
    /// Mean composition of the neighbourhoods of each label of this column of obs; each cell's own goes into the .h5ad.
    #[arg(long, value_name = "COLUMN")]
    composition: Option<String>,
}

impl Metric for LabelTables {
    fn asked(&self) -> bool {
        [&self.interactions, &self.centrality, &self.assortativity, &self.composition].iter().any(|c| c.is_some())
    }

    fn in_draws(&self) -> bool {
        true
    }

    fn check(&self, _: &Common) -> Result<(), Failure> {
        match self.interactions.is_none() && (self.interaction_weights || self.interaction_shares) {
            true => Err(Failure::Usage {
                sentence: "--interaction-weights and --interaction-shares belong to --interactions.".into(),
                hint: "Add --interactions COLUMN.",
            }),
            false => Ok(()),
        }
    }

    fn measure(&self, section: &Section, _: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let mut found = Vec::new();
        if let Some(column) = &self.interactions {
            found.push(self.interactions(section, column)?);
        }
        if let Some(column) = &self.centrality {
            found.push(centrality(section, column, tick)?);
        }
        if let Some(column) = &self.assortativity {
            found.push(assortativity(section, column)?);
        }
        if let Some(column) = &self.composition {
            found.push(composition(section, column)?);
        }
        Ok(found)
    }
}

impl LabelTables {
    fn interactions(&self, section: &Section, column: &str) -> Result<Finding, Failure> {
        let Labels { codes, levels } = section.labels(column)?;
        let edge = if self.interaction_weights { EdgeValue::Weight } else { EdgeValue::One };
        let sums = spatial::interactions(section.graph, &codes, levels.len(), edge, self.interaction_shares)?;
        let mut text = vec![format!("interactions {} labels, {} between equals", levels.len(), {
            let equal: f64 = (0..levels.len()).map(|label| sums[label * (levels.len() + 1)]).sum();
            equal
        })];
        if self.interaction_shares {
            text = vec![format!("interactions {} labels, shares of a row", levels.len())];
        }
        let value = json!({
            "column": column, "labels": levels, "weights": self.interaction_weights, "shares": self.interaction_shares,
            "matrix": json(&sums)?,
        });
        Ok(Finding {
            name: "interactions",
            csv: Some(square(&levels, "value", &sums)),
            numbers: Number::square("interactions", &levels, &sums),
            uns: vec![(format!("{column}_interactions"), Uns::Matrix { n_cols: levels.len(), values: sums })],
            json: vec![("interactions", value)],
            text,
            ..Finding::default()
        })
    }
}

fn centrality(section: &Section, column: &str, tick: Tick) -> Result<Finding, Failure> {
    let Labels { codes, levels } = section.labels(column)?;
    let found = spatial::centrality(section.graph, &codes, levels.len(), tick)?;
    let mut csv = Csv::new();
    let names = ["degree_centrality", "average_clustering", "closeness_centrality"];
    csv.line(["label", names[0], names[1], names[2], "unreachable"].map(Field::Text));
    let mut text = vec![format!("centrality   {} labels", levels.len())];
    for (label, name) in levels.iter().enumerate() {
        let (degree, clustering, closeness) = (found.degree[label], found.clustering[label], found.closeness[label]);
        let numbers = [degree, clustering, closeness].map(Field::Number);
        let unreachable = Field::Integer(found.unreachable[label] as i64);
        csv.line([Field::Text(name)].into_iter().chain(numbers).chain([unreachable]));
        text.push(format!("degree {degree:.4}  clustering {clustering:.4}  closeness {closeness:.4}  {name}"));
    }
    let value = json!({
        "column": column, "labels": levels, "degree": json(&found.degree)?, "clustering": json(&found.clustering)?,
        "closeness": json(&found.closeness)?, "unreachable": found.unreachable,
    });
    let without = found.unreachable.iter().filter(|&&cells| cells > 0).count();
    let notes = (without > 0).then(|| {
        format!(
            "{without} labels cannot be reached from every cell; their closeness counts those cells as at no distance."
        )
    });
    let scores = names.iter().zip([&found.degree, &found.clustering, &found.closeness]);
    let numbers = scores.flat_map(|(name, values)| Number::list(name, &levels, values)).collect();
    let columns = [found.degree, found.clustering, found.closeness].map(Column::Numbers);
    let table = Table { index: levels, columns: names.map(str::to_owned).into_iter().zip(columns).collect() };
    Ok(Finding {
        name: "centrality",
        json: vec![("centrality", value)],
        csv: Some(csv.finish()),
        uns: vec![(format!("{column}_centrality_scores"), Uns::Table(table))],
        numbers,
        text,
        notes: notes.into_iter().collect(),
        ..Finding::default()
    })
}

fn assortativity(section: &Section, column: &str) -> Result<Finding, Failure> {
    let Labels { codes, levels } = section.labels(column)?;
    let value = spatial::assortativity(section.graph, &codes, levels.len())?;
    let mut csv = Csv::new();
    csv.line(["column", "assortativity"].map(Field::Text));
    csv.line([Field::Text(column), Field::Number(value)]);
    Ok(Finding {
        name: "assortativity",
        json: vec![("assortativity", json!({ "column": column, "value": value }))],
        csv: Some(csv.finish()),
        uns: vec![(format!("{column}_assortativity"), Uns::Number(value))],
        numbers: Number::list("assortativity", &[column.to_owned()], &[value]).collect(),
        text: vec![format!("assortativity {value:.4} of {column}")],
        ..Finding::default()
    })
}

fn composition(section: &Section, column: &str) -> Result<Finding, Failure> {
    let Labels { codes, levels } = section.labels(column)?;
    let found = spatial::label_composition(section.graph, &codes, levels.len())?;
    let cells = spatial::composition(section.graph, &codes, levels.len())?;
    let shares = section.kept.spread_rows(cells.shares, levels.len(), f32::NAN);
    let value = json!({ "column": column, "labels": levels, "cells": found.counts, "shares": json(&found.shares)? });
    Ok(Finding {
        name: "composition",
        json: vec![("composition", value)],
        csv: Some(square(&levels, "share", &found.shares)),
        numbers: Number::square("composition", &levels, &found.shares),
        obsm: vec![(format!("{column}_composition"), levels.len(), shares)],
        how: vec![("composition", Uns::Nested(vec![("labels".to_owned(), Uns::Texts(levels.clone()))]))],
        text: vec![format!(
            "composition  {} labels, {} cells without labelled neighbours",
            levels.len(),
            cells.undefined
        )],
        ..Finding::default()
    })
}

/// One row a pair of labels.
fn square(labels: &[String], name: &str, values: &[f64]) -> Vec<u8> {
    let mut csv = Csv::new();
    csv.line(["label", "neighbour", name].map(Field::Text));
    for (pair, value) in values.iter().enumerate() {
        let (row, column) = (&labels[pair / labels.len()], &labels[pair % labels.len()]);
        csv.line([Field::Text(row), Field::Text(column), Field::Number(*value)]);
    }
    csv.finish()
}
