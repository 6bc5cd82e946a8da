//! Logistic regression with an L2 penalty, fitted to convergence without randomness.

use std::collections::VecDeque;

use super::profiles::dot;

/// scikit-learn's `C = 1`: the weights' penalty `½‖w‖²` stands beside the summed loss; the intercept is free.
const PENALTY: f64 = 1.0;
/// Largest mean gradient that counts as the minimum. Scores are then within about 1e-6 of it.
const TOLERANCE: f64 = 1e-7;
const MAX_ITERATIONS: usize = 1000;
/// Pairs of steps and gradient changes that stand for the curvature.
const MEMORY: usize = 10;

/// A fitted regression: the score of a row is `w · x + intercept`.
pub(super) struct Logistic {
    /// `d` weights, then the intercept.
    parameters: Vec<f64>,
}

impl Logistic {
    /// Fits `positive` from the rows of `x` (row-major, `d` wide) by L-BFGS (Nocedal and Wright 2006, algorithm 7.5).
    ///
    /// L-BFGS and not Newton: with hundreds of genes the Hessian costs more than all its iterations.
    pub fn fit(x: &[f32], d: usize, positive: &[bool]) -> Self {
        let tolerance = TOLERANCE * positive.len() as f64;
        let mut parameters = vec![0.0; d + 1];
        let (mut loss, mut gradient) = objective(x, d, positive, &parameters);
        let mut history = VecDeque::with_capacity(MEMORY);
        for _ in 0..MAX_ITERATIONS {
            if gradient.iter().all(|slope| slope.abs() <= tolerance) {
                break;
            }
            let direction = descent(&gradient, &history);
            let slope = product(&gradient, &direction);
            let Some((next, next_loss, next_gradient)) = backtrack(loss, slope, |step| {
                let next: Vec<f64> = parameters.iter().zip(&direction).map(|(at, by)| at + step * by).collect();
                let (loss, gradient) = objective(x, d, positive, &next);
                (next, loss, gradient)
            }) else {
                // No step goes down any more: the minimum, to the precision of f64.
                break;
            };
            if history.len() == MEMORY {
                history.pop_front();
            }
            history.extend(Curvature::new(difference(&next, &parameters), difference(&next_gradient, &gradient)));
            (parameters, loss, gradient) = (next, next_loss, next_gradient);
        }
        Self { parameters }
    }

    /// The log odds that a row is positive.
    pub fn score(&self, row: &[f32]) -> f64 {
        dot(row, &self.parameters[..row.len()]) + self.parameters[row.len()]
    }
}

/// The penalised loss and its gradient.
fn objective(x: &[f32], d: usize, positive: &[bool], parameters: &[f64]) -> (f64, Vec<f64>) {
    let (weights, intercept) = (&parameters[..d], parameters[d]);
    let mut loss = PENALTY / 2.0 * product(weights, weights);
    let mut gradient: Vec<f64> = weights.iter().map(|weight| PENALTY * weight).collect();
    let mut intercept_slope = 0.0;
    for (row, &positive) in x.chunks_exact(d).zip(positive) {
        let score = dot(row, weights) + intercept;
        let target = f64::from(u8::from(positive));
        // ln(1 + eˢ) without overflow.
        loss += score.max(0.0) + (-score.abs()).exp().ln_1p() - target * score;
        let residual = 1.0 / (1.0 + (-score).exp()) - target;
        gradient.iter_mut().zip(row).for_each(|(slope, value)| *slope += residual * f64::from(*value));
        intercept_slope += residual;
    }
    gradient.push(intercept_slope);
    (loss, gradient)
}

/// A step, the gradient's change along it, and `1 / (step · change)`.
struct Curvature {
    step: Vec<f64>,
    change: Vec<f64>,
    inverse: f64,
}

impl Curvature {
    /// `None` where rounding has eaten the curvature, which is positive for a convex loss.
    fn new(step: Vec<f64>, change: Vec<f64>) -> Option<Self> {
        let curvature = product(&step, &change);
        (curvature > 0.0).then(|| Self { inverse: 1.0 / curvature, step, change })
    }
}

/// `−H g` with the inverse Hessian `H` that the history stands for.
fn descent(gradient: &[f64], history: &VecDeque<Curvature>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
    let mut shares = Vec::with_capacity(history.len());
    for past in history.iter().rev() {
        let share = past.inverse * product(&past.step, &direction);
        add(&mut direction, -share, &past.change);
        shares.push(share);
    }
    let scale = match history.back() {
        Some(last) => 1.0 / (last.inverse * product(&last.change, &last.change)),
        // A first step of length one at most.
        None => 1.0 / product(gradient, gradient).sqrt().max(1.0),
    };
    direction.iter_mut().for_each(|value| *value *= scale);
    for (past, share) in history.iter().zip(shares.into_iter().rev()) {
        let back = past.inverse * product(&past.change, &direction);
        add(&mut direction, share - back, &past.step);
    }
    direction
}

/// The first of the steps 1, ½, ¼, … that lowers the loss by its share of the slope (Armijo).
fn backtrack<T>(loss: f64, slope: f64, at: impl Fn(f64) -> (Vec<f64>, f64, T)) -> Option<(Vec<f64>, f64, T)> {
    let steps = std::iter::successors(Some(1.0), |step| Some(step / 2.0)).take(40);
    steps.map(|step| (step, at(step))).find(|(step, (_, next, _))| *next < loss + 1e-4 * step * slope).map(|(_, at)| at)
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add(to: &mut [f64], scale: f64, values: &[f64]) {
    to.iter_mut().zip(values).for_each(|(to, value)| *to += scale * value);
}
