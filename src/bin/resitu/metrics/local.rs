//! Local Moran's I and Getis–Ord G* of chosen genes, one value a cell.

use std::mem::take;

use resitu::cells::Column;
use resitu::io::{Csv, Field, Uns};
use resitu::progress::Tick;
use resitu::spatial::{GetisOrd, LocalMoran, LocalNull, LocalParams, Quadrant, Score, getis_ord, local_moran};
use serde_json::{Value, json};

use super::finding::{Finding, Number, json};
use super::metric::{Common, Metric, Section};
use super::{genes, options};
use crate::failure::Failure;

/// Below this false discovery rate a cell counts in the printed summary.
const LEVEL: f64 = 0.05;
/// Most genes that are taken: results are about 220 bytes a cell and gene.
const MAX_GENES: usize = 100;
const QUADRANTS: [&str; 4] = ["high-high", "low-high", "low-low", "high-low"];

#[derive(clap::Args)]
pub struct Local {
    /// Local Moran's I (LISA) and Getis-Ord G* of these genes, for every cell.
    #[arg(long, value_name = "GENE,GENE,…", value_delimiter = ',')]
    local: Vec<String>,
    /// Deviations that count in the local statistics: both directions, or the observed one (as esda).
    #[arg(long, value_enum, default_value_t, requires = "local")]
    local_tail: options::Tail,
}

impl Local {
    fn params(&self, common: &Common) -> LocalParams {
        let permutations = common.permutations.unwrap_or(LocalParams::default().permutations);
        LocalParams { permutations, tail: self.local_tail.into(), seed: common.seed }
    }
}

impl Metric for Local {
    fn asked(&self) -> bool {
        !self.local.is_empty()
    }

    fn needs_values(&self) -> bool {
        true
    }

    fn in_draws(&self) -> bool {
        true
    }

    fn check(&self, common: &Common) -> Result<(), Failure> {
        if self.local.len() > MAX_GENES {
            return Err(Failure::Usage {
                sentence: format!("--local takes at most {MAX_GENES} genes."),
                hint: "Choose genes by --autocorr first.",
            });
        }
        Ok(self.params(common).check()?)
    }

    fn measure(&self, section: &Section, common: &Common, tick: Tick) -> Result<Vec<Finding>, Failure> {
        let values = genes::pick(section, &self.local)?;
        let params = self.params(common);
        let mut moran = local_moran(section.graph, &values, LocalNull::default(), &params, &mut *tick)?;
        let mut star = getis_ord(section.graph, &values, true, &params, tick)?;
        // The rows of all cells; those that do not take part have no score.
        let all = |scores: &mut Vec<Score>| *scores = section.kept.spread(take(scores), Score::NAN);
        for gene in &mut moran {
            all(&mut gene.scores);
            gene.quadrants = section.kept.spread(take(&mut gene.quadrants), None);
        }
        star.iter_mut().for_each(|gene| all(&mut gene.scores));
        let names = section.cells.obs_names()?;
        let numbers = if section.drawn { numbers(&self.local, &names, &moran, &star) } else { Vec::new() };
        let found = Found { genes: &self.local, moran, star, permuted: params.permutations > 0 };
        let how = vec![
            ("genes".to_owned(), Uns::Texts(self.local.clone())),
            ("permutations".to_owned(), Uns::Integer(params.permutations as i64)),
        ];
        Ok(vec![Finding {
            name: "local",
            csv: Some(found.csv(&names)),
            numbers,
            obs: found.obs(),
            json: vec![("local", found.json(&params)?)],
            how: vec![("local", Uns::Nested(how))],
            text: found.lines(),
            ..Finding::default()
        }])
    }
}

/// Each gene's I and z of G* in each cell.
fn numbers(genes: &[String], cells: &[String], moran: &[LocalMoran], star: &[GetisOrd]) -> Vec<Number> {
    let of_gene = |(gene, (moran, star)): (&String, (&LocalMoran, &GetisOrd))| {
        let list = |statistic: &'static str, scores: &[Score], of: fn(&Score) -> f64| {
            let number = |(cell, score): (&String, &Score)| Number {
                statistic,
                of: gene.clone(),
                with: cell.clone(),
                distance: f64::NAN,
                value: of(score),
            };
            cells.iter().zip(scores).map(number).collect::<Vec<_>>()
        };
        let mut all = list("local_moran", &moran.scores, |score| score.value);
        all.extend(list("g_star_z", &star.scores, |score| score.z));
        all
    };
    genes.iter().zip(moran.iter().zip(star)).flat_map(of_gene).collect()
}

struct Found<'a> {
    genes: &'a [String],
    moran: Vec<LocalMoran>,
    star: Vec<GetisOrd>,
    permuted: bool,
}

/// p and q by counting where there were permutations.
fn p_and_q(score: &Score) -> [f64; 2] {
    score.simulated.as_ref().map_or([score.p, score.q], |test| [test.p, test.q])
}

fn quadrant(quadrant: Option<Quadrant>) -> i32 {
    quadrant.map_or(-1, |quadrant| quadrant as i32 - 1)
}

impl Found<'_> {
    fn each(&self) -> impl Iterator<Item = (&String, &LocalMoran, &GetisOrd)> {
        self.genes.iter().zip(&self.moran).zip(&self.star).map(|((gene, moran), star)| (gene, moran, star))
    }

    /// One row a gene and cell.
    fn csv(&self, cells: &[String]) -> Vec<u8> {
        let mut csv = Csv::new();
        let names =
            ["moran_local", "moran_z", "moran_p", "moran_q", "quadrant", "g_star", "g_star_z", "g_star_p", "g_star_q"];
        csv.line(["cell", "gene"].into_iter().chain(names).map(Field::Text));
        for (gene, moran, star) in self.each() {
            for (cell, name) in cells.iter().enumerate() {
                let numbers = |score: &Score| {
                    let [p, q] = p_and_q(score);
                    [score.value, score.z, p, q].map(Field::Number)
                };
                let side = usize::try_from(quadrant(moran.quadrants[cell])).map_or("", |side| QUADRANTS[side]);
                let fields = [Field::Text(name), Field::Text(gene)].into_iter().chain(numbers(&moran.scores[cell]));
                csv.line(fields.chain([Field::Text(side)]).chain(numbers(&star.scores[cell])));
            }
        }
        csv.finish()
    }

    /// Six columns a gene.
    fn obs(&self) -> Vec<(String, Column)> {
        let mut columns = Vec::new();
        for (gene, moran, star) in self.each() {
            let mut add = |name: &str, column| columns.push((format!("{gene}_{name}"), column));
            let numbers = |scores: &[Score], of: fn(&Score) -> f64| Column::Numbers(scores.iter().map(of).collect());
            add("moran_local", numbers(&moran.scores, |score| score.value));
            add("moran_local_q", numbers(&moran.scores, |score| p_and_q(score)[1]));
            let codes = moran.quadrants.iter().map(|side| quadrant(*side)).collect();
            let categories = QUADRANTS.map(str::to_owned).to_vec();
            add("moran_local_quadrant", Column::Categorical { codes, categories });
            add("g_star", numbers(&star.scores, |score| score.value));
            add("g_star_z", numbers(&star.scores, |score| score.z));
            add("g_star_q", numbers(&star.scores, |score| p_and_q(score)[1]));
        }
        columns
    }

    fn json(&self, params: &LocalParams) -> Result<Value, Failure> {
        let mut genes = Vec::new();
        for (gene, moran, star) in self.each() {
            let of = |scores: &[Score]| {
                let list = |of: fn(&Score) -> f64| json(&scores.iter().map(of).collect::<Vec<_>>());
                Ok::<_, Failure>(json!({
                    "value": list(|score| score.value)?, "z": list(|score| score.z)?,
                    "p": list(|score| p_and_q(score)[0])?, "q": list(|score| p_and_q(score)[1])?,
                }))
            };
            let sides: Vec<i32> = moran.quadrants.iter().map(|side| quadrant(*side)).collect();
            genes.push(json!({
                "gene": gene, "moran": of(&moran.scores)?, "quadrant": sides, "g_star": of(&star.scores)?,
            }));
        }
        let p = if self.permuted { "counted" } else { "analytic" };
        Ok(json!({
            "permutations": params.permutations, "seed": params.seed, "p": p, "quadrants": QUADRANTS, "genes": genes,
        }))
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("local        cells with q < {LEVEL}")];
        for (gene, moran, star) in self.each() {
            let significant = |score: &Score| p_and_q(score)[1] < LEVEL;
            let mut counts = [0usize; 4];
            for (score, side) in moran.scores.iter().zip(&moran.quadrants).filter(|(score, _)| significant(score)) {
                if let (Some(side), false) = (side, score.value.is_nan()) {
                    counts[*side as usize - 1] += 1;
                }
            }
            let sides = QUADRANTS.iter().zip(counts).map(|(name, count)| format!("{count} {name}"));
            let sides = sides.collect::<Vec<_>>().join(", ");
            let hot = star.scores.iter().filter(|score| significant(score) && score.z > 0.0).count();
            let cold = star.scores.iter().filter(|score| significant(score) && score.z < 0.0).count();
            lines.push(format!("{gene:<16} Moran {sides}; G* {hot} hot, {cold} cold"));
        }
        lines
    }
}
