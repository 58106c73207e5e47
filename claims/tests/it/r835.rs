use mentalspace_claims::transaction::r835::view::FileView;
use mentalspace_claims::transaction::r835::{
    BalanceRule, ClaimPaymentStatus, Event, Events, Level, PaymentMethod, Remittance, Remittances, balance, read_all,
};
use proptest::prelude::*;

use crate::era::{Claim, Line, file};

fn sample() -> String {
    let lines = vec![
        Line::new("90837:95", 15_000, &[("CO", "45", 4_000), ("PR", "3", 2_500)]).control("L1"),
        Line::new("90785", 1_500, &[("CO", "197", 1_500)]).control("L2"),
    ];
    file("TRACE1", &[Claim::new("C1", "1", lines)], &[("WO", 500), ("L6", -25)])
}

#[test]
fn a_remittance_is_shown_as_json_with_decimal_strings() {
    let remittances = read_all(sample().as_bytes()).unwrap();
    insta::assert_json_snapshot!(FileView::new(Some("a.835".to_owned()), &remittances));
}

#[test]
fn a_remittance_is_shown_as_text() {
    let text = sample().replace("CAS*CO*45*40.00", "CAS*CO*45*40.01");
    insta::assert_snapshot!(FileView::new(None, &read_all(text.as_bytes()).unwrap()).to_text());
}

/// R5.
#[test]
fn remarks_period_and_method_are_kept() {
    let text = sample()
        .replace("SVC*HC:90837", "MOA***MA01*N130~DTM*232*20240115~DTM*233*20240116~SVC*HC:90837")
        .replace("REF*6R*L1~", "REF*6R*L1~LQ*HE*N362~");
    let remittance = read_all(text.as_bytes()).unwrap().remove(0);
    let claim = &remittance.claims[0];
    assert_eq!(remittance.method, PaymentMethod::Ach);
    assert_eq!(claim.remarks().map(|code| code.as_str()).collect::<Vec<_>>(), ["MA01", "N130"]);
    assert_eq!(claim.dates.iter().map(|date| date.qualifier.as_str()).collect::<Vec<_>>(), ["232", "233"]);
    assert_eq!(claim.lines[0].remarks[0].code, "N362");
}

/// R6.
#[test]
fn all_six_triplets_of_a_cas_are_read_and_empty_quantities_accepted() {
    let text = sample().replace("CAS*CO*45*40.00~", "CAS*CO*45*10**131*10*2*144*5**253*5**B*5**A*5~");
    let remittance = read_all(text.as_bytes()).unwrap().remove(0);
    let read: Vec<_> =
        remittance.claims[0].lines[0].adjustments.iter().map(|a| (a.reason.as_str(), a.amount.to_string())).collect();
    let expected = [
        ("45", "10.00"),
        ("131", "10.00"),
        ("144", "5.00"),
        ("253", "5.00"),
        ("B", "5.00"),
        ("A", "5.00"),
        ("3", "25.00"),
    ];
    assert_eq!(read, expected.map(|(r, a)| (r, a.to_owned())));
    assert!(balance(&remittance).is_empty());
}

/// R3, R4.
#[test]
fn a_cent_at_any_level_is_found_at_that_level() {
    let good = sample();
    assert!(balance(&read_all(good.as_bytes()).unwrap()[0]).is_empty());
    let found = |from: &str, to: &str| -> Vec<(Level, BalanceRule, String)> {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good);
        let remittance = read_all(text.as_bytes()).unwrap().remove(0);
        balance(&remittance).into_iter().map(|i| (i.level, i.rule, i.difference().to_string())).collect()
    };
    let cent = "0.01".to_owned();
    assert_eq!(
        found("SVC*HC:90837:95*150.00*85.00", "SVC*HC:90837:95*150.00*85.01"),
        [(Level::Line, BalanceRule::LinePaid, cent.clone())]
    );
    assert_eq!(
        found("CLP*C1*1*165.00*85.00", "CLP*C1*1*165.01*85.01"),
        [
            (Level::Claim, BalanceRule::ClaimCharge, cent.clone()),
            (Level::Transaction, BalanceRule::Payment, "-0.01".to_owned())
        ]
    );
    assert_eq!(
        found("CLP*C1*1*165.00*85.00", "CLP*C1*1*165.00*85.01")[0],
        (Level::Claim, BalanceRule::ClaimPaid, cent.clone())
    );
    assert_eq!(found("BPR*I*80.25", "BPR*I*80.26"), [(Level::Transaction, BalanceRule::Payment, cent)]);
}

#[test]
fn hostile_amounts_cannot_make_wrong_sums_look_right() {
    let text = sample().replace("CAS*CO*45*40.00", "CAS*CO*45*9999999999999.99*1*45*9999999999999.99*1*45*-1");
    assert!(!balance(&read_all(text.as_bytes()).unwrap()[0]).is_empty());
}

#[test]
fn an_amount_that_is_none_is_reported_with_its_place_and_without_its_content() {
    let text = sample().replace("CAS*CO*45*40.00", "CAS*CO*45*secret");
    let remittance = read_all(text.as_bytes()).unwrap().remove(0);
    assert_eq!(remittance.problems.len(), 1);
    assert_eq!((remittance.problems[0].segment.as_str(), remittance.problems[0].element), ("CAS", 3));
    assert!(!format!("{:?}", remittance.problems).contains("secret"));
}

#[test]
fn debug_shows_no_patient() {
    let shown = format!("{:?}", read_all(sample().as_bytes()).unwrap());
    for secret in ["RIVERS", "ALEX", "W123456789", "PCNC1"] {
        assert!(!shown.contains(secret), "{secret} shows");
    }
}

/// R2.
#[test]
fn several_interchanges_groups_and_sets_come_one_at_a_time() {
    let all = format!("{}{}", sample(), sample().replace("TRACE1", "TRACE2"));
    let traces: Vec<_> = Remittances::new(all.as_bytes()).map(|r| r.unwrap().trace.unwrap().number).collect();
    assert_eq!(traces, ["TRACE1", "TRACE2"]);
}

#[test]
fn a_bad_interchange_does_not_lose_the_one_before() {
    let text = format!("{}{}BIN*x*a~", sample(), &sample()[..106]);
    let error = read_all(text.as_bytes()).unwrap_err();
    assert_eq!(error.before.len(), 1);
}

#[test]
fn other_sets_are_passed_over() {
    let text = sample().replace("ST*835", "ST*837");
    assert!(read_all(text.as_bytes()).unwrap().is_empty());
}

/// 4010, with its old identifiers and without a repetition separator.
#[test]
fn an_old_version_is_read_as_well() {
    let text = sample().replace("*^*00501*", "*U*00401*").replace("005010X221A1", "004010X091A1");
    let remittance = read_all(text.as_bytes()).unwrap().remove(0);
    assert_eq!(remittance.guide, "004010X091A1");
    assert!(balance(&remittance).is_empty());
}

#[test]
fn an_unknown_status_and_method_are_kept() {
    let text = sample().replace("CLP*C1*1*", "CLP*C1*77*").replace("*C*ACH*", "*C*QQQ*");
    let remittance = read_all(text.as_bytes()).unwrap().remove(0);
    assert_eq!(remittance.claims[0].status, ClaimPaymentStatus::Other("77".to_owned()));
    assert_eq!(remittance.method.code(), "QQQ");
}

proptest! {
    #[test]
    fn changed_remittances_never_panic(
        at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = sample().into_bytes();
        for (index, byte) in at {
            let i = index.index(bytes.len());
            bytes[i] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        for remittance in Remittances::new(&bytes[..]).flatten() {
            let _ = (balance(&remittance), FileView::new(None, &[remittance]).to_text());
        }
    }
}

fn comparable(remittance: &Remittance) -> serde_json::Value {
    let mut json = serde_json::to_value(remittance).unwrap();
    for of_the_file in ["interchange_control", "group_control", "set_control", "guide", "sha256", "problems"] {
        json.as_object_mut().unwrap().remove(of_the_file);
    }
    crate::rewrite::sort_kept(&mut json);
    json
}

#[test]
fn a_remittance_is_written_as_it_was_read() {
    let text = sample()
        .replace("LX*1~", "LX*1~TS3*1888888884*11*20241231*1*165~")
        .replace("SVC*HC:90837", "MOA***MA01*N130~REF*F8*X1~DTM*232*20240115~PER*CX*HELP*TE*5125550100~SVC*HC:90837");
    let remittance = read_all(text.as_bytes()).unwrap().remove(0);
    assert_eq!(remittance.claims[0].groups[0].provider.as_ref().unwrap().provider, "1888888884");
    let delimiters = mentalspace_claims::x12::Delimiters::default();
    let written = crate::rewrite::file(delimiters, "HP", "005010X221A1", |out| remittance.write(out)).unwrap();
    let again = read_all(&written).unwrap().remove(0);
    assert_eq!(comparable(&again), comparable(&remittance));
    assert!(balance(&again).is_empty());
    insta::assert_snapshot!(String::from_utf8(written).unwrap().replace('~', "~\n"));
    insta::assert_json_snapshot!("a_remittance_as_json", remittance);
}

#[test]
fn a_payment_comes_claim_by_claim() {
    let lines = || vec![Line::new("90837", 15_000, &[("CO", "45", 4_000)])];
    let text = file("T", &[Claim::new("C1", "1", lines()), Claim::new("C2", "1", lines())], &[("WO", 500)]);
    let told: Vec<_> = Events::new(text.as_bytes())
        .map(|event| match event.unwrap() {
            Event::Begin(payment) => format!("begin {} {}", payment.amount, payment.claims.len()),
            Event::Claim(claim) => claim.control_number.to_string(),
            Event::End(ending) => format!("end {}", ending.provider_adjustments.len()),
            _ => unreachable!(),
        })
        .collect();
    assert_eq!(told, ["begin 215.00 0", "C1", "C2", "end 1"]);
}

const IDS: &[&str] = &[
    "BPR",
    "TRN*1",
    "CUR",
    "REF*6R",
    "REF*2U",
    "DTM*405*20240101",
    "DTM*472",
    "N1*PR",
    "N1*PE",
    "N1*XX",
    "N3",
    "N4",
    "PER",
    "RDM",
    "LX*1",
    "TS3",
    "TS2",
    "CLP*C1*1",
    "CLP*C2*4*10*5",
    "CAS*CO*45*5",
    "CAS*PR",
    "NM1*QC",
    "MIA",
    "MOA",
    "AMT*AU",
    "QTY*CA",
    "SVC*HC:90837*10*5",
    "LQ*HE",
    "PLB*1*20241231*WO:1*5",
    "PLB*1",
    "ZZZ",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn segments_in_any_order_are_read_written_and_read_alike(
        segments in prop::collection::vec(crate::soup::segment(IDS), 0..40),
    ) {
        let bytes = crate::soup::file("835", "", &segments);
        let remittance = read_all(&bytes).unwrap().remove(0);
        let separators = crate::rewrite::SEPARATORS;
        let out = crate::rewrite::file(separators, "HP", "005010X221A1", |out| remittance.write(out));
        // A segment that holds nothing cannot be written; everything else can.
        prop_assume!(out.is_ok());
        let again = read_all(&out.unwrap()).unwrap().remove(0);
        prop_assert_eq!(comparable(&again), comparable(&remittance));
        let json = serde_json::to_value(&remittance).unwrap();
        prop_assert_eq!(serde_json::to_value(serde_json::from_value::<Remittance>(json.clone()).unwrap()).unwrap(), json);
    }
}
