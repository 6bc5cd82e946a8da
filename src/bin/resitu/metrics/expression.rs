//! Without any label: the mean expression around each cell, and niches of it.

use std::cell::OnceCell;

use resitu::cells::Csr;
use resitu::io::{Csv, Field, Uns};
use resitu::progress::Tick;
use resitu::spatial::niches::{Profiles, expression_profiles};
use serde_json::json;

use super::clusters::{Chosen, Clusters, Kind};
use super::finding::{Finding, json};
use super::genes;
use super::metric::{Common, Metric, Section};
use crate::failure::Failure;

/// Genes by which the printed summary describes a niche.
const SHOWN: usize = 4;
/// The entry of `obsm` with what is around each cell.
const PROFILES: &str = "neighbour_expression";

#[derive(clap::Args)]
pub struct Expression {
    /// Niches without labels: k-means clusters of the neighbours' mean expression of these genes, or of `all`. For counts
    /// with --transform log1p-cp, or large cells decide.
    #[arg(long, value_name = "GENE,GENE,…|all", value_delimiter = ',')]
    niches_of: Vec<String>,
    /// The neighbours' mean expression of these genes, or of `all`, around every cell.
    #[arg(long, value_name = "GENE,GENE,…|all", value_delimiter = ',')]
    profiles_of: Vec<String>,
    /// With --niches-of, --profiles-of: the cell itself counts as one more neighbour (as UTAG).
    #[arg(long)]
    with_self: bool,
    /// Set by the first measurement.
    #[arg(skip)]
    chosen: OnceCell<Chosen>,
}

impl Metric for Expression {
    fn asked(&self) -> bool {
        !self.niches_of.is_empty() || !self.profiles_of.is_empty() || self.with_self
    }

    fn needs_values(&self) -> bool {
        true
    }

    fn in_draws(&self) -> bool {
        !self.niches_of.is_empty()
    }

    fn check(&self, common: &Common) -> Result<(), Failure> {
        if self.niches_of.is_empty() && self.profiles_of.is_empty() {
            return Err(Failure::Usage {
                sentence: "--with-self goes with --niches-of or --profiles-of.".into(),
                hint: "Say which genes: --niches-of all, or --profiles-of EPCAM,KRT8.",
            });
        }
        common.niches.check()
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let mut found = Vec::new();
        if !self.niches_of.is_empty() {
            found.push(self.niches(section, common, &mut *tick)?);
        }
        // Profiles are of the stored positions.
        if !self.profiles_of.is_empty() && !section.drawn {
            found.push(self.profiles(section, tick)?);
        }
        Ok(found)
    }
}

impl Expression {
    fn around(&self, section: &Section, genes: &[String], tick: Tick) -> Result<(Profiles, Vec<String>), Failure> {
        let (columns, names) = genes::columns_or_all(section, genes)?;
        let empty = Csr::empty(columns.len());
        let values = section.values.unwrap_or(&empty);
        Ok((expression_profiles(section.graph, values, &columns, self.with_self, tick)?, names))
    }

    /// How the profiles were made.
    fn how(&self, genes: &[String]) -> [(String, Uns); 2] {
        [("genes".to_owned(), Uns::Texts(genes.to_vec())), ("with_self".to_owned(), Uns::Truth(self.with_self))]
    }

    fn niches(&self, section: &Section, common: &Common, tick: Tick) -> Result<Finding, Failure> {
        let (around, names) = self.around(section, &self.niches_of, &mut *tick)?;
        let kind = Kind {
            name: "expression_niches",
            columns: &names,
            means: "means",
            statistics: ["expression_niche_share", "expression_niche_mean", "expression_niche_stays"],
            obs: "expression_niche".to_owned(),
            uns: "expression_niche_means".to_owned(),
        };
        let mut clusters = match Clusters::find(&around, &kind, &self.chosen, section, common, tick)? {
            Ok(clusters) => clusters,
            Err(of_draw) => return Ok(of_draw),
        };
        clusters.json["genes"] = json!(names);
        clusters.json["with_self"] = json!(self.with_self);
        clusters.how.extend(self.how(&names));
        // A niche is told by the genes that lie farthest above the section's mean, not by those that are high everywhere.
        let mut above =
            Profiles { width: names.len(), values: clusters.means.iter().map(|mean| *mean as f32).collect() };
        above.standardise_by(&around.standard());
        let most = |niche: usize| {
            let row = &above.values[niche * names.len()..][..names.len()];
            let mut order: Vec<usize> = (0..names.len()).collect();
            order.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
            let most = order.iter().take(SHOWN).map(|&gene| format!("{} {:+.1} sd", names[gene], row[gene]));
            most.collect::<Vec<_>>().join(", ")
        };
        Ok(clusters.finding(kind, most, "neighbour with values"))
    }

    fn profiles(&self, section: &Section, tick: Tick) -> Result<Finding, Failure> {
        let (Profiles { width, values }, names) = self.around(section, &self.profiles_of, tick)?;
        let undefined = values.chunks_exact(width).filter(|row| row.iter().any(|value| value.is_nan())).count();
        let values = section.kept.spread_rows(values, width, f32::NAN);
        let mut csv = Csv::new();
        csv.line(["cell"].into_iter().chain(names.iter().map(String::as_str)).map(Field::Text));
        for (cell, row) in section.cells.obs_names()?.iter().zip(values.chunks_exact(width)) {
            csv.line([Field::Text(cell)].into_iter().chain(row.iter().map(|value| Field::Number(f64::from(*value)))));
        }
        let value = json!({ "genes": names, "with_self": self.with_self, "values": json(&values)? });
        Ok(Finding {
            name: "profiles",
            json: vec![("profiles", value)],
            csv: Some(csv.finish()),
            obsm: vec![(PROFILES.to_owned(), width, values)],
            how: vec![("profiles", Uns::Nested(self.how(&names).into()))],
            text: vec![format!("profiles     {width} genes around each cell, {undefined} cells without")],
            ..Finding::default()
        })
    }
}
