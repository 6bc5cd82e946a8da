//! Intervals of statistics of translated cells, on simulated cells whose true places are drawn from what is known of them.

use std::f64::consts::PI;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use resitu::bundle::PlacementParams;
use resitu::cells::Csr;
use resitu::progress::ignore;
use resitu::spatial::resampled::{ResampleParams, label_matched, resampled};
use resitu::spatial::{
    AutocorrelationParams, Graph, GraphKind, GraphParams, SpatialError, assortativity, autocorrelation,
};
use resitu::translate::{Placer, Reference, draw_positions};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const CELLS: usize = 50;
const SIDE: usize = 20;
const DRAWS: usize = 100;
const SIMULATIONS: usize = 300;
const TEMPERATURE: f64 = 0.04;
const CANDIDATES: usize = 64;

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    f64::from(random.next_u32()) / 4_294_967_296.0
}

/// A unit vector that turns with the place: nearby places are alike.
fn embedding([x, y]: [f64; 2]) -> [f32; 8] {
    let angles = [x, y, 2.0 * x, 2.0 * y].map(|v| PI * v / SIDE as f64);
    std::array::from_fn(|i| {
        let angle = angles[i / 2];
        (0.5 * if i % 2 == 0 { angle.cos() } else { angle.sin() }) as f32
    })
}

/// A section of 400 cells near a lattice.
fn reference(random: &mut ChaCha8Rng) -> Reference {
    let places: Vec<[f64; 2]> =
        (0..SIDE * SIDE).map(|i| [(i % SIDE) as f64 + uniform(random), (i / SIDE) as f64 + uniform(random)]).collect();
    Reference {
        embeddings: places.iter().flat_map(|place| embedding(*place)).collect(),
        width: 8,
        positions: places.iter().map(|place| place.map(|v| v as f32)).collect(),
        state: vec![0; places.len()],
        niche: vec![0; places.len()],
    }
}

/// Where a cell is, drawn from the distribution that the placer documents: a softmax over the likest reference cells.
fn truth(reference: &Reference, cell: &[f32; 8], random: &mut ChaCha8Rng) -> [f64; 2] {
    let likeness = |row: &[f32]| row.iter().zip(cell).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    let mut candidates: Vec<(f64, usize)> = reference.embeddings.chunks(8).map(likeness).zip(0..).collect();
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    candidates.truncate(CANDIDATES);
    let best = candidates[0].0;
    candidates.iter_mut().for_each(|(likeness, _)| *likeness = ((*likeness - best) / TEMPERATURE).exp());
    let mut left = uniform(random) * candidates.iter().map(|(weight, _)| weight).sum::<f64>();
    let chosen = candidates.iter().find(|(weight, _)| {
        left -= weight;
        left < 0.0
    });
    reference.positions[chosen.unwrap_or(&candidates[0]).1].map(f64::from)
}

/// Moran's I of a gene and the assortativity of a label.
fn statistics(positions: &[[f64; 2]], gene: &Csr, labels: &[i32]) -> Result<Vec<f64>, SpatialError> {
    let params = GraphParams { kind: GraphKind::Knn { k: 5 }, ..GraphParams::DEFAULT };
    let graph = Graph::build(positions, None, &params)?;
    let moran = autocorrelation(&graph, gene, &AutocorrelationParams::default(), &mut ignore)?;
    Ok(vec![moran[0].moran.value, assortativity(&graph, labels, 2)?])
}

#[test]
fn intervals_cover_the_statistics_of_the_true_places_as_often_as_they_say() -> Outcome {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut covered = [0usize; 2];
    let mut null_covered = [0usize; 2];
    for simulation in 0..SIMULATIONS as u64 {
        let reference = reference(&mut random);
        let cells: Vec<[f64; 2]> =
            (0..CELLS).map(|_| [uniform(&mut random), uniform(&mut random)].map(|v| v * SIDE as f64)).collect();
        let embeddings: Vec<[f32; 8]> = cells.iter().map(|place| embedding(*place)).collect();
        let dense: Vec<f32> = cells.iter().map(|[x, _]| (x / 4.0 + uniform(&mut random)) as f32).collect();
        let gene = Csr::from_dense(1, &dense)?;
        let labels: Vec<i32> = cells.iter().map(|[x, y]| i32::from(x + y > SIDE as f64)).collect();

        let params = PlacementParams { temperature: TEMPERATURE as f32, candidates: CANDIDATES, bandwidth_um: 2.0 };
        let placer = Placer::new(reference.clone(), params, vec![0.0, 1.0])?;
        let placed = placer.place_with_doubt(embeddings.as_flattened());
        let likely: Vec<f32> = placed.iter().flat_map(|(_, likely)| likely.as_flattened()).copied().collect();
        let resample = ResampleParams { draws: DRAWS, seed: simulation, level: 0.95 };
        let interval = resampled(
            &resample,
            |draw| Ok::<_, SpatialError>(draw_positions(&likely, resample.seed, draw)),
            |positions, _| statistics(positions, &gene, &labels),
            &mut ignore,
        )?;

        let places: Vec<[f64; 2]> = embeddings.iter().map(|cell| truth(&reference, cell, &mut random)).collect();
        // All cells have one state: by it alone a cell may lie anywhere.
        let everywhere: Vec<[f64; 2]> = reference.positions.iter().map(|place| place.map(f64::from)).collect();
        let null = label_matched(&[0; CELLS], &vec![0; everywhere.len()], &everywhere, simulation, 0)?;
        for (places, counts) in [(places, &mut covered), (null, &mut null_covered)] {
            for (number, value) in statistics(&places, &gene, &labels)?.into_iter().enumerate() {
                counts[number] += usize::from((interval.low[number]..=interval.high[number]).contains(&value));
            }
        }
    }
    // The truth is one more draw. Of 100 draws the interpolated quantiles leave out 3.5 ranks of 101 on either side: 93 %.
    let expected = 1.0 - 2.0 * (1.0 + 0.025 * (DRAWS - 1) as f64) / (DRAWS + 1) as f64;
    let error = (expected * (1.0 - expected) / SIMULATIONS as f64).sqrt();
    for counted in covered {
        let share = counted as f64 / SIMULATIONS as f64;
        assert!((share - expected).abs() < 3.3 * error, "{share} of the intervals, not {expected}");
    }
    for counted in null_covered {
        assert!(counted < SIMULATIONS / 10, "{counted} of {SIMULATIONS} intervals hold what no placement gives");
    }
    println!("covered: {covered:?} of {SIMULATIONS}, null: {null_covered:?}");
    Ok(())
}
