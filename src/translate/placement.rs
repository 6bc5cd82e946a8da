//! Where a cell sits on the reference section: the densest place among the reference cells most like it.

use super::TranslateError;
use crate::bundle::PlacementParams;

/// Reference cells of a section, one entry a cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reference {
    /// Niche embeddings, `[cells, width]` row-major; unit vectors.
    pub embeddings: Vec<f32>,
    pub width: usize,
    /// µm on the section.
    pub positions: Vec<[f32; 2]>,
    /// Index into the translator's states.
    pub state: Vec<u8>,
    /// Index into the translator's niches.
    pub niche: Vec<u8>,
}

/// The place of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// µm on the reference section; always the position of a reference cell.
    pub position: [f32; 2],
    /// Radius in µm around `position` that holds at least half of the candidates' weight.
    pub spread_um: f32,
    /// 0..1: share of the calibration cells whose best similarity is at most this cell's. Near 0: unlike anything seen.
    pub confidence: f32,
}

/// How many positions are kept of each cell's distribution.
pub const POSITIONS_KEPT: usize = 32;

/// Equally likely positions of one cell, µm on the reference section: the candidates' positions, each as often as its weight
/// says, to 1/32 (systematic resampling, so nothing is drawn).
pub type LikelyPositions = [[f32; 2]; POSITIONS_KEPT];

/// Places cells on a reference section.
///
/// 1. The `candidates` reference cells of highest cosine similarity are found by comparing with all of them.
/// 2. Their weights are a softmax of similarity / temperature.
/// 3. The position is that of the candidate at which the weighted Gaussian kernel density of all candidates is highest: a
///    mode, because the mean of two distant places is neither.
///
/// Ties go to the lower index of the reference. Products are summed in one fixed order in `f32`, so equal embeddings give
/// equal candidates natively and in wasm.
#[derive(Debug, Clone)]
pub struct Placer {
    reference: Reference,
    params: PlacementParams,
    /// Ascending quantiles, evenly spaced from 0 to 1, of the calibration cells' best similarity.
    calibration: Vec<f32>,
}

/// Reference rows compared with every cell before the next are fetched: they stay in the cache meanwhile.
const BLOCK_ROWS: usize = 512;

impl Placer {
    /// `params` and `calibration` are as [`crate::bundle::Description`] allows: at least one candidate, positive widths, rising
    /// quantiles.
    ///
    /// # Errors
    /// `translate.bad-translator` if there is no reference cell, lengths disagree, a number is not finite, or an embedding is
    /// not a unit vector.
    pub fn new(reference: Reference, params: PlacementParams, calibration: Vec<f32>) -> Result<Self, TranslateError> {
        let bad = |reason| Err(TranslateError::BadTranslator(reason));
        let n = reference.positions.len();
        if n == 0 || reference.width == 0 || n > u32::MAX as usize {
            return bad("the reference has no cells, or too many");
        }
        if n.checked_mul(reference.width) != Some(reference.embeddings.len())
            || [reference.state.len(), reference.niche.len()] != [n, n]
        {
            return bad("the parts of the reference differ in length");
        }
        if !reference.positions.iter().flatten().all(|value| value.is_finite()) {
            return bad("a reference position is not finite");
        }
        // NaN fails this comparison too. Embeddings may have been stored in half precision.
        if !reference.embeddings.chunks_exact(reference.width).all(|row| (dot(row, row) - 1.0).abs() < 0.02) {
            return bad("a reference embedding is not a unit vector");
        }
        Ok(Self { reference, params, calibration })
    }

    /// The reference cells.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The places of cells with these niche embeddings `[cells, width]`: finite unit vectors.
    ///
    /// O(cells × reference cells × width + cells × candidates²).
    pub fn place(&self, embeddings: &[f32]) -> Vec<Placement> {
        self.nearest(embeddings).iter().map(|candidates| self.settle(candidates).0).collect()
    }

    /// As [`Placer::place`], with where else each cell may be.
    pub fn place_with_doubt(&self, embeddings: &[f32]) -> Vec<(Placement, LikelyPositions)> {
        self.nearest(embeddings).iter().map(|candidates| self.settle(candidates)).collect()
    }

    /// The highest cosine similarity of each cell to a reference cell: what the calibration holds quantiles of.
    pub fn likeness(&self, embeddings: &[f32]) -> Vec<f32> {
        let best = |candidates: &Vec<Candidate>| candidates.first().map_or(f32::NAN, |best| best.similarity);
        self.nearest(embeddings).iter().map(best).collect()
    }

    /// For each cell the most similar reference cells, best first.
    fn nearest(&self, embeddings: &[f32]) -> Vec<Vec<Candidate>> {
        let (width, limit) = (self.reference.width, self.params.candidates);
        let mut nearest = vec![Vec::with_capacity(limit + 1); embeddings.len() / width];
        for (block, rows) in self.reference.embeddings.chunks(BLOCK_ROWS * width).enumerate() {
            for (cell, best) in embeddings.chunks_exact(width).zip(&mut nearest) {
                for (row, reference) in rows.chunks_exact(width).enumerate() {
                    let similarity = dot(cell, reference);
                    keep_best(best, limit, Candidate { similarity, index: block * BLOCK_ROWS + row });
                }
            }
        }
        nearest
    }

    fn settle(&self, candidates: &[Candidate]) -> (Placement, LikelyPositions) {
        // Never empty: there is a reference cell and room for one.
        let Some(best) = candidates.first() else {
            let placement = Placement { position: [f32::NAN; 2], spread_um: f32::NAN, confidence: 0.0 };
            return (placement, [[f32::NAN; 2]; POSITIONS_KEPT]);
        };
        let best = f64::from(best.similarity);
        let weight = |c: &Candidate| ((f64::from(c.similarity) - best) / f64::from(self.params.temperature)).exp();
        let mut weights: Vec<f64> = candidates.iter().map(weight).collect();
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);

        let at = self.mode(candidates, &weights);
        let position = self.position(at);
        let mut around: Vec<(f64, f64)> = candidates
            .iter()
            .zip(&weights)
            .map(|(candidate, weight)| (squared_distance(position, self.position(candidate.index)), *weight))
            .collect();
        around.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut held = 0.0;
        // The last radius holds everything, but rounding may leave the sum of weights below one half of 1.
        let reach = around.iter().find(|(_, weight)| {
            held += weight;
            held >= 0.5
        });
        let spread_um = reach.or(around.last()).map_or(0.0, |(squared, _)| squared.sqrt() as f32);
        let placement = Placement { position, spread_um, confidence: rank_among(&self.calibration, best as f32) };
        (placement, self.likely(candidates, &weights))
    }

    /// Systematic resampling (Kitagawa 1996): where the shares (i + ½)/32 fall among the candidates, laid end to end by weight.
    fn likely(&self, candidates: &[Candidate], weights: &[f64]) -> LikelyPositions {
        let mut at = 0;
        let mut passed = weights[0];
        std::array::from_fn(|i| {
            let share = (i as f64 + 0.5) / POSITIONS_KEPT as f64;
            while passed < share && at + 1 < candidates.len() {
                at += 1;
                passed += weights[at];
            }
            self.position(candidates[at].index)
        })
    }

    /// The candidate at the highest density; the lower reference index of equals.
    fn mode(&self, candidates: &[Candidate], weights: &[f64]) -> usize {
        let scale = -0.5 / f64::from(self.params.bandwidth_um).powi(2);
        let mut density = weights.to_vec();
        for (i, a) in candidates.iter().enumerate() {
            for (j, b) in candidates.iter().enumerate().take(i) {
                let kernel = (squared_distance(self.position(a.index), self.position(b.index)) * scale).exp();
                density[i] += kernel * weights[j];
                density[j] += kernel * weights[i];
            }
        }
        let highest =
            candidates.iter().zip(&density).max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.index.cmp(&a.index)));
        highest.map_or(0, |(candidate, _)| candidate.index)
    }

    fn position(&self, index: usize) -> [f32; 2] {
        self.reference.positions[index]
    }
}

/// The index of the nearest centroid by Euclidean distance; the lower index of equals. `None` without centroids.
pub(super) fn nearest_centroid<'a>(centroids: impl IntoIterator<Item = &'a [f32]>, point: &[f32]) -> Option<usize> {
    let squared = |centroid: &[f32]| {
        centroid.iter().zip(point).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum::<f64>()
    };
    let distances = centroids.into_iter().enumerate().map(|(index, centroid)| (squared(centroid), index));
    distances.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, index)| index)
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    similarity: f32,
    index: usize,
}

/// Keeps `best` sorted, best first. Candidates come by rising index: an equal one goes behind, and out.
fn keep_best(best: &mut Vec<Candidate>, limit: usize, candidate: Candidate) {
    if best.len() == limit {
        match best.last() {
            Some(worst) if candidate.similarity > worst.similarity => best.truncate(limit - 1),
            _ => return,
        }
    }
    let at = best.partition_point(|other| other.similarity >= candidate.similarity);
    best.insert(at, candidate);
}

/// The sum of products, in eight lanes that the compiler turns into vector registers; the same order everywhere.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_lanes, a_rest) = a.as_chunks::<8>();
    let (b_lanes, b_rest) = b.as_chunks::<8>();
    let mut lanes = [0.0_f32; 8];
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

fn squared_distance(a: [f32; 2], b: [f32; 2]) -> f64 {
    (f64::from(a[0]) - f64::from(b[0])).powi(2) + (f64::from(a[1]) - f64::from(b[1])).powi(2)
}

/// The share of a distribution that is at most `value`, from its evenly spaced ascending quantiles; linear between them.
fn rank_among(quantiles: &[f32], value: f32) -> f32 {
    let below = quantiles.partition_point(|quantile| *quantile <= value);
    let steps = (quantiles.len() - 1) as f32;
    match (below.checked_sub(1), quantiles.get(below)) {
        (None, _) => 0.0,
        (_, None) => 1.0,
        (Some(last), Some(next)) => (last as f32 + (value - quantiles[last]) / (next - quantiles[last])) / steps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    const WIDTH: usize = 12;

    fn unit_rows(rng: &mut ChaCha8Rng, n: usize) -> Vec<f32> {
        let mut rows = Vec::new();
        for _ in 0..n {
            let row: Vec<f32> = (0..WIDTH).map(|_| rng.next_u32() as f32 / u32::MAX as f32 - 0.5).collect();
            let length = row.iter().map(|v| v * v).sum::<f32>().sqrt();
            rows.extend(row.iter().map(|v| v / length));
        }
        rows
    }

    fn reference(rng: &mut ChaCha8Rng, n: usize) -> Reference {
        let embeddings = unit_rows(rng, n);
        let mut place = || rng.next_u32() as f32 / u32::MAX as f32 * 300.0;
        let positions = (0..n).map(|_| [place(), place()]).collect();
        Reference { embeddings, width: WIDTH, positions, state: vec![0; n], niche: vec![0; n] }
    }

    fn params(candidates: usize) -> PlacementParams {
        PlacementParams { temperature: 0.1, candidates, bandwidth_um: 50.0 }
    }

    /// The definition, word by word, in `f64` and without any cleverness.
    fn by_definition(reference: &Reference, params: &PlacementParams, cell: &[f32]) -> ([f32; 2], f64) {
        let similarity =
            |row: &[f32]| -> f64 { row.iter().zip(cell).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum() };
        let mut order: Vec<(f64, usize)> =
            reference.embeddings.chunks(WIDTH).map(similarity).enumerate().map(|(i, s)| (s, i)).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        order.truncate(params.candidates);
        let sum: f64 = order.iter().map(|(s, _)| (s / f64::from(params.temperature)).exp()).sum();
        let weighted: Vec<(f64, [f32; 2])> = order
            .iter()
            .map(|(s, i)| ((s / f64::from(params.temperature)).exp() / sum, reference.positions[*i]))
            .collect();
        let distance = |a: [f32; 2], b: [f32; 2]| f64::from(a[0] - b[0]).hypot(f64::from(a[1] - b[1]));
        let density = |at: [f32; 2]| -> f64 {
            let kernel = |d: f64| (-d * d / 2.0 / f64::from(params.bandwidth_um).powi(2)).exp();
            weighted.iter().map(|(weight, position)| weight * kernel(distance(at, *position))).sum()
        };
        let position = weighted.iter().max_by(|a, b| density(a.1).total_cmp(&density(b.1))).unwrap().1;
        let mut radii: Vec<f64> = weighted.iter().map(|(_, other)| distance(position, *other)).collect();
        radii.sort_by(f64::total_cmp);
        let held = |radius: f64| -> f64 {
            weighted.iter().filter(|(_, other)| distance(position, *other) <= radius).map(|(weight, _)| weight).sum()
        };
        (position, radii.into_iter().find(|radius| held(*radius) >= 0.5).unwrap())
    }

    #[test]
    fn places_are_those_of_the_definition() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let reference = reference(&mut rng, 1_300);
        for candidates in [1, 7, 64, 2_000] {
            let placer = Placer::new(reference.clone(), params(candidates), vec![0.0, 1.0]).unwrap();
            let cells = unit_rows(&mut rng, 25);
            for (cell, placement) in cells.chunks(WIDTH).zip(placer.place(&cells)) {
                let (position, spread) = by_definition(&reference, &params(candidates), cell);
                assert_eq!(placement.position, position, "{candidates} candidates");
                // Distances within 425 µm in f32 positions.
                assert!((f64::from(placement.spread_um) - spread).abs() < 1e-3, "{} {spread}", placement.spread_um);
            }
        }
    }

    #[test]
    fn likely_positions_hold_each_candidate_as_often_as_its_weight_says() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let reference = reference(&mut rng, 300);
        let placer = Placer::new(reference.clone(), params(20), vec![0.0, 1.0]).unwrap();
        let cells = unit_rows(&mut rng, 10);
        for (cell, (placement, likely)) in cells.chunks(WIDTH).zip(placer.place_with_doubt(&cells)) {
            assert_eq!(placement, placer.place(cell)[0]);
            let mut order: Vec<(f32, usize)> =
                reference.embeddings.chunks(WIDTH).map(|row| dot(row, cell)).enumerate().map(|(i, s)| (s, i)).collect();
            order.sort_by(|a, b| b.0.total_cmp(&a.0));
            let weights: Vec<f64> =
                order[..20].iter().map(|(s, _)| (f64::from(*s) / f64::from(0.1_f32)).exp()).collect();
            let sum: f64 = weights.iter().sum();
            for (weight, (_, index)) in weights.iter().zip(&order) {
                let kept = likely.iter().filter(|position| **position == reference.positions[*index]).count();
                // Systematic resampling is never off by a whole entry.
                assert!((kept as f64 - 32.0 * weight / sum).abs() < 1.0 + 1e-6, "{kept} {}", 32.0 * weight / sum);
            }
        }
    }

    #[test]
    fn ties_go_to_the_lower_index() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let row = unit_rows(&mut rng, 1);
        let far_apart = (0..9).map(|i| [i as f32 * 1e4, 0.0]).collect();
        let reference = Reference {
            embeddings: row.repeat(9),
            width: WIDTH,
            positions: far_apart,
            state: vec![0; 9],
            niche: vec![0; 9],
        };
        let placer = Placer::new(reference, params(4), vec![0.0, 1.0]).unwrap();
        let placement = placer.place(&row)[0];
        assert_eq!(placement.position, [0.0, 0.0]);
        assert_eq!(placement.spread_um, 1e4, "two of four equal candidates hold half");
        assert_eq!(nearest_centroid([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]].iter().map(|c| &c[..]), &[0.5, 0.5]), Some(0));
        assert_eq!(nearest_centroid([], &[0.5]), None);
    }

    #[test]
    fn a_crowd_of_candidates_outweighs_a_lone_better_one() {
        let mut embeddings = vec![0.0; 4 * 2];
        embeddings[..2].copy_from_slice(&[1.0, 0.0]);
        for row in 1..4 {
            embeddings[row * 2..][..2].copy_from_slice(&[0.995, (1.0_f32 - 0.995 * 0.995).sqrt()]);
        }
        let reference = Reference {
            embeddings,
            width: 2,
            positions: vec![[5000.0, 0.0], [0.0, 0.0], [10.0, 0.0], [20.0, 0.0]],
            state: vec![0; 4],
            niche: vec![0; 4],
        };
        let placement = Placer::new(reference, params(4), vec![0.0, 1.0]).unwrap().place(&[1.0, 0.0])[0];
        assert_eq!(placement.position, [10.0, 0.0]);
        assert_eq!(placement.spread_um, 10.0);
    }

    #[test]
    fn confidence_is_the_share_of_calibration_cells_at_or_below() {
        let quantiles = [0.2, 0.4, 0.4, 0.8, 0.9];
        for (value, share) in [(0.1, 0.0), (0.2, 0.0), (0.3, 0.125), (0.4, 0.5), (0.6, 0.625), (0.9, 1.0), (1.0, 1.0)] {
            assert!((rank_among(&quantiles, value) - share).abs() < 1e-6, "{value}");
        }
    }

    #[test]
    fn contradictory_references_are_refused() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let good = reference(&mut rng, 10);
        let refused = |spoil: &dyn Fn(&mut Reference)| {
            let mut reference = good.clone();
            spoil(&mut reference);
            Placer::new(reference, params(4), vec![0.0, 1.0]).is_err()
        };
        assert!(!refused(&|_| ()));
        assert!(refused(&|r| *r = Reference::default()));
        assert!(refused(&|r| r.state.truncate(9)));
        assert!(refused(&|r| r.niche.truncate(9)));
        assert!(refused(&|r| r.positions.truncate(9)));
        assert!(refused(&|r| r.positions[3][1] = f32::INFINITY));
        assert!(refused(&|r| r.embeddings[3] = f32::NAN));
        assert!(refused(&|r| r.embeddings[3] += 1.0));
    }
}
