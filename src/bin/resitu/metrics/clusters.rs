//! Clusters of what lies around each cell, whatever that is made of.

use std::cell::OnceCell;

use resitu::cells::Column;
use resitu::io::{Csv, Field, Uns};
use resitu::progress::Tick;
use resitu::spatial::niches::{KMeans, Profiles, Standard, kmeans, nearest_centre, silhouette};
use serde_json::{Value, json};

use super::finding::{Finding, Number, json};
use super::metric::{Common, Section};
use crate::failure::Failure;

/// Cells that the silhouette is computed on: all pairs of them are.
const SILHOUETTE_SAMPLE: usize = 2000;

/// What the profiles are made of, and what the results are called.
pub struct Kind<'a> {
    pub name: &'static str,
    /// Of the columns of the profiles: labels or genes.
    pub columns: &'a [String],
    /// Of a niche's mean profile in the JSON output.
    pub means: &'static str,
    /// Among the numbers of draws: a niche's share of the cells, an entry of its mean profile, whether a cell stays in it.
    pub statistics: [&'static str; 3],
    /// The column of `obs`, and the entry of `uns` with the mean profiles.
    pub obs: String,
    pub uns: String,
}

/// The niches of the section at its stored positions, for cells at other places to be counted among.
#[derive(Clone)]
pub struct Chosen {
    standard: Option<Standard>,
    centres: Vec<f64>,
    /// Of all cells of the file; −1 without a niche.
    codes: Vec<i32>,
}

impl Chosen {
    /// Each niche's share of the cells and mean profile, and for each cell whether it is in the niche of its stored position
    /// (1 or 0: over many draws, how surely).
    fn numbers(&self, section: &Section, plain: &Profiles, kind: &Kind) -> Result<Vec<Number>, Failure> {
        let codes = match &self.standard {
            Some(standard) => {
                let mut profiles = plain.clone();
                profiles.standardise_by(standard);
                nearest_centre(&profiles, &self.centres)?
            }
            None => nearest_centre(plain, &self.centres)?,
        };
        let [share, mean, stays] = kind.statistics;
        let n = self.centres.len() / plain.width.max(1);
        let names: Vec<String> = (0..n).map(|niche| niche.to_string()).collect();
        let cells = codes.iter().filter(|&&code| code >= 0).count() as f64;
        let size = |niche: usize| codes.iter().filter(|&&code| code == niche as i32).count() as f64 / cells;
        let sizes: Vec<f64> = (0..n).map(size).collect();
        let mut numbers: Vec<Number> = Number::list(share, &names, &sizes).collect();
        let means = plain.means(&codes, n)?;
        numbers.extend(means.iter().enumerate().map(|(place, &value)| Number {
            statistic: mean,
            of: names[place / kind.columns.len()].clone(),
            with: kind.columns[place % kind.columns.len()].clone(),
            distance: f64::NAN,
            value,
        }));
        let stay = |(&code, &stored): (&i32, &i32)| match code >= 0 && stored >= 0 {
            true => f64::from(u8::from(code == stored)),
            false => f64::NAN,
        };
        let stay: Vec<f64> = section.kept.spread(codes, -1).iter().zip(&self.codes).map(stay).collect();
        numbers.extend(Number::list(stays, &section.cells.obs_names()?, &stay));
        Ok(numbers)
    }
}

/// Niches that were found.
pub struct Clusters {
    found: KMeans,
    silhouette: f64,
    /// Row-major, niches × columns, of the profiles as they are: what a reader wants, whatever the clusters were made on.
    pub means: Vec<f64>,
    /// The entry of the JSON output, to which the metric adds what it is of.
    pub json: Value,
    /// How they were made, to which the metric adds the same.
    pub how: Vec<(String, Uns)>,
}

impl Clusters {
    /// Clusters the profiles and keeps the niches in `chosen`. On a draw of the positions the numbers alone, of the niches
    /// that are kept.
    ///
    /// # Errors
    /// Those of [`kmeans`].
    pub fn find(
        plain: &Profiles,
        kind: &Kind,
        chosen: &OnceCell<Chosen>,
        section: &Section,
        common: &Common,
        tick: Tick,
    ) -> Result<Result<Self, Finding>, Failure> {
        if let (true, Some(niches)) = (section.drawn, chosen.get()) {
            return Ok(Err(Finding { numbers: niches.numbers(section, plain, kind)?, ..Finding::default() }));
        }
        let params = common.niches.params(common.seed);
        let standard = (!common.niches.niche_raw).then(|| plain.standard());
        let standardised = standard.as_ref().map(|standard| {
            let mut profiles = plain.clone();
            profiles.standardise_by(standard);
            profiles
        });
        let profiles = standardised.as_ref().unwrap_or(plain);
        let mut found = kmeans(profiles, &params, tick)?;
        let silhouette = silhouette(profiles, &found.codes, SILHOUETTE_SAMPLE, common.seed)?;
        let means = plain.means(&found.codes, found.sizes.len())?;
        let centres = std::mem::take(&mut found.centres);
        found.codes = section.kept.spread(found.codes, -1);
        chosen.get_or_init(|| Chosen { standard, centres, codes: found.codes.clone() });
        let mut value = json!({
            "k": params.k, "seed": params.seed, "standardised": !common.niches.niche_raw, "sizes": found.sizes,
            "inertia": found.inertia, "converged": found.converged, "silhouette": json(&silhouette)?,
            "stability": json(&found.stability)?, "codes": found.codes,
        });
        value[kind.means] = json(&means)?;
        let how = vec![
            ("k".to_owned(), Uns::Integer(params.k as i64)),
            ("silhouette".to_owned(), Uns::Number(silhouette)),
            ("standardised".to_owned(), Uns::Truth(!common.niches.niche_raw)),
        ];
        Ok(Ok(Self { found, silhouette, means, json: value, how }))
    }

    /// The result in every form. `describe` says in a few words what a niche is, given its number; `without` why a cell
    /// belongs to none.
    pub fn finding(self, kind: Kind, describe: impl Fn(usize) -> String, without: &str) -> Finding {
        let Self { found, silhouette, means, json, how } = self;
        let n = found.sizes.len();
        let names: Vec<String> = (0..n).map(|niche| niche.to_string()).collect();
        let mut csv = Csv::new();
        csv.line(["niche", "cells"].into_iter().chain(kind.columns.iter().map(String::as_str)).map(Field::Text));
        let title = kind.name.replace('_', " ");
        let stable = found.stability.iter().sum::<f64>() / found.stability.len() as f64;
        let mut text = vec![format!(
            "{title:<12} {n}, silhouette {silhouette:.3}, agreement between starts {stable:.3}, inertia {:.4e}",
            found.inertia
        )];
        for (niche, row) in means.chunks_exact(kind.columns.len()).enumerate() {
            let size = found.sizes[niche];
            let means = row.iter().map(|mean| Field::Number(*mean));
            csv.line([Field::Text(&names[niche]), Field::Integer(size as i64)].into_iter().chain(means));
            text.push(format!("{niche:>3} {size:>8} cells  {}", describe(niche)));
        }
        let left_out = found.codes.iter().filter(|&&code| code < 0).count();
        let note = format!("{left_out} cells have no {without} and belong to no niche.");
        Finding {
            name: kind.name,
            json: vec![(kind.name, json)],
            csv: Some(csv.finish()),
            uns: vec![(kind.uns, Uns::Matrix { n_cols: kind.columns.len(), values: means })],
            obs: vec![(kind.obs, Column::Categorical { codes: found.codes, categories: names })],
            how: vec![(kind.name, Uns::Nested(how))],
            text,
            notes: (left_out > 0).then_some(note).into_iter().collect(),
            ..Finding::default()
        }
    }
}
