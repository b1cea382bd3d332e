//! How much somebody is listened to.

use std::sync::LazyLock;

use super::person::Person;
use crate::Json;

/// The highest score, in tenths.
const MOST: u16 = 1000;

/// Somebody with so many followers has the whole share of reach.
const FOLLOWERS: f64 = 10_000_000.0;

/// A post with so many engagements has the whole share of response.
const ENGAGEMENTS: f64 = 10_000.0;

/// How much somebody is listened to, from 0 to 100 in steps of a tenth.
///
/// It is the sum of three shares:
///
/// | share | of 100 | grows with |
/// |---|---|---|
/// | reach | 55 | the logarithm of the followers, up to 10 million |
/// | response | 35 | the logarithm of the engagements a post, up to 10,000 |
/// | standing | 10 | followers among followers and followed |
///
/// ```
/// use squall_enrichment::Score;
///
/// let nobody = Score::of(0, 0, 0, 0);
/// let somebody = Score::of(1_200, 300, 80, 4_100);
/// let star = Score::of(50_000_000, 10, 100, 9_000_000);
/// assert!(nobody < somebody && somebody < star);
/// assert_eq!((nobody.value(), star.value()), (0.0, 100.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(u16);

impl Score {
    /// The score of somebody with so many followers, who follows so many, and whose posts had so many likes, reposts
    /// and replies.
    #[must_use]
    pub fn of(followers: u64, following: u64, posts: u64, engagements: u64) -> Self {
        let (followers, following) = (followers as f64, following as f64);
        let reach = share(followers, FOLLOWERS);
        let response = share(engagements as f64 / posts.max(1) as f64, ENGAGEMENTS);
        let standing = followers / (followers + following).max(1.0);
        // Who follows nobody and has nine followers has not ten points for it.
        let standing = standing * reach.sqrt();
        Self::from_value(55.0 * reach + 35.0 * response + 10.0 * standing).unwrap_or(Self(0))
    }

    /// A score that somebody else computed; `None` if it is not from 0 to 100.
    #[must_use]
    pub fn from_value(value: f64) -> Option<Self> {
        // As for NaN: it is in no range.
        (0.0..=100.0001).contains(&value).then(|| Self(((value * 10.0).round() as u16).min(MOST)))
    }

    /// The score, from 0 to 100.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) / 10.0
    }

    /// The answer with it. There are a thousand of them, and they are all written already.
    pub(super) fn json(self) -> Json {
        static ALL: LazyLock<Vec<Json>> =
            LazyLock::new(|| (0..=MOST).map(|tenths| Json::raw(written(tenths))).collect());
        ALL.get(usize::from(self.0)).cloned().unwrap_or_else(|| Json::raw(written(self.0)))
    }
}

fn written(tenths: u16) -> String {
    format!("{{\"score\":{}.{}}}", tenths / 10, tenths % 10)
}

/// Which part of the way to `most` this is, in powers of ten.
fn share(number: f64, most: f64) -> f64 {
    ((1.0 + number).log10() / (1.0 + most).log10()).min(1.0)
}

impl From<&Person<'_>> for Score {
    fn from(person: &Person<'_>) -> Self {
        Self::of(person.followers, person.following, person.posts, person.engagements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_of_anything_but_following_is_never_less() {
        let numbers = [0, 1, 9, 100, 5_000, 1_000_000, u64::MAX];
        for a in numbers {
            for b in numbers {
                for (less, more) in numbers.iter().zip(&numbers[1..]) {
                    assert!(Score::of(*less, a, 10, b) <= Score::of(*more, a, 10, b));
                    assert!(Score::of(a, 10, b, *less) <= Score::of(a, 10, b, *more));
                    assert!(Score::of(a, *less, 10, b) >= Score::of(a, *more, 10, b));
                }
            }
        }
    }

    #[test]
    fn every_score_is_written_with_its_tenth() {
        for (value, json) in
            [(0.0, r#"{"score":0.0}"#), (63.44, r#"{"score":63.4}"#), (100.0, r#"{"score":100.0}"#)]
        {
            assert_eq!(Score::from_value(value).unwrap().json().as_str(), json);
        }
        for wrong in [-0.1, 100.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Score::from_value(wrong), None, "{wrong}");
        }
    }
}
