//! What of a plan is allowed and may surprise: [`Plan::warnings`].

use squall_core::{Grouping, Kind};

use crate::{ComponentPlan, Plan};

impl ComponentPlan {
    /// A sentence for whoever is about to rebalance this component, if its tasks may hold state by key and
    /// it does not hand that state over.
    ///
    /// Whether a bolt has state nobody can see from outside: one whose tuples are sent to certain tasks, by
    /// `fields`, `partial_key`, `direct` or `custom`, probably does.
    pub fn loses_state(&self) -> Option<String> {
        let is_keyed = |grouping| {
            matches!(grouping, Grouping::Fields | Grouping::PartialKey | Grouping::Direct | Grouping::Custom)
        };
        let keyed = self.inputs.iter().map(|edge| edge.grouping).find(|grouping| is_keyed(*grouping))?;
        if self.kind() == Kind::Spout || self.component().hands_over() {
            return None;
        }
        Some(format!(
            "`{}` is reached by `{}`: if it keeps anything in memory, that begins anew when it is rebalanced; \
             declare it with `stateful_bolt` and implement `Handover` to have it moved",
            self.name,
            keyed.name()
        ))
    }
}

impl Plan {
    /// What is allowed and may surprise, a sentence each: components with more than one task whose state, if
    /// they have any, does not survive a rebalance.
    ///
    /// ```
    /// use squall_core::{Bolt, Emit, Next, Output, Result, Spout, SpoutOutput};
    /// use squall_topology::TopologyBuilder;
    /// # struct Words;
    /// # impl Spout for Words {
    /// #     type Id = ();
    /// #     type Out = Emit<String>;
    /// #     async fn next(&mut self, _: &mut SpoutOutput<Emit<String>, ()>) -> Result<Next> { Ok(Next::End) }
    /// # }
    /// # struct Count;
    /// # impl Bolt for Count {
    /// #     type In = String;
    /// #     type Out = ();
    /// #     async fn execute(&mut self, _: String, _: &mut Output<()>) -> Result { Ok(()) }
    /// # }
    ///
    /// let mut t = TopologyBuilder::new("word-count");
    /// let words = t.spout("words", || Words).output();
    /// t.bolt("count", || Count).tasks(4).fields_by(words, |word: &String| word.len());
    /// t.bolt("print", || Count).tasks(4).shuffle(words);
    /// let warnings = t.build()?.warnings();
    ///
    /// assert_eq!(warnings.len(), 1);
    /// assert!(warnings[0].starts_with("`count` is reached by `fields`"));
    /// # Ok::<(), squall_topology::Invalid>(())
    /// ```
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let several = self.components().iter().filter(|component| component.tasks > 1);
        several.filter_map(ComponentPlan::loses_state).collect()
    }
}
