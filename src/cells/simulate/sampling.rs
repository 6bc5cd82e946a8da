//! Random numbers of the distributions the simulator needs, the same on every platform.
//!
//! Only additions, products and `libm` are used: the standard library's `exp` and `ln` differ in the last digit between
//! platforms, and a count would jump where one falls on the other side of a threshold.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(super) struct Sampler(ChaCha8Rng);

impl Sampler {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in (0, 1), never 0, so that its logarithm is finite.
    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// An index, with the probabilities given; they must sum to 1.
    pub(super) fn pick(&mut self, shares: impl Iterator<Item = f64>) -> usize {
        let mut left = self.uniform();
        let mut last = 0;
        for (index, share) in shares.enumerate() {
            last = index;
            left -= share;
            if left < 0.0 {
                break;
            }
        }
        last
    }

    /// Standard normal (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.uniform()));
        radius * libm::cos(2.0 * std::f64::consts::PI * self.uniform())
    }

    /// Gamma with mean 1 and the given shape (Marsaglia and Tsang 2000), for shapes of at least 1.
    fn gamma(&mut self, shape: f64) -> f64 {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v > 0.0 {
                let v = v * v * v;
                if libm::log(self.uniform()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                    return d * v / shape;
                }
            }
        }
    }

    /// Poisson (Knuth), in steps: a sum of Poisson numbers is Poisson, and `exp(−mean)` must not vanish.
    fn poisson(&mut self, mean: f64) -> u32 {
        const STEP: f64 = 50.0;
        let mut count = 0;
        let mut left = mean;
        while left > 0.0 {
            let limit = libm::exp(-left.min(STEP));
            let mut product = self.uniform();
            while product > limit {
                count += 1;
                product *= self.uniform();
            }
            left -= STEP;
        }
        count
    }

    /// Negative binomial with the given mean, and variance mean + dispersion · mean².
    pub(super) fn negative_binomial(&mut self, mean: f64, dispersion: f64) -> u32 {
        let rate = self.gamma(1.0 / dispersion);
        self.poisson(mean * rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of 20,000 draws.
    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let draws: Vec<f64> = (0..20_000).map(|_| draw()).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        (mean, draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / draws.len() as f64)
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut sampler = Sampler::new(5);
        // Tolerances are four standard errors or more.
        let (mean, variance) = moments(|| sampler.normal());
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        let (mean, variance) = moments(|| f64::from(sampler.poisson(120.0)));
        assert!((mean - 120.0).abs() < 0.4 && (variance / 120.0 - 1.0).abs() < 0.06, "{mean} {variance}");
        let (mean, variance) = moments(|| f64::from(sampler.negative_binomial(10.0, 0.25)));
        assert!((mean - 10.0).abs() < 0.2 && (variance / 35.0 - 1.0).abs() < 0.1, "{mean} {variance}");
    }
}
