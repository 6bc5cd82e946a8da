//! Ligand–receptor test between the labels of a column.

use std::{fs, path::PathBuf};

use resitu::cells::{Column, Labels};
use resitu::io::{Csv, Field, IoError, Table, Uns};
use resitu::progress::Tick;
use resitu::spatial::ligrec::{Between, Complex, Counting, LigrecParams, Pair, ligrec, read_pairs};
use serde_json::json;

use super::finding::{Finding, Number, json};
use super::metric::{Common, Metric, Section};
use crate::failure::Failure;

/// Results that the printed summary shows.
const SHOWN: usize = 20;

/// A table of pairs larger than this is none.
const MAX_BYTES: u64 = 100 << 20;

#[derive(clap::Args)]
pub struct Ligrec {
    /// Ligand-receptor test between the labels of this column of obs; needs --pairs.
    #[arg(long, value_name = "COLUMN", requires = "pairs")]
    ligrec: Option<String>,
    /// Table of pairs (CSV or TSV) with the columns ligand and receptor; subunits of a complex are joined by "_".
    #[arg(long, value_name = "FILE", requires = "ligrec")]
    pairs: Option<PathBuf>,
    /// Average over the cells of a label (as squidpy), or over pairs of neighbours.
    #[arg(long, value_enum, default_value_t)]
    ligrec_between: BetweenChoice,
    /// What stands for a complex: its least expressed subunit label by label, or squidpy's policies.
    #[arg(long, value_enum, default_value_t)]
    ligrec_complex: ComplexChoice,
    /// Least share of a label's cells that express a gene for the pair to be tested.
    #[arg(long, value_name = "SHARE", default_value_t = 0.01)]
    ligrec_threshold: f64,
    /// How p comes from counting: with one added above and below, or as squidpy.
    #[arg(long, value_enum, default_value_t)]
    ligrec_p: CountingChoice,
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum BetweenChoice {
    #[default]
    Labels,
    Neighbours,
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum ComplexChoice {
    #[default]
    Minimum,
    LowestGene,
    Each,
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum CountingChoice {
    #[default]
    PlusOne,
    Squidpy,
}

impl Ligrec {
    fn params(&self, common: &Common) -> LigrecParams {
        LigrecParams {
            between: match self.ligrec_between {
                BetweenChoice::Labels => Between::Labels,
                BetweenChoice::Neighbours => Between::Neighbours,
            },
            complex: match self.ligrec_complex {
                ComplexChoice::Minimum => Complex::Minimum,
                ComplexChoice::LowestGene => Complex::LowestGene,
                ComplexChoice::Each => Complex::Each,
            },
            threshold: self.ligrec_threshold,
            permutations: common.permutations.unwrap_or(1000),
            counting: match self.ligrec_p {
                CountingChoice::PlusOne => Counting::PlusOne,
                CountingChoice::Squidpy => Counting::Squidpy,
            },
            seed: common.seed,
        }
    }

    fn read_pairs(&self) -> Result<Vec<Pair>, Failure> {
        let Some(path) = &self.pairs else { return Ok(Vec::new()) };
        let failed = |error: std::io::Error| IoError::ReadFailed(error.to_string());
        if fs::metadata(path).map_err(failed)?.len() > MAX_BYTES {
            return Err(Failure::Usage {
                sentence: "The table of pairs is larger than 100 MB.".into(),
                hint: "Name a table of ligands and receptors.",
            });
        }
        Ok(read_pairs(&fs::read_to_string(path).map_err(failed)?)?)
    }
}

impl Metric for Ligrec {
    fn asked(&self) -> bool {
        self.ligrec.is_some()
    }

    fn needs_values(&self) -> bool {
        true
    }

    /// Means over the cells of a label do not depend on where these are.
    fn in_draws(&self) -> bool {
        matches!(self.ligrec_between, BetweenChoice::Neighbours)
    }

    fn check(&self, common: &Common) -> Result<(), Failure> {
        self.params(common).check()?;
        self.read_pairs().map(drop)
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let (Some(column), Some(values)) = (&self.ligrec, section.values) else { return Ok(Vec::new()) };
        let Labels { codes, levels } = section.labels(column)?;
        let mut params = self.params(common);
        if section.drawn {
            // The means alone are wanted, and a test has at least one permutation.
            params.permutations = 1;
        }
        let (genes, pairs) = (section.cells.gene_names(), self.read_pairs()?);
        let of_labels = (&codes[..], levels.len());
        let found = ligrec(section.graph, values, genes, &pairs, of_labels, section.sections, &params, tick)?;

        let n = levels.len();
        let names: Vec<(String, String)> = found.pairs.iter().map(Pair::names).collect();
        let tested: Vec<usize> = (0..found.p.len()).filter(|&result| !found.p[result].is_nan()).collect();
        let pair = |result: usize| &names[result / (n * n)];
        let (from, to) = (|result: usize| &levels[result / n % n], |result: usize| &levels[result % n]);
        let text = |of: &dyn Fn(usize) -> String| tested.iter().map(|&result| of(result)).collect::<Vec<String>>();
        let numbers = |of: &[f64]| tested.iter().map(|&result| of[result]).collect::<Vec<f64>>();
        let columns: [(&str, Vec<String>); 4] = [
            ("ligand", text(&|result| pair(result).0.clone())),
            ("receptor", text(&|result| pair(result).1.clone())),
            ("cluster_1", text(&|result| from(result).clone())),
            ("cluster_2", text(&|result| to(result).clone())),
        ];
        let scores = [("mean", numbers(&found.means)), ("pvalue", numbers(&found.p)), ("qvalue", numbers(&found.q))];

        let mut csv = Csv::new();
        csv.line(columns.iter().map(|c| c.0).chain(scores.iter().map(|s| s.0)).map(Field::Text));
        for row in 0..tested.len() {
            let words = columns.iter().map(|(_, texts)| Field::Text(&texts[row]));
            csv.line(words.chain(scores.iter().map(|(_, numbers)| Field::Number(numbers[row]))));
        }
        let mut best: Vec<usize> = (0..tested.len()).collect();
        best.sort_by(|&a, &b| {
            let key = |row: usize| (scores[1].1[row], -scores[0].1[row]);
            key(a).0.total_cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1))
        });
        let mut lines = vec![format!(
            "ligrec       {} pairs measured of {}, {} tests, {} permutations",
            found.pairs.len(),
            pairs.len(),
            tested.len(),
            params.permutations
        )];
        lines.extend(best.iter().take(SHOWN).map(|&row| {
            let [(_, ligand), (_, receptor), (_, from), (_, to)] = &columns;
            let [(_, mean), (_, p), (_, q)] = &scores;
            format!(
                "p {:<9.2e} q {:<9.2e} mean {:>8.3}  {} → {}  {} → {}",
                p[row], q[row], mean[row], ligand[row], receptor[row], from[row], to[row]
            )
        }));
        let in_draws = || {
            (0..found.means.len()).map(|result| Number {
                statistic: "ligrec_mean",
                of: format!("{} → {}", pair(result).0, pair(result).1),
                with: format!("{} → {}", from(result), to(result)),
                distance: f64::NAN,
                value: found.means[result],
            })
        };
        let in_draws = if section.drawn { in_draws().collect() } else { Vec::new() };
        let value = json!({
            "column": column, "labels": levels, "between": between(params.between), "permutations": params.permutations,
            "threshold": params.threshold, "seed": params.seed, "pairs_not_measured": found.not_measured,
            "ligand": columns[0].1, "receptor": columns[1].1, "cluster_1": columns[2].1, "cluster_2": columns[3].1,
            "mean": json(&scores[0].1)?, "pvalue": json(&scores[1].1)?, "qvalue": json(&scores[2].1)?,
        });
        let how = vec![
            ("between".to_owned(), Uns::from(between(params.between))),
            ("threshold".to_owned(), Uns::Number(params.threshold)),
            ("permutations".to_owned(), Uns::Integer(params.permutations as i64)),
        ];
        let texts = columns.into_iter().map(|(name, texts)| (name.to_owned(), Column::Text(texts)));
        let table = Table {
            index: (0..tested.len()).map(|row| row.to_string()).collect(),
            columns: texts
                .chain(scores.into_iter().map(|(name, numbers)| (name.to_owned(), Column::Numbers(numbers))))
                .collect(),
        };
        Ok(vec![Finding {
            name: "ligrec",
            numbers: in_draws,
            json: vec![("ligrec", value)],
            csv: Some(csv.finish()),
            uns: vec![(format!("{column}_ligrec"), Uns::Table(table))],
            how: vec![("ligrec", Uns::Nested(how))],
            text: lines,
            ..Finding::default()
        }])
    }
}

fn between(between: Between) -> &'static str {
    match between {
        Between::Labels => "labels",
        Between::Neighbours => "neighbours",
    }
}
