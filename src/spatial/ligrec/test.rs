//! The means of pairs for each two labels, and how many labellings give as much.

use super::super::Graph;
use super::super::labellings::{Code, Labellings};
use super::super::parallel::{Meter, for_each};
use super::keys::{Keys, LANES};
use super::pairs::Found;
use super::sums::{Dense, Expression};
use super::{Between, Counting, LigrecParams, SpatialError};
use crate::cells::Csr;
use crate::progress::Tick;

/// Permutations in one piece of work between two ticks.
const CHUNK: usize = 64;

/// One pair for two labels, to be tested.
struct Tested {
    result: usize,
    /// Offsets of the two means among those of the parties.
    ligand: usize,
    receptor: usize,
    /// A sum of the two means that is not below this counts.
    enough: f64,
}

/// Means of several labellings, kept from one to the next: allocating them anew costs as much as filling them.
#[derive(Default)]
struct Means<const N: usize, const K: usize> {
    keys: Keys<N, K>,
    /// Genes × labels, or genes × labels × labels.
    genes: Vec<[f64; LANES]>,
    /// The same of parties.
    parties: Vec<[f64; LANES]>,
}

/// What is compared with what, so that it can be compiled for several widths of registers.
struct Comparison<'a> {
    tested: &'a [Tested],
    parties: &'a [[f64; LANES]],
    /// So many of the labellings count.
    count: usize,
    larger: &'a mut [u32],
}

pub(super) struct Test {
    labellings: Labellings,
    /// Of the places.
    labels: Vec<u16>,
    n_labels: usize,
    expression: Expression,
    n_genes: usize,
    /// Ligands and receptors, each once, as slots of genes.
    parties: Vec<Vec<usize>>,
    /// The ligand's party and the receptor's, for each pair that was found, and whether all its values are finite.
    pairs: Vec<(usize, usize, bool)>,
    over_edges: bool,
}

impl Test {
    pub fn new(
        graph: &Graph,
        values: &Csr,
        (found, usable): (&[Found], &[bool]),
        (codes, n_labels): (&[i32], usize),
        sections: Option<&[u32]>,
        params: &LigrecParams,
    ) -> Self {
        let over_edges = params.between == Between::Neighbours;
        let labellings = match over_edges {
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
        let pair = |(found, usable): (&Found, &bool)| (party(&found.ligand), party(&found.receptor), *usable);
        Self {
            pairs: found.iter().zip(usable).map(pair).collect(),
            labels: labellings.labels(codes),
            n_labels,
            expression: Expression::new(values, &genes, &labellings, over_edges.then_some(graph)),
            n_genes: genes.len(),
            labellings,
            parties,
            over_edges,
        }
    }

    /// The means, pairs × labels × labels, and of each that was tested how many permutations give as much.
    #[expect(clippy::type_complexity, reason = "two lists")]
    pub fn run<T: Code, const N: usize, const K: usize>(
        mut self,
        params: &LigrecParams,
        tick: Tick,
    ) -> Result<(Vec<f64>, Vec<(usize, u32)>), SpatialError> {
        let labels: Vec<T> = self.labels.iter().map(|&label| T::of(usize::from(label))).collect();
        let (means, tested) = self.observe::<T, N, K>(&labels, params);
        let larger = self.permute::<T, N, K>(&labels, &tested, params, tick)?;
        Ok((means, tested.iter().map(|tested| tested.result).zip(larger).collect()))
    }

    /// The means, and what is to be tested. Rounds the values.
    fn observe<T: Code, const N: usize, const K: usize>(
        &mut self,
        labels: &[T],
        params: &LigrecParams,
    ) -> (Vec<f64>, Vec<Tested>) {
        let n_labels = self.n_labels;
        let lanes: Vec<[T; LANES]> = labels.iter().map(|&label| [label; LANES]).collect();
        let shares = self.expression.shares(labels, n_labels);
        let none = Dense::none(self.n_genes);
        let (mut exact, mut rounded) = (Means::<N, K>::default(), Means::<N, K>::default());
        self.party_means(&lanes, &none, &mut exact);
        self.expression.round();
        self.party_means(&lanes, &none, &mut rounded);
        let common = |party: usize, label: usize| {
            self.parties[party].iter().all(|slot| shares[slot * n_labels + label] >= params.threshold)
        };
        let width = self.expression.width(n_labels);
        let (mut means, mut tested) = (vec![0.0; self.pairs.len() * n_labels * n_labels], Vec::new());
        for (result, mean) in means.iter_mut().enumerate() {
            let (from, to) = (result / n_labels % n_labels, result % n_labels);
            let (ligand_party, receptor_party, usable) = self.pairs[result / (n_labels * n_labels)];
            let (ligand_at, receptor_at) = match self.over_edges {
                true => (from * n_labels + to, to * n_labels + from),
                false => (from, to),
            };
            let (ligand, receptor) = (ligand_party * width + ligand_at, receptor_party * width + receptor_at);
            let (one, other) = (exact.parties[ligand][0], exact.parties[receptor][0]);
            if !usable {
                *mean = f64::NAN;
            } else if one > 0.0 && other > 0.0 {
                *mean = (one + other) / 2.0;
                if common(ligand_party, from) && common(receptor_party, to) {
                    let observed = rounded.parties[ligand][0] + rounded.parties[receptor][0];
                    let enough = match params.counting {
                        // Equal sums of quotients can differ in the last digits; here they must count.
                        Counting::PlusOne => observed * (1.0 - 1e-12),
                        Counting::Squidpy => observed.next_up(),
                    };
                    tested.push(Tested { result, ligand, receptor, enough });
                }
            }
        }
        (means, tested)
    }

    /// Means of the parties: of a complex, those of its least expressed subunit.
    fn party_means<T: Code, const N: usize, const K: usize>(
        &self,
        labels: &[[T; LANES]],
        dense: &Dense,
        means: &mut Means<N, K>,
    ) {
        let width = self.expression.width(self.n_labels);
        let Means { keys, genes, parties } = means;
        genes.resize(self.n_genes * width, [0.0; LANES]);
        self.expression.means(labels, self.n_labels, (keys, dense), genes);
        parties.clear();
        for subunits in &self.parties {
            parties.extend((0..width).map(|at| {
                // Not `f64::min`, which would hide a NaN.
                let less = |least: f64, mean: f64| if mean.is_nan() || mean < least { mean } else { least };
                let means = subunits.iter().map(|slot| genes[slot * width + at]);
                let least = means.reduce(|least, means| std::array::from_fn(|lane| less(least[lane], means[lane])));
                least.unwrap_or([f64::NAN; LANES])
            }));
        }
    }

    /// How many permutations give as much as was observed, for each test.
    fn permute<T: Code, const N: usize, const K: usize>(
        &self,
        labels: &[T],
        tested: &[Tested],
        params: &LigrecParams,
        tick: Tick,
    ) -> Result<Vec<u32>, SpatialError> {
        let mut meter = Meter::new(tick, "ligand-receptor test", params.permutations as u64);
        let all: Vec<u64> = (0..params.permutations as u64).collect();
        let chunks: Vec<&[u64]> = all.chunks(CHUNK).collect();
        let start = self.labellings.start::<T, LANES>(labels, params.seed);
        let dense = self.expression.dense::<N, K>(labels.len());
        let count = |chunk: &&[u64]| {
            let (mut larger, mut means) = (vec![0u32; tested.len()], Means::<N, K>::default());
            self.labellings.each(&start, params.seed, chunk, |lanes, count| {
                self.party_means(lanes, &dense, &mut means);
                let parties = &means.parties;
                pulp::Arch::new().dispatch(Comparison { tested, parties, count, larger: &mut larger });
            });
            larger
        };
        let mut total = vec![0u32; tested.len()];
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

impl pulp::WithSimd for Comparison<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<I: pulp::Simd>(self, _: I) {
        // As many lanes for all, which the compiler may know: those that do not count have nothing to add.
        let weights: [u64; LANES] = std::array::from_fn(|lane| u64::from(lane < self.count));
        for (tested, larger) in self.tested.iter().zip(self.larger) {
            let (one, other) = (&self.parties[tested.ligand], &self.parties[tested.receptor]);
            let larger_in = |lane: usize| u64::from(one[lane] + other[lane] >= tested.enough) * weights[lane];
            *larger += (0..LANES).map(larger_in).sum::<u64>() as u32;
        }
    }
}
