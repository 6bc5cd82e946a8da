//! Niches: clusters of what lies around each cell.

use std::cell::OnceCell;

use resitu::cells::{Column, Labels};
use resitu::io::{Csv, Field, Uns};
use resitu::progress::Tick;
use resitu::spatial::niches::{
    KMeansParams, Profiles, Standard, composition_profiles, kmeans, nearest_centre, silhouette,
};
use serde_json::json;

use super::finding::{Finding, Number, json};
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
    /// Set by the first measurement, for cells at other places to be counted among the same niches.
    #[arg(skip)]
    chosen: OnceCell<Chosen>,
}

/// The niches of the section at its stored positions.
#[derive(Clone)]
struct Chosen {
    standard: Option<Standard>,
    centres: Vec<f64>,
    /// Of all cells of the file; −1 without a niche.
    codes: Vec<i32>,
}

impl Chosen {
    /// Each niche's share of the cells and composition, and for each cell whether it is in the niche of its stored position
    /// (1 or 0: over many draws, how surely).
    fn numbers(&self, section: &Section, shares: &Profiles, levels: &[String]) -> Result<Vec<Number>, Failure> {
        let mut profiles = shares.clone();
        if let Some(standard) = &self.standard {
            profiles.standardise_by(standard);
        }
        let codes = nearest_centre(&profiles, &self.centres)?;
        let n = self.centres.len() / shares.width.max(1);
        let names: Vec<String> = (0..n).map(|niche| niche.to_string()).collect();
        let cells = codes.iter().filter(|&&code| code >= 0).count() as f64;
        let size = |niche: usize| codes.iter().filter(|&&code| code == niche as i32).count() as f64 / cells;
        let sizes: Vec<f64> = (0..n).map(size).collect();
        let mut numbers: Vec<Number> = Number::list("niche_share", &names, &sizes).collect();
        let means = shares.means(&codes, n)?;
        numbers.extend(means.iter().enumerate().map(|(place, &value)| Number {
            statistic: "niche_composition",
            of: names[place / levels.len()].clone(),
            with: levels[place % levels.len()].clone(),
            distance: f64::NAN,
            value,
        }));
        let stays = |(&code, &stored): (&i32, &i32)| match code >= 0 && stored >= 0 {
            true => f64::from(u8::from(code == stored)),
            false => f64::NAN,
        };
        let stays: Vec<f64> = section.kept.spread(codes, -1).iter().zip(&self.codes).map(stays).collect();
        numbers.extend(Number::list("niche_stays", &section.cells.obs_names()?, &stays));
        Ok(numbers)
    }
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

    fn in_draws(&self) -> bool {
        true
    }

    fn check(&self, common: &Common) -> Result<(), Failure> {
        Ok(self.params(common).check()?)
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let Some(column) = &self.niches else { return Ok(Vec::new()) };
        let Labels { codes, levels } = section.labels(column)?;
        let shares = composition_profiles(section.graph, &codes, levels.len())?;
        if let (true, Some(niches)) = (section.drawn, self.chosen.get()) {
            let numbers = niches.numbers(section, &shares, &levels)?;
            return Ok(vec![Finding { numbers, ..Finding::default() }]);
        }
        let mut profiles = shares.clone();
        let standard = (!self.niche_raw).then(|| profiles.standard());
        if let Some(standard) = &standard {
            profiles.standardise_by(standard);
        }
        let params = self.params(common);
        let mut found = kmeans(&profiles, &params, tick)?;
        let silhouette = silhouette(&profiles, &found.codes, SILHOUETTE_SAMPLE, common.seed)?;

        // What a reader wants of a niche is its mean composition, whatever the clusters were made on.
        let n = found.sizes.len();
        let means = shares.means(&found.codes, n)?;
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
        let chosen = Chosen {
            standard,
            centres: std::mem::take(&mut found.centres),
            codes: section.kept.spread(found.codes.clone(), -1),
        };
        self.chosen.get_or_init(|| chosen);
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
