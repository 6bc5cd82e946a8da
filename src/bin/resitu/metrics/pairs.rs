//! Bivariate Moran's I and Lee's L of pairs of chosen genes.

use resitu::cells::Column;
use resitu::io::{Csv, Field, Table, Uns};
use resitu::progress::Tick;
use resitu::spatial::{Bivariate, BivariateParams, bivariate};
use serde_json::json;

use super::finding::{Finding, Number, json};
use super::metric::{Common, Metric, Section};
use super::{genes, options};
use crate::failure::Failure;

/// Pairs that the printed summary shows.
const SHOWN: usize = 20;
/// Most genes that are paired.
const MAX_GENES: usize = 1000;
const NAMES: [&str; 9] =
    ["moran", "moran_z", "moran_p", "moran_q", "moran_p_sim", "moran_q_sim", "lee", "lee_p_sim", "lee_q_sim"];

#[derive(clap::Args)]
pub struct Pairs {
    /// Bivariate Moran's I and Lee's L of every ordered pair of these genes.
    #[arg(long, value_name = "GENE,GENE,…", value_delimiter = ',')]
    pairs_of: Vec<String>,
    /// Deviations that count for pairs of genes: both directions, or the observed one.
    #[arg(long, value_enum, default_value_t, requires = "pairs_of")]
    pairs_tail: options::Tail,
}

impl Pairs {
    fn params(&self, common: &Common) -> BivariateParams {
        BivariateParams {
            permutations: common.permutations.unwrap_or(199),
            tail: self.pairs_tail.into(),
            seed: common.seed,
        }
    }
}

impl Metric for Pairs {
    fn asked(&self) -> bool {
        !self.pairs_of.is_empty()
    }

    fn needs_values(&self) -> bool {
        true
    }

    fn in_draws(&self) -> bool {
        true
    }

    fn check(&self, _: &Common) -> Result<(), Failure> {
        match (2..=MAX_GENES).contains(&self.pairs_of.len()) {
            true => Ok(()),
            false => Err(Failure::Usage {
                sentence: format!("--pairs-of takes between 2 and {MAX_GENES} genes."),
                hint: "Name genes with commas between them: --pairs-of EPCAM,KRT8.",
            }),
        }
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let values = genes::pick(section, &self.pairs_of)?;
        let n = self.pairs_of.len() as u32;
        let pairs: Vec<(u32, u32)> = (0..n).flat_map(|x| (0..n).map(move |y| (x, y))).filter(|(x, y)| x != y).collect();
        let params = self.params(common);
        let found = bivariate(section.graph, &values, &pairs, &params, tick)?;
        let names: Vec<[&str; 2]> =
            pairs.iter().map(|&(x, y)| [x, y].map(|gene| self.pairs_of[gene as usize].as_str())).collect();
        let rows: Vec<[f64; 9]> = found.iter().map(numbers).collect();

        let mut csv = Csv::new();
        csv.line(["gene_x", "gene_y"].into_iter().chain(NAMES).map(Field::Text));
        for (names, row) in names.iter().zip(&rows) {
            csv.line(names.map(Field::Text).into_iter().chain(row.map(Field::Number)));
        }
        let texts = |side: usize| Column::Text(names.iter().map(|pair| pair[side].to_owned()).collect());
        let mut columns = vec![("gene_x".to_owned(), texts(0)), ("gene_y".to_owned(), texts(1))];
        for (place, name) in NAMES.iter().enumerate() {
            columns.push(((*name).to_owned(), Column::Numbers(rows.iter().map(|row| row[place]).collect())));
        }
        let index = (0..rows.len()).map(|row| row.to_string()).collect();
        let entries = names.iter().zip(&rows).map(|([x, y], row)| {
            let numbers = NAMES.iter().zip(row).map(|(name, value)| Ok(((*name).to_owned(), json(value)?)));
            let mut entry = numbers.collect::<Result<serde_json::Map<_, _>, Failure>>()?;
            entry.insert("gene_x".to_owned(), (*x).into());
            entry.insert("gene_y".to_owned(), (*y).into());
            Ok(entry.into())
        });
        let entries = entries.collect::<Result<Vec<serde_json::Value>, Failure>>()?;
        Ok(vec![Finding {
            name: "pairs",
            csv: Some(csv.finish()),
            uns: vec![("gene_pairs".to_owned(), Uns::Table(Table { index, columns }))],
            json: vec![(
                "pairs",
                json!({ "permutations": params.permutations, "seed": params.seed, "pairs": entries }),
            )],
            how: vec![(
                "pairs",
                Uns::Nested(vec![("permutations".to_owned(), Uns::Integer(params.permutations as i64))]),
            )],
            text: lines(&names, &rows),
            numbers: names.iter().zip(&rows).flat_map(numbers_of).collect(),
            ..Finding::default()
        }])
    }
}

fn numbers_of((names, row): (&[&str; 2], &[f64; 9])) -> [Number; 2] {
    [("bivariate_moran", row[0]), ("lee", row[6])].map(|(statistic, value)| Number {
        statistic,
        of: names[0].to_owned(),
        with: names[1].to_owned(),
        distance: f64::NAN,
        value,
    })
}

/// The numbers of one pair, in the order of their names.
fn numbers(found: &Bivariate) -> [f64; 9] {
    let (moran, lee) = (&found.moran, &found.lee);
    let counted =
        |score: &resitu::spatial::Score| score.simulated.as_ref().map_or([f64::NAN; 2], |test| [test.p, test.q]);
    let ([moran_p, moran_q], [lee_p, lee_q]) = (counted(moran), counted(lee));
    [moran.value, moran.z, moran.p, moran.q, moran_p, moran_q, lee.value, lee_p, lee_q]
}

fn lines(names: &[[&str; 2]], rows: &[[f64; 9]]) -> Vec<String> {
    let mut order: Vec<usize> = (0..rows.len()).filter(|&pair| !rows[pair][0].is_nan()).collect();
    order.sort_by(|&a, &b| rows[b][0].abs().total_cmp(&rows[a][0].abs()));
    let mut lines = vec![format!("pairs        {} of genes, {} undefined", rows.len(), rows.len() - order.len())];
    let line = |&pair: &usize| {
        let ([x, y], row) = (names[pair], rows[pair]);
        format!("I {:>8.4}  z {:>8.2}  L {:>8.4}  {y} around {x}", row[0], row[1], row[6])
    };
    lines.extend(order.iter().take(SHOWN).map(line));
    lines
}
