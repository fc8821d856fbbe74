//! Numbers out of many.

/// The value below which so many of a hundred lie (nearest rank).
pub fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// The one in the middle.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50.0)
}

/// Nanoseconds as milliseconds.
pub fn milliseconds(nanoseconds: i64) -> f64 {
    nanoseconds as f64 / 1e6
}
