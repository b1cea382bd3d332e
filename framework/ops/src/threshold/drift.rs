//! [`Drift`]: how far a bound that holds is from what history says now.

use serde::Serialize;

use crate::check::CheckSettings;

/// The hour of the week in which a bound that holds is furthest from what history says now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Drift {
    /// 0 is Monday, 00:00 to 01:00 in UTC.
    pub(crate) hour_of_week: usize,
    /// The bound that holds.
    pub(crate) in_force: f64,
    /// What history says.
    pub(crate) history: f64,
}

impl Drift {
    /// `None` if they agree, hour by hour.
    pub(crate) fn of(in_force: &CheckSettings, history: &CheckSettings) -> Option<Self> {
        let values =
            |check: &CheckSettings| check.week().map(|bound| bound.map(|bound| bound.value())).collect();
        let (ours, theirs): (Vec<Option<f64>>, Vec<Option<f64>>) = (values(in_force), values(history));
        let hours = ours.into_iter().zip(theirs).enumerate();
        let all = hours.filter_map(|(hour_of_week, (in_force, history))| {
            Some(Self { hour_of_week, in_force: in_force?, history: history? })
        });
        let furthest = all.reduce(|far, next| if next.share() > far.share() { next } else { far });
        furthest.filter(|furthest| furthest.share() > 0.0)
    }

    /// The distance as a share of the larger one, 0 to 1.
    pub(crate) fn share(&self) -> f64 {
        let larger = self.in_force.abs().max(self.history.abs());
        if larger > 0.0 { (self.in_force - self.history).abs() / larger } else { 0.0 }
    }
}
