//! Latencies in fixed memory: buckets less than one percent wide.

const SUB_BITS: u32 = 7;
const SUB: u64 = 1 << SUB_BITS;

/// A count of values by size.
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// An empty one.
    pub(crate) fn new() -> Histogram {
        Histogram { counts: vec![0; index(u64::MAX) + 1], total: 0, max: 0 }
    }

    /// Counts one value.
    pub(crate) fn record(&mut self, value: u64) {
        self.counts[index(value)] += 1;
        self.total += 1;
        self.max = self.max.max(value);
    }

    /// How many values were counted.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The largest value.
    pub(crate) fn max(&self) -> u64 {
        self.max
    }

    /// The value that a share of `quantile` of all values does not exceed; 0 when there is none.
    pub(crate) fn quantile(&self, quantile: f64) -> u64 {
        let rank = ((self.total as f64 * quantile).ceil() as u64).clamp(1, self.total.max(1));
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return upper_bound(index).min(self.max);
            }
        }
        0
    }
}

/// Small values have a bucket each; from there every power of two is split into `SUB` buckets.
fn index(value: u64) -> usize {
    if value < SUB {
        return value as usize;
    }
    let shift = value.ilog2() - SUB_BITS;
    (u64::from(shift) * SUB + (value >> shift)) as usize
}

fn upper_bound(index: usize) -> u64 {
    let index = index as u64;
    if index < 2 * SUB {
        return index;
    }
    let shift = index / SUB - 1;
    let low = (index - shift * SUB) << shift;
    low + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_close() {
        let mut histogram = Histogram::new();
        (1..=100_000).for_each(|value| histogram.record(value));
        for (quantile, expected) in [(0.5, 50_000.0), (0.99, 99_000.0), (1.0, 100_000.0)] {
            let found = histogram.quantile(quantile) as f64;
            assert!((found / expected - 1.0).abs() < 0.01, "{quantile}: {found}");
        }
        assert_eq!((histogram.total(), histogram.max()), (100_000, 100_000));
    }

    #[test]
    fn buckets_have_no_gap() {
        for value in (0..100_000).chain([u64::MAX, u64::MAX / 3, 1 << 40]) {
            let index = index(value);
            assert!(upper_bound(index) >= value && (index == 0 || upper_bound(index - 1) < value), "{value}");
        }
        assert_eq!(Histogram::new().quantile(0.5), 0);
    }
}
