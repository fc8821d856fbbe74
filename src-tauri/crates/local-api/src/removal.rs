//! Cards that left, and how soon programs could hear of it.

use cardea_session::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// A card that left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Removal {
    /// When.
    pub at: Time,
    /// The reader's name.
    pub reader: String,
    /// From the card source's report until programs could hear of it, in microseconds.
    pub published_after_us: u64,
}

/// How long it took until programs could hear that a card left.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemovalLatency {
    /// Of so many removals.
    pub count: usize,
    /// The median, in microseconds.
    pub p50_us: u64,
    /// 99 of 100 took no longer, in microseconds.
    pub p99_us: u64,
}

impl RemovalLatency {
    /// By the nearest rank; none when there was no removal.
    #[must_use]
    pub fn of(removals: &[Removal]) -> Option<Self> {
        let mut times: Vec<_> = removals.iter().map(|one| one.published_after_us).collect();
        times.sort_unstable();
        let at = |percent: usize| times.get((times.len() * percent).div_ceil(100).max(1) - 1);
        Some(Self {
            count: times.len(),
            p50_us: *at(50)?,
            p99_us: *at(99)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removals(times: impl IntoIterator<Item = u64>) -> Vec<Removal> {
        let removal = |published_after_us| Removal {
            at: Time::from_unix(0).unwrap(),
            reader: "A".to_owned(),
            published_after_us,
        };
        times.into_iter().map(removal).collect()
    }

    #[test]
    fn latencies_are_those_of_the_last_removals() {
        assert_eq!(RemovalLatency::of(&[]), None);
        let one = RemovalLatency::of(&removals([7])).unwrap();
        assert_eq!((one.count, one.p50_us, one.p99_us), (1, 7, 7));
        let many = RemovalLatency::of(&removals((1..=200).rev())).unwrap();
        assert_eq!((many.count, many.p50_us, many.p99_us), (200, 100, 198));
    }
}
