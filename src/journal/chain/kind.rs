//! What is linked.

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal),+ $(,)?) => {
        /// The kinds of facts. Their order is that of facts of one moment that are linked in later.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(in crate::journal) enum Kind {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Kind] = &[$(Kind::$variant),+];

            /// The name in the chain, and in what is said about it.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$variant => $name),+ }
            }

            /// The kind of this name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Kind::$variant),)+ _ => None }
            }
        }
    };
}

kinds! {
    /// A decision, refusals included.
    Decision = "decision",
    /// A request for approval.
    Asked = "request",
    /// The answer to it.
    Answered = "answer",
    /// That it is void.
    Cancelled = "cancellation",
    /// The intent of a run.
    Run = "run",
    /// The intent of a step.
    Step = "step",
    /// What was seen before a step.
    Before = "before",
    /// That an approval is used up.
    Used = "use",
    /// What an action said.
    Act = "act",
    /// What a proof said.
    Verdict = "verdict",
    /// How a run ended.
    End = "end",
    /// The intent to lift a silence.
    Lift = "lift",
    /// What became of that.
    Lifted = "lifted",
    /// That a run which had helped did not for long.
    Relapse = "relapse",
    /// Where a policy stands from then on.
    Standing = "standing",
    /// A turn of the stop switch.
    Switch = "stop_switch",
    /// What retention has dropped.
    Pruning = "pruning",
    /// Where the chain begins.
    Anchor = "anchor",
}

/// The kinds that a schema does not have yet, of those that came with the version beside them.
pub(in crate::journal) fn kinds_since(first_with: &[(i64, Kind)], version: i64) -> Vec<Kind> {
    first_with.iter().filter(|(first, _)| *first > version).map(|(_, kind)| *kind).collect()
}
