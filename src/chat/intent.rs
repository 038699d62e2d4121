//! What a question asks, as far as it can be answered without a language model. Pure.

use jiff::tz::TimeZone;

use super::names::Name;
use super::when::Span;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Which alerts fire.
    Firing,
    /// Which series are anomalous.
    Anomalies,
    /// Why something was not done, or was.
    Why,
    /// What happened in some time.
    Happened,
    /// How a host or a service is, or everything.
    Status,
    /// What was logged.
    Logs,
    /// What remediation did.
    Done,
    /// What waits for somebody's approval.
    Pending,
    /// Which targets Prometheus scrapes.
    Targets,
    /// Which of them are down.
    Down,
    /// Whether Prometheus answers.
    Prometheus,
    /// Which alerting and recording rules there are.
    Rules,
    /// What can be asked.
    Help,
}

/// A question that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What it is about.
    pub topic: Topic,
    /// Whom; empty: anybody. At most [`MAX_NAMES`].
    pub about: Vec<Name>,
    /// When; `None`: now, or as far back as is usual for the topic.
    pub span: Option<Span>,
    /// How severe a record of a log is at least: `warn` or `error`.
    pub level: Option<&'static str>,
    /// A text that a record of a log holds.
    pub contains: Option<String>,
}

/// Names that one question is answered for.
pub const MAX_NAMES: usize = 3;

impl Asked {
    /// A question about everything, now.
    pub fn new(topic: Topic) -> Self {
        Self { topic, about: Vec::new(), span: None, level: None, contains: None }
    }

    /// In words, as it was understood: `which alerts fire on the host web-1`.
    pub fn words(&self, zone: &TimeZone) -> String {
        let mut words = self.topic.words().to_owned();
        if self.topic == Topic::Logs {
            words = format!(
                "what was logged{}",
                self.level.map_or(String::new(), |level| format!(" as {level} or worse"))
            );
        }
        if self.topic == Topic::Status && self.about.is_empty() {
            "how everything is".clone_into(&mut words);
        }
        if !self.about.is_empty() {
            let names: Vec<String> = self.about.iter().map(Name::to_string).collect();
            words += &format!(" {} {}", self.topic.preposition(), names.join(" and "));
        }
        if let Some(text) = &self.contains {
            words += &format!(", where it holds '{text}'");
        }
        match &self.span {
            Some(span) => format!("{words}, {}", span.words(zone)),
            None => words,
        }
    }
}

impl Topic {
    fn words(self) -> &'static str {
        match self {
            Self::Firing => "which alerts fire",
            Self::Anomalies => "which series are anomalous",
            Self::Why => "what was decided, and why",
            Self::Happened => "what happened",
            Self::Status => "how things are",
            Self::Logs => "what was logged",
            Self::Done => "what remediation did",
            Self::Pending => "what waits for approval",
            Self::Targets => "which targets Prometheus scrapes",
            Self::Down => "which targets are down",
            Self::Prometheus => "whether Prometheus answers",
            Self::Rules => "which rules Prometheus has",
            Self::Help => "what can be asked",
        }
    }

    fn preposition(self) -> &'static str {
        match self {
            Self::Status => "with",
            Self::Logs => "by",
            _ => "about",
        }
    }
}

/// What can be asked without a language model, an example of each.
pub const EXAMPLES: [&str; 12] = [
    "what is firing?",
    "what is anomalous on web-1?",
    "why was nothing done about HighLatency?",
    "what happened last night?",
    "status of web-1",
    "show logs of app: errors in the last hour",
    "what was done since 14:00?",
    "what is pending approval?",
    "is Prometheus up?",
    "which targets are down?",
    "which rules are there?",
    "help",
];
