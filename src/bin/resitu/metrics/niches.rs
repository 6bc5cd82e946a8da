//! Niches by labels: clusters of the composition of each cell's neighbourhood.

use std::cell::OnceCell;

use resitu::cells::Labels;
use resitu::io::Uns;
use resitu::progress::Tick;
use resitu::spatial::niches::composition_profiles;
use serde_json::json;

use super::clusters::{Chosen, Clusters, Kind};
use super::finding::Finding;
use super::metric::{Common, Metric, Section};
use crate::failure::Failure;

#[derive(clap::Args)]
pub struct Niches {
    /// Niches: k-means clusters of the neighbourhood composition by the labels in this column of obs.
    #[arg(long, value_name = "COLUMN")]
    niches: Option<String>,
    /// Set by the first measurement.
    #[arg(skip)]
    chosen: OnceCell<Chosen>,
}

impl Metric for Niches {
    fn asked(&self) -> bool {
        self.niches.is_some()
    }

    fn in_draws(&self) -> bool {
        true
    }

    fn check(&self, common: &Common) -> Result<(), Failure> {
        common.niches.check()
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let Some(column) = &self.niches else { return Ok(Vec::new()) };
        let Labels { codes, levels } = section.labels(column)?;
        let shares = composition_profiles(section.graph, &codes, levels.len())?;
        let kind = Kind {
            name: "niches",
            columns: &levels,
            means: "composition",
            statistics: ["niche_share", "niche_composition", "niche_stays"],
            obs: format!("{column}_niche"),
            uns: format!("{column}_niche_composition"),
        };
        let mut clusters = match Clusters::find(&shares, &kind, &self.chosen, section, common, tick)? {
            Ok(clusters) => clusters,
            Err(of_draw) => return Ok(vec![of_draw]),
        };
        clusters.json["column"] = json!(column);
        clusters.json["labels"] = json!(levels);
        clusters.how.push(("column".to_owned(), Uns::from(column.as_str())));
        let means = clusters.means.clone();
        let most = |niche: usize| {
            let row = &means[niche * levels.len()..][..levels.len()];
            let mut order: Vec<usize> = (0..levels.len()).collect();
            order.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
            let most = order.iter().take(3).map(|&level| format!("{} {:.0} %", levels[level], 100.0 * row[level]));
            most.collect::<Vec<_>>().join(", ")
        };
        Ok(vec![clusters.finding(kind, most, "labelled neighbour")])
    }
}
