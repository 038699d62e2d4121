//! What is stored, whatever stores it.

use std::time::Duration;

use super::*;
use crate::detect::{GroupKind, Model};
use crate::model::{Sample, Timestamp};
use crate::prometheus::Answer;
use crate::snapshots;

/// Five hours of two series, a sample a minute.
fn answer() -> Answer {
    let mut answer = Answer::default();
    for series in 0..2 {
        let value = |minute: i64| 100.0 + (minute * 7919 + series * 31) as f64 % 101.0;
        let sample = |minute| Sample { at: Timestamp::from_millis(60_000 * minute), value: value(minute) };
        answer.push(&format!("{{\"series\":\"{series}\"}}"), (1..=300).map(sample));
    }
    answer
}

fn stored(mut subject: impl Subject) -> usize {
    subject.observe(&[answer()]).unwrap();
    subject.encode(Some(Timestamp::from_millis(300 * 60_000))).unwrap().len()
}

fn query(model: Model) -> Tracker {
    let query = Query { model, ..Query::plain("a", "up", Duration::from_secs(60)) };
    Tracker::new(query, SeriesBudget::new(10))
}

fn group(kind: GroupKind) -> Groups {
    let plain = Query::plain("a", "up", Duration::from_secs(60));
    let model = GroupModel {
        name: "b".to_owned(),
        kind,
        members: [MemberQuery { name: plain.name, expr: plain.expr, while_firing: None }].into(),
        group_by: Vec::new(),
        retrain_every: Duration::from_secs(86_400),
        detect: plain.detect,
    };
    Groups::new(model, SeriesBudget::new(10))
}

/// A snapshot of another shape can have the right checksum and be read as nonsense.
#[test]
fn states_of_another_shape_have_another_format() {
    let models = [Model::Auto, Model::Seasonal, Model::Prophet].map(|model| stored(query(model)));
    let kinds = [GroupKind::Pca, GroupKind::IsolationForest].map(|kind| stored(group(kind)));
    let of_this_format = (3, [10_264, 2170, 7582], [658, 161_800]);
    assert_eq!(
        (snapshots::FORMAT, models, kinds),
        of_this_format,
        "a stored state has changed its shape: raise snapshots::FORMAT, then write the new sizes here"
    );
}
