//! Ligand–receptor test: which labels could signal to which, by which pair?

mod counts;
mod joint;
mod pairs;
mod sums;

pub use pairs::{Complex, Pair, read_pairs};

use self::counts::LANES;
use self::joint::Joint;
use self::pairs::{Found, find};
use self::sums::Expression;
use super::composition::check_labels;
use super::labellings::{Code, Labellings};
use super::parallel::{Meter, for_each};
use super::significance::benjamini_hochberg;
use super::{Graph, SpatialError};
use crate::cells::Csr;
use crate::progress::Tick;

/// Permutations in one piece of work between two ticks.
const CHUNK: usize = 64;

/// A power of two above the most labels that [`check_labels`] lets through.
const MOST_LABELS: usize = 1024;

/// Results are pairs × labels × labels: more than this would fill the memory, and nobody could read them.
const MAX_RESULTS: usize = 50_000_000;

/// Over what expression is averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Between {
    /// The ligand over the cells of one label, the receptor over those of the other, wherever they lie: CellPhoneDB's and
    /// squidpy's `ligrec`.
    #[default]
    Labels,
    /// Both over the pairs of neighbours with the two labels, so that only cells that touch can signal.
    Neighbours,
}

/// How p comes from counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    /// `(permuted ≥ observed + 1) / (permutations + 1)`: a valid test, never 0 (Phipson & Smyth 2010).
    #[default]
    PlusOne,
    /// `(permuted > observed) / permutations`, as squidpy.
    Squidpy,
}

/// How to test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LigrecParams {
    pub between: Between,
    pub complex: Complex,
    /// A pair is tested for two labels only if each of its genes is expressed in at least this share of the cells of its
    /// label; squidpy's default is 0.01, CellPhoneDB's 0.1.
    pub threshold: f64,
    pub permutations: usize,
    pub counting: Counting,
    pub seed: u64,
}

impl Default for LigrecParams {
    fn default() -> Self {
        Self {
            between: Between::default(),
            complex: Complex::default(),
            threshold: 0.01,
            permutations: 1000,
            counting: Counting::default(),
            seed: 0,
        }
    }
}

impl LigrecParams {
    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` for a threshold outside 0..=1, no permutation or more than a million.
    pub fn check(&self) -> Result<(), SpatialError> {
        if !(0.0..=1.0).contains(&self.threshold) {
            return Err(SpatialError::BadParameter("The threshold is a share of cells, from 0 to 1."));
        }
        match self.permutations {
            1..=1_000_000 => Ok(()),
            _ => {
                Err(SpatialError::BadParameter("The ligand-receptor test needs between 1 and 1,000,000 permutations."))
            }
        }
    }
}

/// Matrices are pairs × labels × labels, row-major: pair, the label with the ligand, the label with the receptor.
#[derive(Debug, Clone, PartialEq)]
pub struct Ligrec {
    pub n_labels: usize,
    /// The pairs whose genes are measured, in the order of the table.
    pub pairs: Vec<Pair>,
    /// Mean of the ligand's and the receptor's mean; 0 where either is not above 0.
    pub means: Vec<f64>,
    /// NaN where not tested: a mean is not above 0, or a gene is expressed in fewer cells than the threshold.
    pub p: Vec<f64>,
    /// Benjamini–Hochberg over all that was tested. (Squidpy corrects within each pair of labels, if asked, and counts
    /// what was not tested as p = 1.)
    pub q: Vec<f64>,
    /// Pairs of the table without measured genes.
    pub not_measured: usize,
}

/// For each pair and each two labels, the mean expression of ligand and receptor, and how often labels shuffled within each
/// section give as much: CellPhoneDB's test (Efremova et al. 2020) with squidpy's conventions.
///
/// `values` are cells × genes, normalised as the caller likes; `genes` their symbols. Cells without a label (negative code)
/// count for nothing. A gene with a value that is not finite leaves its pairs untested, with mean NaN. With one label
/// nothing can vary: every p is 1. `Between::Neighbours` uses the graph without direction and weight.
///
/// O(permutations · (values of the pairs' genes + pairs · labels²)) time, over neighbours times the degree; memory O(values
/// of the pairs' genes + results). The matrix is not made dense but for whole numbers up to 255 of genes in a sixteenth of
/// the cells or more: a byte a cell.
///
/// # Errors
/// `spatial.bad-parameter`: see [`LigrecParams::check`], or if no pair is measured, or for more than 50 million results;
/// `spatial.length-mismatch`; `job.cancelled`.
#[expect(clippy::too_many_arguments, reason = "a graph, values and labels with their names, and how")]
pub fn ligrec(
    graph: &Graph,
    values: &Csr,
    genes: &[String],
    pairs: &[Pair],
    (codes, n_labels): (&[i32], usize),
    sections: Option<&[u32]>,
    params: &LigrecParams,
    tick: Tick,
) -> Result<Ligrec, SpatialError> {
    params.check()?;
    check_labels(graph, codes, n_labels)?;
    let length = |what, expected, found| match expected == found {
        true => Ok(()),
        false => Err(SpatialError::LengthMismatch { what, expected, found }),
    };
    length("rows of values", codes.len(), values.n_rows())?;
    length("gene names", values.n_cols(), genes.len())?;
    length("section labels", codes.len(), sections.map_or(codes.len(), <[u32]>::len))?;

    let mut sums = vec![0.0f64; genes.len()];
    let (_, indices, stored) = values.parts();
    indices.iter().zip(stored).for_each(|(&gene, &value)| sums[gene as usize] += f64::from(value));
    let (found, not_measured) = find(pairs, genes, params.complex, |gene| sums[gene as usize]);
    if found.is_empty() {
        return Err(SpatialError::BadParameter("No pair has its genes among those of the cells."));
    }
    if found.len().checked_mul(n_labels * n_labels).is_none_or(|results| results > MAX_RESULTS) {
        return Err(SpatialError::BadParameter("Pairs times labels times labels is more than 50 million."));
    }
    // A value that is not finite would be in some permutations and not in others.
    let finite =
        |found: &Found| found.ligand.iter().chain(&found.receptor).all(|&gene| sums[gene as usize].is_finite());
    let usable: Vec<bool> = found.iter().map(finite).collect();
    let test = Test::new(graph, values, (&found, &usable), (codes, n_labels), sections, params);
    let larger = match n_labels {
        0..=16 => test.permute::<u8, 16>(params, tick),
        17..=32 => test.permute::<u8, 32>(params, tick),
        33..=256 => test.permute::<u8, 256>(params, tick),
        _ => test.permute::<u16, MOST_LABELS>(params, tick),
    }?;
    let n = params.permutations as f64;
    let mut p = vec![f64::NAN; test.means.len()];
    for (tested, larger) in test.tested.iter().zip(larger) {
        p[tested.result] = match params.counting {
            Counting::PlusOne => (f64::from(larger) + 1.0) / (n + 1.0),
            Counting::Squidpy => f64::from(larger) / n,
        };
    }
    Ok(Ligrec {
        n_labels,
        not_measured,
        means: test.means,
        q: benjamini_hochberg(&p),
        p,
        pairs: found.into_iter().map(|found| found.pair).collect(),
    })
}

/// One pair for two labels, to be tested.
struct Tested {
    result: usize,
    ligand: usize,
    receptor: usize,
    /// Where the two means are: offsets within a party's.
    ligand_at: usize,
    receptor_at: usize,
}

/// Means of several labellings, kept from one to the next: allocating them anew costs as much as filling them.
#[derive(Default)]
struct Means<const S: usize> {
    joint: Joint<S>,
    /// Genes × labels, or genes × labels × labels.
    genes: Vec<[f64; LANES]>,
    /// The same of parties.
    parties: Vec<[f64; LANES]>,
}

struct Test {
    labellings: Labellings,
    labels: Vec<u16>,
    n_labels: usize,
    expression: Expression,
    n_genes: usize,
    /// Ligands and receptors, each once, as slots of genes.
    parties: Vec<Vec<usize>>,
    tested: Vec<Tested>,
    means: Vec<f64>,
    strict: bool,
}

impl Test {
    fn new(
        graph: &Graph,
        values: &Csr,
        (found, usable): (&[Found], &[bool]),
        (codes, n_labels): (&[i32], usize),
        sections: Option<&[u32]>,
        params: &LigrecParams,
    ) -> Self {
        let neighbours = params.between == Between::Neighbours;
        let labellings = match neighbours {
            true => Labellings::along_edges(graph, codes, sections),
            false => Labellings::by_section(codes, sections),
        };
        let mut genes: Vec<u32> =
            found.iter().flat_map(|found| found.ligand.iter().chain(&found.receptor)).copied().collect();
        genes.sort_unstable();
        genes.dedup();
        let slots = |columns: &[u32]| -> Vec<usize> {
            columns.iter().map(|gene| genes.binary_search(gene).unwrap_or(0)).collect()
        };
        let mut parties: Vec<Vec<usize>> = found.iter().flat_map(|f| [slots(&f.ligand), slots(&f.receptor)]).collect();
        parties.sort_unstable();
        parties.dedup();
        let party = |columns: &[u32]| parties.binary_search(&slots(columns)).unwrap_or(0);
        let sides: Vec<(usize, usize)> = found.iter().map(|f| (party(&f.ligand), party(&f.receptor))).collect();

        let labels: Vec<u16> = labellings.labels(codes);
        let expression = Expression::new(values, &genes, &labellings, neighbours.then_some(graph));
        let shares = expression.shares(&labels, n_labels);
        let mut test = Self {
            n_genes: genes.len(),
            labellings,
            labels,
            n_labels,
            expression,
            parties,
            tested: Vec::new(),
            means: vec![0.0; found.len() * n_labels * n_labels],
            strict: params.counting == Counting::Squidpy,
        };
        let labels: Vec<[u16; LANES]> = test.labels.iter().map(|&label| [label; LANES]).collect();
        let mut observed = Means::<MOST_LABELS>::default();
        test.party_means(&labels, &mut observed);
        let observed = observed.parties;
        let common = |party: usize, label: usize| {
            test.parties[party].iter().all(|slot| shares[slot * n_labels + label] >= params.threshold)
        };
        let width = test.expression.width(n_labels);
        for (result, mean) in test.means.iter_mut().enumerate() {
            let (from, to) = (result / n_labels % n_labels, result % n_labels);
            let pair = result / (n_labels * n_labels);
            let (ligand, receptor) = sides[pair];
            let (ligand_at, receptor_at) = match neighbours {
                true => (from * n_labels + to, to * n_labels + from),
                false => (from, to),
            };
            let (one, other) = (observed[ligand * width + ligand_at][0], observed[receptor * width + receptor_at][0]);
            if !usable[pair] {
                *mean = f64::NAN;
            } else if one > 0.0 && other > 0.0 {
                *mean = (one + other) / 2.0;
                if common(ligand, from) && common(receptor, to) {
                    test.tested.push(Tested { result, ligand, receptor, ligand_at, receptor_at });
                }
            }
        }
        test
    }

    /// Means of the parties: of a complex, those of its least expressed subunit.
    fn party_means<T: Code, const S: usize>(&self, labels: &[[T; LANES]], means: &mut Means<S>) {
        let width = self.expression.width(self.n_labels);
        let Means { joint, genes, parties } = means;
        genes.resize(self.n_genes * width, [0.0; LANES]);
        self.expression.means(labels, self.n_labels, joint, genes);
        parties.clear();
        for subunits in &self.parties {
            let least = |at: usize, lane: usize| {
                // Not `f64::min`, which would hide a NaN.
                let means = subunits.iter().map(|slot| genes[slot * width + at][lane]);
                means.fold(f64::INFINITY, |least, mean| if mean.is_nan() || mean < least { mean } else { least })
            };
            parties.extend((0..width).map(|at| std::array::from_fn(|lane| least(at, lane))));
        }
    }

    /// How many permutations give as much as was observed, for each test.
    fn permute<T: Code, const S: usize>(&self, params: &LigrecParams, tick: Tick) -> Result<Vec<u32>, SpatialError> {
        let mut meter = Meter::new(tick, "ligand-receptor test", params.permutations as u64);
        let all: Vec<u64> = (0..params.permutations as u64).collect();
        let chunks: Vec<&[u64]> = all.chunks(CHUNK).collect();
        let width = self.expression.width(self.n_labels);
        let labels: Vec<T> = self.labels.iter().map(|&label| T::of(usize::from(label))).collect();
        let start = self.labellings.start::<T, LANES>(&labels, params.seed);
        let count = |chunk: &&[u64]| {
            let (mut larger, mut means) = (vec![0u32; self.tested.len()], Means::<S>::default());
            self.labellings.each(&start, params.seed, chunk, |lanes, count| {
                self.party_means(lanes, &mut means);
                let means = &means.parties;
                for (tested, larger) in self.tested.iter().zip(&mut larger) {
                    let one = &means[tested.ligand * width + tested.ligand_at];
                    let other = &means[tested.receptor * width + tested.receptor_at];
                    // Equal sums can differ in the last digits by the order of their terms: with `≥` they must count.
                    let slack = if self.strict { 0.0 } else { 1e-12 };
                    let observed = 2.0 * self.means[tested.result] * (1.0 - slack);
                    for lane in 0..count {
                        let permuted = one[lane] + other[lane];
                        *larger += u32::from(if self.strict { permuted > observed } else { permuted >= observed });
                    }
                }
            });
            larger
        };
        let mut total = vec![0u32; self.tested.len()];
        for_each(
            &chunks,
            &mut meter,
            |chunk| chunk.len() as u64,
            count,
            |part: Vec<u32>| {
                total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
            },
        )?;
        Ok(total)
    }
}
