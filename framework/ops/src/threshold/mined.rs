//! [`Mined`]: a bound that follows from what was measured.

use std::time::Duration;

use super::backtest::Backtest;
use super::past::Past;
use super::round::outward;
use super::side::Side;
use super::week::Week;
use super::why::Why;
use crate::check::{self, CheckSettings, Weekly};
use crate::store::Series;

/// How far from the median a bound may lie, in usual distances. The first counts that is quiet enough.
pub(super) const FACTORS: [f64; 9] = [4.0, 6.0, 9.0, 14.0, 20.0, 30.0, 45.0, 70.0, 100.0];

/// The share of the past in which a bound may have been broken for long enough. It may: the past has incidents, too.
const MOST_RAISED: f64 = 0.01;

/// How long a bound must be broken before it counts.
pub(super) const LASTING: Duration = Duration::from_secs(5 * 60);

/// Bounds whose widest is less than this much wider than the narrowest are one: 168 numbers are more than a person reads.
const FLAT: f64 = 1.5;

const DAY: usize = 24;

/// A bound that follows from what was measured.
#[derive(Clone, Debug)]
pub(crate) struct Mined {
    /// The check that it would be.
    pub(crate) settings: CheckSettings,
    /// How far it lies from the median, in usual distances.
    pub(crate) factor: f64,
    /// The least and the largest median of an hour of the week.
    pub(crate) medians: (f64, f64),
    /// Hours of the week without a bound of their own: the widest of the others holds there.
    pub(crate) gaps: Vec<usize>,
    /// What it would have raised.
    pub(crate) backtest: Backtest,
}

impl Mined {
    /// The closest bound that would have been quiet enough.
    pub(crate) fn of(series: &Series, side: Side, past: &Past) -> Result<Self, Why> {
        let week = Week::of(past);
        let medians = week.medians().filter(|_| week.is_known());
        let medians = medians.ok_or_else(|| Why::Short { weeks: week.weeks() })?;
        let mut share = 0.0;
        for factor in FACTORS {
            let own = rounded(bounds(&week, side, factor), side);
            let settings = settings(series, side, &own).ok_or(Why::Still)?;
            if is_full(series, side, &settings) {
                return Err(Why::Full);
            }
            let backtest = Backtest::of(&settings, past);
            share = backtest.share();
            if share <= MOST_RAISED {
                let gaps = own.iter().enumerate().filter(|(_, own)| own.is_none());
                let gaps = gaps.map(|(hour, _)| hour).collect();
                return Ok(Self { settings, factor, medians, gaps, backtest });
            }
        }
        Err(Why::Restless { share })
    }
}

/// The bound of each hour of the week; `None` where nothing says what would be far off.
pub(super) fn bounds(week: &Week, side: Side, factor: f64) -> Vec<Option<f64>> {
    let bound = |usual: Option<&_>| match side {
        Side::Above => {
            usual.filter(|usual| !super::usual::Usual::is_still(usual)).map(|usual| usual.above(factor))
        }
        Side::Below => usual.map(|usual| usual.below(factor)),
    };
    week.usual().map(bound).collect()
}

fn rounded(bounds: Vec<Option<f64>>, side: Side) -> Vec<Option<f64>> {
    bounds.into_iter().map(|bound| bound.map(|bound| outward(bound, side))).collect()
}

/// The check of these bounds; `None` if none of them could ever be broken.
fn settings(series: &Series, side: Side, own: &[Option<f64>]) -> Option<CheckSettings> {
    let widest = side.widest(own.iter().flatten().copied())?;
    let other = if side == Side::Above { Side::Below } else { Side::Above };
    let narrowest = other.widest(own.iter().flatten().copied())?;
    if side == Side::Below && narrowest <= 0.0 {
        return None;
    }
    let is_flat = widest.max(narrowest) < FLAT * widest.min(narrowest);
    Some(CheckSettings {
        metric: Some(series.metric),
        topology: Some(series.topology.clone()),
        component: series.component.clone(),
        above: (side == Side::Above).then_some(widest),
        below: (side == Side::Below).then_some(widest),
        weekly: (!is_flat).then(|| weekly(own, widest)),
        mined: true,
        lasting: Some(LASTING),
        ..CheckSettings::default()
    })
}

/// By the day; a day without any bound of its own is left out.
fn weekly(own: &[Option<f64>], widest: f64) -> Weekly {
    let mut days = own.chunks(DAY).map(|day| {
        let is_known = day.iter().any(Option::is_some);
        if is_known { day.iter().map(|bound| bound.unwrap_or(widest)).collect() } else { Vec::new() }
    });
    Weekly::of(std::array::from_fn(|_| days.next().unwrap_or_default()))
}

/// Whether no number could break it: a share is never more than 1.
fn is_full(series: &Series, side: Side, settings: &CheckSettings) -> bool {
    let is_share = check::unit(series.metric) == "ratio";
    is_share && side == Side::Above && settings.week().flatten().all(|bound| bound.value() >= 1.0)
}
