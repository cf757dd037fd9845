//! Delays, counted by their length: 1 % steps from a microsecond up to a minute, so that millions of them take no room.

/// Counts of delays.
#[derive(Debug, Clone)]
pub struct Delays {
    counts: Vec<u64>,
    total: u64,
}

/// Each step is longer than the one before by this factor.
const STEP: f64 = 1.01;
/// ln(60 s in µs) / ln(1.01), rounded up.
const STEPS: usize = 1_801;

impl Delays {
    pub fn new() -> Self {
        Self { counts: vec![0; STEPS], total: 0 }
    }

    pub fn add(&mut self, us: f64) {
        let step = (us.max(1.0).ln() / STEP.ln()) as usize;
        if let Some(count) = self.counts.get_mut(step.min(STEPS - 1)) {
            *count += 1;
            self.total += 1;
        }
    }

    /// The delay in microseconds that a share `q` of all do not exceed.
    pub fn quantile(&self, q: f64) -> f64 {
        let wanted = (q * self.total as f64).ceil() as u64;
        let mut seen = 0;
        let step = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted.max(1)
        });
        step.map_or(0.0, |step| STEP.powi(step as i32 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_percent() {
        let mut delays = Delays::new();
        (1..=10_000).for_each(|us| delays.add(f64::from(us)));
        for (q, us) in [(0.5, 5_000.0), (0.99, 9_900.0)] {
            assert!((delays.quantile(q) / us - 1.0).abs() < 0.02, "{q}: {}", delays.quantile(q));
        }
    }

    #[test]
    fn none_is_zero_and_ages_are_the_longest() {
        let mut delays = Delays::new();
        assert_eq!(delays.quantile(0.5), 0.0);
        delays.add(1e12);
        assert!(delays.quantile(1.0) > 5e7);
    }
}
