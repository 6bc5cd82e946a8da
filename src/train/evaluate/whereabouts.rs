//! T1: do cells whose coordinates were hidden find their neighbourhood?

use super::{Contender, Estimate, HITS_AT, Whereabouts, baselines};
use crate::Error;
use crate::spatial::recovery::{
    bootstrap_interval, distance_spearman, jensen_shannon_distance, macro_f1, neighbour_hits,
};
use crate::train::groups::{Data, Group};
use crate::train::map::mean_row;

/// Rows of distances that Spearman looks at.
const SPEARMAN_CELLS: usize = 500;
const BOOTSTRAP_DRAWS: usize = 1_000;

/// A composition and a place for each cell, from whatever method.
struct Answer {
    name: String,
    composition: Vec<f32>,
    xy: Vec<[f64; 2]>,
}

pub fn evaluate(contenders: &[Contender], data: &Data, cells: &Group, seed: u64) -> Result<Vec<Whereabouts>, Error> {
    let mut answers = Vec::new();
    for contender in contenders {
        let places = contender.map.placer.place(&contender.spatial.embedding);
        answers.push(Answer {
            name: contender.name.to_owned(),
            composition: contender.spatial.composition.clone(),
            xy: places.iter().map(|place| place.position.map(f64::from)).collect(),
        });
    }
    let (reference, states) = (&data.reference, data.states.len());
    let copied = |name: &str, rows: Vec<usize>| {
        let from = reference.select(&rows, data.panel.len(), states);
        Answer { name: name.to_owned(), composition: from.composition, xy: from.xy }
    };
    answers.push(copied("nearest reference cell in shared genes", baselines::nearest(cells, reference, data)));
    answers.push(copied("random reference cell of the same state", baselines::label_matched(cells, reference, seed)));
    let mean = mean_row(&reference.composition, states);
    answers.push(Answer {
        name: "mean composition, one place".to_owned(),
        composition: mean.repeat(cells.len()),
        xy: vec![[0.0; 2]; cells.len()],
    });
    answers.iter().map(|answer| score(answer, data, cells, seed)).collect()
}

fn score(answer: &Answer, data: &Data, cells: &Group, seed: u64) -> Result<Whereabouts, Error> {
    let states = data.states.len();
    let pairs = || answer.composition.chunks_exact(states).zip(cells.composition.chunks_exact(states));
    let distances: Vec<f64> = pairs().map(|(said, truth)| jensen_shannon_distance(said, truth)).collect();
    let said: Vec<u8> = pairs().map(|(said, _)| data.niche(said)).collect();
    let truth: Vec<u8> = pairs().map(|(_, truth)| data.niche(truth)).collect();
    let mut hits = Vec::new();
    for k in HITS_AT {
        hits.push((k, estimate(&neighbour_hits(&cells.xy, &answer.xy, k)?, seed)));
    }
    let spearman = distance_spearman(&cells.xy, &answer.xy, SPEARMAN_CELLS, seed)?;
    let has_order = spearman.iter().any(|value| value.is_finite());
    Ok(Whereabouts {
        name: answer.name.clone(),
        composition_distance: estimate(&distances, seed),
        niche_macro_f1: macro_f1(&truth, &said, data.niches.len() / states),
        neighbour_hits: hits,
        distance_spearman: has_order.then(|| estimate(&spearman, seed)),
    })
}

fn estimate(values: &[f64], seed: u64) -> Estimate {
    let interval = bootstrap_interval(values, BOOTSTRAP_DRAWS, seed);
    Estimate { mean: interval.mean, low: interval.low, high: interval.high }
}
