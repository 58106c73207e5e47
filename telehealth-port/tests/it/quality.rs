use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_telehealth_port::quality::{
    Advice, Band, Codec, DeviceCheck, MAX_SAMPLES, MeanOpinion, Monitor, Readiness, Sample, SampleError, judge,
};
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

use crate::fixture::start;

fn sample(rtt_ms: f64, jitter_ms: f64, loss_percent: f64) -> Sample {
    Sample {
        at: start(),
        rtt_ms,
        jitter_ms,
        loss_percent,
        up_kbps: 900.0,
        down_kbps: 900.0,
        fps: Some(30.0),
        width: Some(1280),
        height: Some(720),
        relayed: false,
    }
}

fn at(number: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(30 * number)
}

fn take(monitor: &mut Monitor, number: i64, sample: Sample) -> (Band, bool, Option<Advice>) {
    let verdict = monitor.take(&Sample { at: at(number), ..sample }, Codec::default(), at(number)).unwrap();
    (verdict.band, verdict.degraded, verdict.advice)
}

/// Values computed by hand from the formula of ITU-T G.107 in its short form.
#[test]
fn the_estimate_is_that_of_the_e_model() {
    let cases = [
        (20.0, 2.0, 0.0, "4.40"),
        (80.0, 10.0, 0.5, "4.33"),
        (150.0, 20.0, 1.0, "4.25"),
        (200.0, 30.0, 3.0, "3.98"),
        (300.0, 40.0, 5.0, "3.34"),
        (400.0, 60.0, 8.0, "2.34"),
        (500.0, 80.0, 12.0, "1.44"),
    ];
    for (rtt, jitter, loss, expected) in cases {
        let opinion = MeanOpinion::of(&sample(rtt, jitter, loss), Codec::default());
        assert_eq!(format!("{:.2}", opinion.value()), expected, "{rtt} ms, {jitter} ms, {loss} %");
    }
}

#[test]
fn a_hard_limit_makes_a_sample_poor_whatever_the_estimate() {
    assert_eq!(judge(&sample(20.0, 2.0, 0.0), Codec::default()).1, Band::Good);
    assert_eq!(judge(&sample(20.0, 60.0, 0.0), Codec::default()).1, Band::Poor);
}

#[test]
fn one_bad_or_two_poor_samples_degrade_and_three_fair_ones_recover() {
    let (good, poor, bad) = (sample(20.0, 2.0, 0.0), sample(300.0, 40.0, 5.0), sample(500.0, 80.0, 12.0));
    let mut monitor = Monitor::default();
    assert_eq!(take(&mut monitor, 0, good), (Band::Good, false, None));
    assert_eq!(take(&mut monitor, 1, poor), (Band::Poor, false, None));
    assert_eq!(take(&mut monitor, 2, poor), (Band::Poor, true, Some(Advice::DropVideo)));
    assert_eq!(take(&mut monitor, 3, good), (Band::Good, true, Some(Advice::DropVideo)));
    take(&mut monitor, 4, good);
    assert_eq!(take(&mut monitor, 5, good), (Band::Good, false, None));
    assert_eq!(take(&mut monitor, 6, bad), (Band::Bad, true, Some(Advice::DropVideo)));
    assert_eq!(take(&mut monitor, 7, bad).2, Some(Advice::AudioOnly));
    take(&mut monitor, 8, bad);
    assert_eq!(take(&mut monitor, 9, bad).2, Some(Advice::Telephone));
    let report = monitor.report().unwrap();
    assert_eq!((report.samples, report.degradations), (10, 2));
    assert_eq!(monitor.band(at(9) + TimeDelta::seconds(75)), Some(Band::Bad));
    assert_eq!(monitor.band(at(9) + TimeDelta::seconds(76)), None, "silence says nothing");
}

#[test]
fn impossible_samples_are_rejected_and_change_nothing() {
    let mut monitor = Monitor::default();
    let good = sample(20.0, 2.0, 0.0);
    let wrong = [
        Sample { loss_percent: 101.0, ..good },
        Sample { loss_percent: -1.0, ..good },
        Sample { rtt_ms: f64::NAN, ..good },
        Sample { jitter_ms: f64::INFINITY, ..good },
        Sample { width: Some(1 << 20), ..good },
        Sample { at: start() + TimeDelta::minutes(3), ..good },
    ];
    for wrong in wrong {
        assert!(monitor.take(&wrong, Codec::default(), start()).is_err(), "{wrong:?}");
    }
    assert_eq!(monitor, Monitor::default());
    take(&mut monitor, 0, good);
    let soon = start() + TimeDelta::seconds(4);
    assert_eq!(monitor.take(&good, Codec::default(), soon), Err(SampleError::TooFast));
    assert_eq!(monitor.take(&good, Codec::default(), start() - TimeDelta::seconds(1)), Err(SampleError::Clock));
}

#[test]
fn a_visit_has_an_end_of_samples() {
    let mut monitor = Monitor::default();
    for number in 0..i64::from(MAX_SAMPLES) {
        take(&mut monitor, number, sample(20.0, 2.0, 0.0));
    }
    let late = at(i64::from(MAX_SAMPLES));
    let more = Sample { at: late, ..sample(20.0, 2.0, 0.0) };
    assert_eq!(monitor.take(&more, Codec::default(), late), Err(SampleError::TooMany));
}

#[test]
fn a_check_before_the_visit_says_what_to_expect() {
    let fine =
        DeviceCheck { camera: true, microphone: true, speaker: true, up_kbps: 2000.0, down_kbps: 2000.0, relay: None };
    let cases = [
        (fine, Readiness::Good),
        (DeviceCheck { up_kbps: 999.0, ..fine }, Readiness::Warn),
        (DeviceCheck { down_kbps: 299.0, ..fine }, Readiness::AudioOnly),
        (DeviceCheck { camera: false, ..fine }, Readiness::AudioOnly),
        (DeviceCheck { microphone: false, ..fine }, Readiness::Poor),
        (DeviceCheck { relay: Some(false), ..fine }, Readiness::Poor),
        (DeviceCheck { up_kbps: f64::NAN, ..fine }, Readiness::Poor),
    ];
    for (check, expected) in cases {
        assert_eq!(check.readiness(), expected, "{check:?}");
    }
}

fn samples() -> impl Strategy<Value = Sample> {
    (0.0..2000.0_f64, 0.0..300.0_f64, 0.0..=100.0_f64).prop_map(|(rtt, jitter, loss)| sample(rtt, jitter, loss))
}

proptest! {
    #[test]
    fn the_estimate_stays_on_its_scale_and_never_rises_with_trouble(
        sample in samples(), more in 0.0..500.0_f64,
    ) {
        let of = |sample: &Sample| MeanOpinion::of(sample, Codec::default());
        let opinion = of(&sample);
        prop_assert!((1.0..=4.5).contains(&opinion.value()));
        let worse = [
            Sample { rtt_ms: sample.rtt_ms + more, ..sample },
            Sample { jitter_ms: sample.jitter_ms + more, ..sample },
            Sample { loss_percent: (sample.loss_percent + more).min(100.0), ..sample },
        ];
        for worse in worse {
            prop_assert!(of(&worse) <= opinion);
        }
    }

    #[test]
    fn the_order_of_samples_does_not_change_their_sum(samples in proptest::collection::vec(samples(), 1..20)) {
        let sum = |samples: &mut dyn Iterator<Item = &Sample>| {
            let mut monitor = Monitor::default();
            for (number, sample) in samples.enumerate() {
                take(&mut monitor, i64::try_from(number).unwrap(), *sample);
            }
            monitor.report().unwrap()
        };
        let (forth, back) = (sum(&mut samples.iter()), sum(&mut samples.iter().rev()));
        prop_assert!((forth.mean.value() - back.mean.value()).abs() < 1e-9);
        prop_assert_eq!((forth.samples, forth.worst.value().to_bits()), (back.samples, back.worst.value().to_bits()));
    }
}
