//! Other tasks take the place of the tasks of a spout.

use std::sync::Arc;

use squall_core::{Life, Order};

use super::change::Change;
use crate::{refused::Refused, wiring::LiveTask};

impl Change {
    /// The old tasks retire: they emit nothing more and end when every root of theirs has its outcome, so
    /// that nothing of the source is in flight when the new ones divide it anew.
    pub(super) async fn replace_spouts(&self) -> Result<(), Refused> {
        // Between the old and the new ones nobody else may keep the inboxes behind them open.
        let kept_open = self.shared.wired.routes(&self.plan, self.component, Life::fresh());
        let end = self.replace_spouts_behind().await;
        drop(kept_open);
        end
    }

    async fn replace_spouts_behind(&self) -> Result<(), Refused> {
        let is_over = |task: &Arc<LiveTask>| task.is_over();
        self.order(&self.tasks(), Order::Retire);
        self.roster.borrow().hurry_back_offs();
        if !self.wait(|| self.tasks().iter().all(is_over)).await {
            let refused = self.too_slow(&self.tasks());
            self.order(&self.tasks(), Order::Run);
            self.replace_those_that_are_over();
            return Err(refused);
        }
        if self.has_ended() {
            return Ok(());
        }
        let reserve = match self.build(&self.next, 0..self.next.tasks, &[], Order::Run).await {
            Ok(reserve) => reserve,
            Err(refused) => {
                self.replace_those_that_are_over();
                return Err(refused);
            }
        };
        self.exchange(&reserve, &[]);
        self.shared.set_plan(self.next_plan());
        self.put_to_work(&reserve);
        Ok(())
    }
}
