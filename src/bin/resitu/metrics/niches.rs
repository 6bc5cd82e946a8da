//! Niches: clusters of what lies around each cell.

use resitu::cells::{Column, Labels};
use resitu::io::{Csv, Field, Uns};
use resitu::progress::Tick;
use resitu::spatial::niches::{KMeansParams, composition_profiles, kmeans, silhouette};
use serde_json::json;

use super::finding::{Finding, json};
use super::metric::{Common, Metric, Section};
use crate::failure::Failure;

/// Cells that the silhouette is computed on: all pairs of them are.
const SILHOUETTE_SAMPLE: usize = 2000;

#[derive(clap::Args)]
pub struct Niches {
    /// Niches: k-means clusters of the neighbourhood composition by the labels in this column of obs.
    #[arg(long, value_name = "COLUMN")]
    niches: Option<String>,
    /// Number of niches.
    #[arg(long, value_name = "K", default_value_t = 8)]
    niche_count: usize,
    /// Cluster the shares as they are, instead of divided by their standard deviation as squidpy does.
    #[arg(long)]
    niche_raw: bool,
}

impl Niches {
    fn params(&self, common: &Common) -> KMeansParams {
        KMeansParams { k: self.niche_count, seed: common.seed, ..KMeansParams::default() }
    }
}

impl Metric for Niches {
    fn asked(&self) -> bool {
        self.niches.is_some()
    }

    fn check(&self, common: &Common) -> Result<(), Failure> {
        Ok(self.params(common).check()?)
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let Some(column) = &self.niches else { return Ok(Vec::new()) };
        let Labels { codes, levels } = section.labels(column)?;
        let shares = composition_profiles(section.graph, &codes, levels.len())?;
        let mut profiles = shares.clone();
        if !self.niche_raw {
            profiles.standardise();
        }
        let params = self.params(common);
        let mut found = kmeans(&profiles, &params, tick)?;
        let silhouette = silhouette(&profiles, &found.codes, SILHOUETTE_SAMPLE, common.seed)?;

        // What a reader wants of a niche is its mean composition, whatever the clusters were made on.
        let n = found.sizes.len();
        let mut means = vec![0.0f64; n * levels.len()];
        for (row, &niche) in shares.values.chunks_exact(levels.len()).zip(&found.codes) {
            let Ok(niche) = usize::try_from(niche) else { continue };
            let sums = means[niche * levels.len()..].iter_mut().zip(row);
            sums.for_each(|(sum, share)| *sum += f64::from(*share) / found.sizes[niche] as f64);
        }
        let mut csv = Csv::new();
        csv.line(["niche", "cells"].into_iter().chain(levels.iter().map(String::as_str)).map(Field::Text));
        let stable = found.stability.iter().sum::<f64>() / found.stability.len() as f64;
        let mut text = vec![format!(
            "niches       {n}, silhouette {silhouette:.3}, agreement between starts {stable:.3}, inertia {:.4e}",
            found.inertia
        )];
        for (niche, row) in means.chunks_exact(levels.len()).enumerate() {
            let size = found.sizes[niche];
            let name = niche.to_string();
            let shares = row.iter().map(|share| Field::Number(*share));
            csv.line([Field::Text(&name), Field::Integer(size as i64)].into_iter().chain(shares));
            let mut order: Vec<usize> = (0..levels.len()).collect();
            order.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
            let most = order.iter().take(3).map(|&level| format!("{} {:.0} %", levels[level], 100.0 * row[level]));
            text.push(format!("{niche:>3} {size:>8} cells  {}", most.collect::<Vec<_>>().join(", ")));
        }
        found.codes = section.kept.spread(found.codes, -1);
        let left_out = found.codes.iter().filter(|&&code| code < 0).count();
        let note = format!("{left_out} cells have no labelled neighbour and belong to no niche.");
        let value = json!({
            "column": column, "labels": levels, "k": params.k, "seed": params.seed, "standardised": !self.niche_raw,
            "sizes": found.sizes, "composition": json(&means)?, "inertia": found.inertia, "converged": found.converged,
            "silhouette": json(&silhouette)?, "stability": json(&found.stability)?, "codes": found.codes,
        });
        let how = vec![
            ("column".to_owned(), Uns::from(column.as_str())),
            ("k".to_owned(), Uns::Integer(params.k as i64)),
            ("silhouette".to_owned(), Uns::Number(silhouette)),
        ];
        let categories = (0..n).map(|niche| niche.to_string()).collect();
        Ok(vec![Finding {
            name: "niches",
            json: vec![("niches", value)],
            csv: Some(csv.finish()),
            uns: vec![(format!("{column}_niche_composition"), Uns::Matrix { n_cols: levels.len(), values: means })],
            obs: vec![(format!("{column}_niche"), Column::Categorical { codes: found.codes, categories })],
            how: vec![("niches", Uns::Nested(how))],
            text,
            notes: (left_out > 0).then_some(note).into_iter().collect(),
            ..Finding::default()
        }])
    }
}
