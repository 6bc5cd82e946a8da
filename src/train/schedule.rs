//! The learning rate over a run.

/// Rises over the first 5 % of the steps, then falls along a cosine to a tenth.
pub fn warm_then_decay(peak: f64, step: usize, steps: usize) -> f64 {
    let warm = (steps / 20).max(1);
    if step < warm {
        return peak * (step + 1) as f64 / warm as f64;
    }
    let share = (step - warm) as f64 / (steps - warm).max(1) as f64;
    peak * (0.55 + 0.45 * (std::f64::consts::PI * share).cos())
}

#[cfg(test)]
mod tests {
    use super::warm_then_decay;

    #[test]
    fn rises_to_the_peak_and_ends_at_a_tenth() {
        assert!(warm_then_decay(1.0, 0, 100) < 0.3);
        assert_eq!(warm_then_decay(1.0, 5, 100), 1.0);
        assert!((warm_then_decay(1.0, 100, 100) - 0.1).abs() < 1e-9);
    }
}
