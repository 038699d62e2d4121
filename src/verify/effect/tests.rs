//! Tables: what was seen, and what follows.

use std::collections::BTreeMap;

use super::*;

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The alert's expression, and the peers it holds for.
fn alert(holds: bool, peers: &[&str]) -> Measurement {
    let reading = AlertReading { value: holds.then_some(0.0), peers: names(peers) };
    Measurement { alert: Some(Ok(reading)), ..Measurement::default() }
}

/// An indicator, and the peers' indicators.
fn indicator(value: f64, peers: Option<&[(&str, f64)]>) -> Measurement {
    let peers =
        peers.map(|peers| Ok(peers.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()));
    Measurement { indicator: Some(Ok(value)), peers, ..Measurement::default() }
}

/// What was seen at the deadline.
struct Case {
    baseline: Option<Observation>,
    latest: Observation,
    before: Option<Measurement>,
    after: Measurement,
    touched: BTreeSet<String>,
    begun: bool,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            baseline: Some(Observation::DoesNotHold),
            latest: Observation::Holds,
            before: Some(Measurement::default()),
            after: Measurement::default(),
            touched: BTreeSet::new(),
            begun: true,
        }
    }
}

impl Case {
    fn new(before: Measurement, after: Measurement) -> Self {
        Self { before: Some(before), after, ..Self::default() }
    }

    fn effect(&self, deadline_passed: bool) -> Option<Effect> {
        conclude(&Evidence {
            baseline: self.baseline.as_ref(),
            latest: &self.latest,
            before: self.before.as_ref(),
            after: &self.after,
            better: self.after.indicator.is_some().then_some(Better::Lower),
            touched: &self.touched,
            deadline_passed,
            begun: self.begun,
        })
    }
}

#[test]
fn without_more_the_verification_decides_as_ever() {
    let (yes, no) = (Observation::Holds, Observation::DoesNotHold);
    let failed = Observation::Failed("x".to_owned());
    for baseline in [None, Some(&yes), Some(&no), Some(&failed)] {
        for latest in [&yes, &no, &failed] {
            for passed in [false, true] {
                let case = Case {
                    baseline: baseline.cloned(),
                    latest: latest.clone(),
                    before: None,
                    ..Case::default()
                };
                let verdict = case.effect(passed).map(|effect| effect.verdict);
                assert_eq!(verdict, judge(baseline, latest, passed), "{baseline:?} {latest:?} {passed}");
            }
        }
    }
}

#[test]
fn the_alerts_own_expression_has_a_say() {
    let held = |peers: &[&str]| alert(true, peers);
    let over = |peers: &[&str]| alert(false, peers);
    let vain = Some(Observation::Holds);
    let failed = Measurement { alert: Some(Err("timeout".to_owned())), ..Measurement::default() };
    for (case, expected, recovered, words) in [
        (Case::new(held(&[]), over(&[])), Verdict::Helped, true, "the verification holds and did not before"),
        (
            Case::new(held(&["b", "c", "d"]), over(&["b", "c", "d"])),
            Verdict::Helped,
            true,
            "only for 0 of 3 peers",
        ),
        (
            Case::new(held(&["b", "c", "d"]), over(&["d"])),
            Verdict::NoEffect,
            true,
            "peers recovered too: the alert's expression is over, and so it is for 2 of 3 peers",
        ),
        (Case::new(held(&["b", "c"]), over(&["c"])), Verdict::Helped, true, "only for 1 of 2 peers"),
        (
            Case { touched: names(&["b"]), ..Case::new(held(&["b"]), over(&[])) },
            Verdict::Helped,
            true,
            "the verification holds",
        ),
        (Case::new(held(&[]), held(&[])), Verdict::Unknown, false, "holds still, at 0"),
        (Case::new(held(&[]), failed.clone()), Verdict::Unknown, true, "could not be evaluated: timeout"),
        (
            Case { baseline: vain.clone(), ..Case::new(held(&[]), over(&[])) },
            Verdict::Helped,
            true,
            "the alert's expression is over; the verification holds, as it did before",
        ),
        (
            Case { baseline: vain.clone(), ..Case::new(held(&[]), held(&[])) },
            Verdict::NoEffect,
            false,
            "holds still",
        ),
        (
            Case { baseline: vain, ..Case::new(over(&[]), over(&[])) },
            Verdict::Unknown,
            true,
            "and was before",
        ),
        (Case { before: None, ..Case::new(held(&[]), over(&[])) }, Verdict::Helped, true, "is not known"),
        (
            Case { latest: Observation::DoesNotHold, ..Case::new(held(&[]), failed) },
            Verdict::NoEffect,
            false,
            "the verification does not hold",
        ),
    ] {
        let effect = case.effect(true).unwrap();
        assert_eq!((effect.verdict, effect.recovered), (expected, recovered), "{}", effect.why);
        assert!(effect.why.contains(words), "{words}: {}", effect.why);
    }
}

#[test]
fn an_indicator_counts_beyond_what_its_peers_did() {
    let calm: &[(&str, f64)] = &[("b", 5.0), ("c", 6.0), ("d", 4.0), ("e", 5.0)];
    let ill: &[(&str, f64)] = &[("b", 95.0), ("c", 110.0), ("d", 100.0), ("e", 105.0)];
    let missing = Measurement { indicator: Some(Err("no answer".to_owned())), ..Measurement::default() };
    let unknown_peers = Measurement { peers: Some(Err("no group".to_owned())), ..indicator(5.0, None) };
    for (case, expected, words) in [
        (
            Case::new(indicator(100.0, Some(calm)), indicator(5.0, Some(calm))),
            Verdict::Helped,
            "the indicator went from 100 to 5, better by 95; the median of 4 peers better by 0, give or take 0",
        ),
        (
            Case::new(indicator(100.0, Some(ill)), indicator(5.0, Some(calm))),
            Verdict::NoEffect,
            "peers recovered too: the indicator went from 100 to 5",
        ),
        (
            Case::new(indicator(5.0, Some(calm)), indicator(100.0, Some(calm))),
            Verdict::Worse,
            "the indicator went from 5 to 100, worse by 95",
        ),
        (
            Case::new(indicator(100.0, Some(calm)), indicator(98.0, Some(calm))),
            Verdict::NoEffect,
            "no change beyond that of the peers",
        ),
        (
            Case::new(indicator(100.0, Some(&calm[..2])), indicator(5.0, Some(&calm[..2]))),
            Verdict::Helped,
            "2 peers better by 0, without an interval, which takes 3 peers",
        ),
        (
            Case::new(indicator(9.0, None), indicator(3.0, None)),
            Verdict::Helped,
            "without a peer to compare with",
        ),
        (Case::new(indicator(9.0, None), indicator(9.0, None)), Verdict::NoEffect, "no change to speak of"),
        (
            Case {
                touched: names(&["c", "d", "e"]),
                ..Case::new(indicator(100.0, Some(calm)), indicator(5.0, Some(calm)))
            },
            Verdict::Helped,
            "the median of 1 peer better by 0",
        ),
        (
            Case::new(indicator(9.0, Some(&[("b", 1.0)])), indicator(3.0, Some(&[("c", 1.0)]))),
            Verdict::Helped,
            "without a peer",
        ),
        (
            Case::new(indicator(9.0, None), missing.clone()),
            Verdict::Unknown,
            "after the action is not known: no answer",
        ),
        (
            Case::new(missing, indicator(9.0, None)),
            Verdict::Unknown,
            "before the action is not known: no answer",
        ),
        (Case::new(indicator(9.0, None), unknown_peers), Verdict::Unknown, "of the peers is not known"),
        (
            Case { before: None, ..Case::new(indicator(9.0, None), indicator(3.0, None)) },
            Verdict::Unknown,
            "before the action is not known: it was not measured",
        ),
        (
            Case {
                baseline: Some(Observation::Holds),
                ..Case::new(indicator(100.0, Some(calm)), indicator(5.0, Some(calm)))
            },
            Verdict::Helped,
            "the indicator went from 100",
        ),
        (
            Case {
                latest: Observation::DoesNotHold,
                ..Case::new(indicator(100.0, Some(calm)), indicator(5.0, Some(calm)))
            },
            Verdict::NoEffect,
            "the verification does not hold; the indicator went from 100",
        ),
    ] {
        let effect = case.effect(true).unwrap();
        assert_eq!(effect.verdict, expected, "{}", effect.why);
        assert!(effect.why.contains(words), "{words}: {}", effect.why);
        assert_eq!(case.effect(false), None, "an indicator is given its time: {words}");
    }
}

#[test]
fn only_what_has_helped_needs_no_more_time() {
    let waits = |case: Case| case.effect(false).is_none();
    assert!(!waits(Case::new(alert(true, &[]), alert(false, &[]))));
    assert!(waits(Case::new(alert(true, &[]), alert(true, &[]))), "the alert goes on");
    assert!(waits(Case::new(alert(true, &["b"]), alert(false, &[]))), "a peer may fall ill again");
    let vain = Case { baseline: Some(Observation::Holds), ..Case::new(alert(true, &[]), alert(true, &[])) };
    assert!(waits(vain), "the alert may end");

    let (yes, no) = (Observation::Holds, Observation::DoesNotHold);
    for (latest, better, passed, expected) in [
        (&yes, None, false, true),
        (&no, None, false, false),
        (&yes, Some(Better::Lower), false, false),
        (&no, None, true, true),
        (&yes, Some(Better::Lower), true, true),
    ] {
        assert_eq!(is_due(Some(&no), latest, better, passed), expected, "{latest:?} {better:?} {passed}");
    }
}

#[test]
fn what_is_measured_is_kept_with_the_verdict() {
    let peers: BTreeMap<String, f64> = [("b".to_owned(), 5.0)].into();
    let with_alert = |value: f64, holds: bool| Measurement {
        indicator: Some(Ok(value)),
        peers: Some(Ok(peers.clone())),
        ..alert(holds, &["b"])
    };
    let effect = Case::new(with_alert(100.0, true), with_alert(5.0, false)).effect(true).unwrap();
    let alert = effect.alert.clone().unwrap();
    assert_eq!(
        (alert.held, alert.holds, alert.peers_before, alert.peers_over),
        (Some(true), Some(false), 1, 0)
    );
    let told = effect.indicator.clone().unwrap();
    assert_eq!((told.before, told.after), (Some(100.0), Some(5.0)));
    assert_eq!(told.peers.as_ref().map(|peers| (peers.count, peers.change)), Some((1, 0.0)));
    let json = serde_json::to_string(&effect).unwrap();
    assert_eq!(serde_json::from_str::<Effect>(&json).unwrap(), effect);
    let least: Effect = serde_json::from_str(r#"{"verdict":"helped"}"#).unwrap();
    assert_eq!(least, Effect::from(Verdict::Helped));
}

/// The process that was to carry it out has died: what got better may have done so by itself.
#[test]
fn what_nobody_may_have_begun_has_helped_nobody() {
    let helped = || Case::new(alert(true, &["b"]), alert(false, &["b"]));
    let worse =
        || Case { baseline: Some(Observation::Holds), latest: Observation::DoesNotHold, ..Case::default() };
    for (case, known, not_known) in [
        (helped(), Verdict::Helped, Verdict::Unknown),
        (Case::default(), Verdict::Helped, Verdict::Unknown),
        (worse(), Verdict::Worse, Verdict::Worse),
        (Case { latest: Observation::DoesNotHold, ..Case::default() }, Verdict::NoEffect, Verdict::NoEffect),
    ] {
        assert_eq!(case.effect(true).unwrap().verdict, known);
        let effect = Case { begun: false, ..case }.effect(true).unwrap();
        assert_eq!(effect.verdict, not_known, "{effect:?}");
        assert_eq!(effect.why.starts_with("whether the action was ever begun"), known == Verdict::Helped);
    }
    assert!(Case { begun: false, ..helped() }.effect(false).is_some(), "more time tells nothing more");
}
