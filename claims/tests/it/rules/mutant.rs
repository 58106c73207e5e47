//! One change for every rule, and that no rule is without one.

use std::collections::BTreeSet;

use mentalspace_claims::code_list::{CodeLists, ListId, Load};
use mentalspace_claims::validate::{Options, Snip, Validator, rules};

use super::{base, meaning, validate};

type Mutant = (&'static str, &'static str, &'static str);

/// What is changed, into what, and the rule that breaks.
const PROFESSIONAL: &[Mutant] = &[
    ("HL*2*1*22*0", "HL*3*1*22*0", "hl-sequence"),
    ("HL*2*1*22*0", "HL*2**22*0", "hl-parent-missing"),
    ("HL*1**20*1", "HL*1*5*20*1", "hl-parent-unexpected"),
    ("HL*2*1*22*0", "HL*2*9*22*0", "hl-parent-closed"),
    ("HL*2*1*22*0", "HL*2*1*23*0", "hl-parent-level"),
    ("HL*1**20*1", "HL*1**20*0", "hl-children-undeclared"),
    ("HL*2*1*22*0", "HL*2*1*22*1", "hl-children-missing"),
    ("XX*1888888884", "XX*188888888", "npi-shape"),
    ("XX*1888888884", "XX*3888888884", "npi-shape"),
    ("XX*1888888884", "XX*1888888885", "npi-check-digit"),
    ("NM1*85*2*LAKESIDE***", "NM1*85*2*LAKESIDE*ANN**", "organization-with-personal-name"),
    ("N4*AUSTIN*TX*787011234~REF*EI", "N4*AUSTIN**787011234~REF*EI", "state-missing"),
    ("TX*787011234~REF*EI", "TX*7870~REF*EI", "postal-code-shape"),
    ("TX*787011234~REF*EI", "ON*K1A0B~REF*EI", "postal-code-shape"),
    ("TX*787011234~REF*EI", "TX*78701~REF*EI", "zip-plus-four-missing"),
    ("TX*787011234~REF*EI", "ZZ*787011234~REF*EI", "state-unknown"),
    ("TX*787011234~REF*EI", "TX*787011234*QQ~REF*EI", "country-unknown"),
    ("REF*SY*123456789", "REF*SY*12345678", "ssn-shape"),
    ("REF*EI*741234567", "REF*EI*7412345678", "tax-id-shape"),
    ("REF*EI*741234567", "REF*EI*74-1234567", "tax-id-punctuation"),
    ("TE*5125550100", "TE*555-0100", "phone-shape"),
    ("20240101-20240110", "20240110-20240101", "range-order"),
    ("DMG*D8*19850412", "DMG*D8*20240302", "birth-in-future"),
    ("REF*0B*LIC1~", "REF*0B*LIC1~REF*0B*LIC2~", "qualifier-twice"),
    ("CUR*85*USD", "CUR*85*QQQ", "currency-unknown"),
    ("*21:B:1*", "*98:B:1*", "place-of-service-unknown"),
    ("*11**1~", "*97**1~", "place-of-service-unknown"),
    ("PXC*1041C0700X", "PXC*1041C0700", "taxonomy-shape"),
    ("PXC*1041C0700X", "PXC*1041C0700N", "taxonomy-unknown"),
    ("CAS*CO*45*30", "CAS*CO*999*30", "adjustment-reason-unknown"),
    ("MOA***MA01", "MOA***ZZ99", "remark-unknown"),
    ("SV1*HC:90837:95", "SV1*HC:908:95", "procedure-shape"),
    ("SV1*HC:90837:95", "SV1*HC:90837:9", "modifier-shape"),
    ("SV1*HC:90837:95", "SV1*HC:90837:95:95", "modifier-twice"),
    ("N4*00002143380", "N4*0002-1433-80", "ndc-shape"),
    ("CLM*C-1*250", "CLM*C-1*251", "claim-charge"),
    ("CLM*C-1*250", "CLM*C-1*-250", "claim-charge-negative"),
    ("*21:B:1*", "*21:B:7*", "original-reference-missing"),
    ("DTP*439*D8*20240101~", "", "accident-date-missing"),
    ("AA:OA::TX~DTP*439*D8*20240101", "EM~DTP*431*D8*20240101", "employment-date-missing"),
    ("AA:OA::TX", "AA:OA", "accident-state-missing"),
    ("*Y**AA:OA::TX", "*Y", "accident-cause-missing"),
    ("XX*1999999992", "XX*1888888884", "rendering-is-billing"),
    ("REF*6R*L2~", "REF*6R*L2~NM1*82*1*HALE*ROBIN****XX*1999999992~", "line-provider-repeated"),
    ("SBR*S*18*", "SBR*S**", "subscriber-not-declared-patient"),
    ("DMG*D8*19850412*F~", "", "subscriber-demographics-missing"),
    ("N3*7 CEDAR~N4*AUSTIN*TX*787011234~", "", "subscriber-address-missing"),
    ("ABK:F411", "ABK:F41.1", "diagnosis-point"),
    ("ABK:F411", "ABK:Q999X", "diagnosis-unknown"),
    ("ABK:F411", "ABK:F41", "diagnosis-not-billable"),
    ("ABK:F411", "ABK:F438", "diagnosis-not-in-force"),
    ("ABK:F411*ABF:F331", "BK:30002*BF:29632", "diagnosis-revision"),
    ("ABF:F331", "BF:29632", "diagnosis-revisions-mixed"),
    ("ABF:F331", "ABF:F411", "diagnosis-twice"),
    ("HI*BG:A1", "HI*BG:A", "condition-code-shape"),
    ("DTP*439*D8*20240101", "DTP*439*D8*20240302", "date-after-creation"),
    ("DTP*096*D8*20240120", "DTP*096*D8*20240109", "discharge-before-admission"),
    ("DTP*435*D8*20240110~", "", "admission-date-missing"),
    ("DTP*314*RD8*20240101-20240110", "DTP*314*D8*20240101", "disability-range"),
    ("DTP*472*D8*20240116", "DTP*472*D8*20240121", "service-outside-stay"),
    ("LX*2~", "LX*3~", "line-number"),
    ("***1:2~", "***1:3~", "diagnosis-pointer-unknown"),
    ("***1:2~", "***:2~", "diagnosis-pointer-missing"),
    ("***1:2~", "***1:1~", "diagnosis-pointer-twice"),
    ("REF*6R*L2", "REF*6R*L1", "line-control-twice"),
    ("DTP*472*D8*20240116", "DTP*472*D8*20240302", "service-after-creation"),
    ("DMG*D8*19850412", "DMG*D8*20240201", "service-before-birth"),
    ("SBR*P*18", "SBR*S*18", "payer-order-twice"),
    ("SBR*P*18", "SBR*T*18", "prior-payer-missing"),
    ("SVD*OTHER1*120", "SVD*OTHER2*120", "line-payer-unknown"),
    ("SVD*OTHER1*120", "SVD*OTHER1*121", "other-payer-line-balance"),
    ("AMT*D*200", "AMT*D*201", "other-payer-claim-balance"),
    ("CAS*CO*45*10", "CAS*CO*45", "adjustment-without-amount"),
    ("CAS*PR*2*10~DTP*573", "CAS*PR*2*10*1*3*0~DTP*573", "adjustment-zero"),
];

const DEPENDENT: &[Mutant] = &[
    ("SBR*P**", "SBR*P*18*", "subscriber-is-patient"),
    ("11:B:7", "11:B:1", "original-reference-unexpected"),
    ("REF*F8*PCN1~", "", "original-reference-missing"),
    ("CLM*D-2*100***11:B:1", "CLM*D-1*100***11:B:7", "claim-twice"),
    ("HL*3*2*23*0", "HL*3*1*23*0", "hl-parent-level"),
    ("DMG*D8*20120901", "DMG*D8*20240120", "service-before-birth"),
];

const INSTITUTIONAL: &[Mutant] = &[
    ("11:A:1", "111:A:1", "bill-type-shape"),
    ("SV2*0124", "SV2*124", "revenue-code-shape"),
    ("DTP*472*D8*20240111", "DTP*472*D8*20240121", "service-outside-statement"),
    ("BBR:GZ3ZZZZ", "BBR:GZ3ZZZO", "inpatient-procedure-shape"),
    ("DTP*435*DT*202401101200~", "", "admission-date-missing"),
    ("CLM*I-1*300", "CLM*I-1*301", "claim-charge"),
    ("HI*ABJ:F329", "HI*ABJ:F32", "diagnosis-not-billable"),
];

const REMITTANCE: &[Mutant] = &[
    ("CAS*PR*2*20", "CAS*PR*2*21", "remittance-line-balance"),
    ("CAS*CO*45*50", "CAS*CO*45*51", "remittance-claim-balance"),
    ("SVC*HC:90837*150*100", "SVC*HC:90837*160*110", "remittance-claim-charge"),
    ("BPR*I*130", "BPR*I*130.01", "remittance-balance"),
    ("PLB*1888888884*20241231*WO:REF1*10", "PLB*1888888884*20241231*WO:REF1*-10", "remittance-balance"),
    ("*100*20*12*PCN1", "*100*21*12*PCN1", "patient-share"),
    ("*20241231*2*250", "*20241231*3*250", "provider-summary"),
    ("*20241231*2*250", "*20241231*2*251", "provider-summary"),
    ("CLP*C-2*1*", "CLP*C-2*22*", "reversal-sign"),
    ("CLP*C-2*1*100*40", "CLP*C-2*1*-100*40", "reversal-sign"),
    ("CLP*C-2*1*", "CLP*C-2*4*", "denied-but-paid"),
    ("LX*2~", "LX*1~", "header-number-twice"),
    ("MOA***MA01~", "MIA*0~MOA***MA01~", "inpatient-and-outpatient-remarks"),
    ("DTM*472*20240115~", "", "service-date-missing"),
    ("DTM*233*20240117", "DTM*233*20240115", "statement-dates-order"),
    ("CAS*CO*45*50", "CAS*CO*45*50**1*0", "adjustment-zero"),
    ("WO:REF1*10", "WO:REF1*10*L6:REF2", "adjustment-without-amount"),
    ("BPR*I*130", "BPR*I*-130", "payment-negative"),
    ("*DA*456*", "*DA**", "payment-account-missing"),
    ("ACH*CCP*01*111000025", "ACH*CCP*01*111000026", "routing-number-check-digit"),
    ("*C*ACH*CCP", "*C*NON*CCP", "payment-method-none"),
    ("TRN*1*TRACE1*1741234567", "TRN*1*TRACE1*1741234568", "trace-company"),
    ("TRN*1*TRACE1*1741234567", "TRN*1*TRACE1*741234567", "trace-company-shape"),
    ("LQ*HE*N130", "LQ*HE*N9999", "remark-unknown"),
    ("SVC*HC:90837*150*100**1", "SVC*HC:90837*150*100*90*1", "revenue-code-shape"),
    ("CAS*CO*45*30", "CAS*CO*777*30", "adjustment-reason-unknown"),
];

const INQUIRY: &[Mutant] = &[
    ("RIVERS*ALEX****MI*W123456789", "RIVERS*****MI*W123456789", "inquiry-first-name-missing"),
    ("RIVERS*ALEX****MI*W123456789~DMG*D8*19850412", "RIVERS*ALEX", "inquiry-search-data"),
    ("HL*3*2*22*0", "HL*3*1*22*0", "hl-parent-level"),
];

const BENEFITS: &[Mutant] = &[("*****.2~", "*****20~", "benefit-percent")];

const STATUS_REQUEST: &[Mutant] =
    &[("TRN*1*C-2", "TRN*1*C-1", "trace-twice"), ("DTP*472*D8*20240116~", "", "inquiry-service-date-missing")];

const STATUS: &[Mutant] =
    &[("STC*F1:65", "STC*F9:65", "status-category-unknown"), ("STC*F1:65", "STC*F1:9999", "status-unknown")];

const ACKNOWLEDGEMENT: &[Mutant] = &[
    ("QTY*90*1", "QTY*90*2", "acknowledged-count"),
    ("QTY*QC*1", "QTY*QC*0", "acknowledged-count"),
    ("AMT*YY*100~HL*3", "AMT*YY*101~HL*3", "acknowledged-amount"),
    ("*U*100", "*WQ*100", "status-action"),
];

/// Rules that need a list that does not ship; see below.
const WITH_LISTS: [&str; 4] = ["procedure-unknown", "modifier-unknown", "revenue-code-unknown", "code-not-in-force"];

fn sets() -> [(String, &'static [Mutant]); 9] {
    [
        (base::professional(), PROFESSIONAL),
        (base::dependent(), DEPENDENT),
        (base::institutional(), INSTITUTIONAL),
        (base::remittance(), REMITTANCE),
        (base::inquiry(), INQUIRY),
        (base::benefits(), BENEFITS),
        (base::status_request(), STATUS_REQUEST),
        (base::status(), STATUS),
        (base::acknowledgement(), ACKNOWLEDGEMENT),
    ]
}

#[test]
fn each_change_breaks_its_rule() {
    for (clean, mutants) in sets() {
        for (from, to, rule) in mutants {
            assert!(clean.contains(from), "{from} is not in the set");
            let report = validate(&clean.replacen(from, to, 1));
            let found: Vec<_> = meaning(&report).iter().map(|f| f.rule.id).collect();
            assert!(found.contains(rule), "{from} to {to}: {found:?} lacks {rule}");
        }
    }
}

#[test]
fn an_adjustment_that_is_missing_altogether_is_told_apart() {
    let clean = base::professional();
    let bare = clean.replace("CAS*CO*45*10~", "").replace("CAS*CO*45*30~", "").replace("CAS*PR*2*10~", "");
    let report = validate(&bare);
    assert!(meaning(&report).iter().any(|f| f.rule.id == "other-payer-adjustments-missing"));
    let report = validate(&clean.replace("DTP*573*D8*20240201~", ""));
    assert!(meaning(&report).iter().any(|f| f.rule.id == "adjudication-date-missing"));
}

#[test]
fn no_rule_is_without_a_change_that_breaks_it() {
    let elsewhere = ["other-payer-adjustments-missing", "adjudication-date-missing"];
    let tried: BTreeSet<_> = sets().iter().flat_map(|(_, mutants)| mutants.iter().map(|(_, _, rule)| *rule)).collect();
    let left: Vec<_> = rules()
        .filter(|rule| rule.snip >= Snip::Balance)
        .map(|rule| rule.id)
        .filter(|id| !tried.contains(id) && !WITH_LISTS.contains(id) && !elsewhere.contains(id))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_loaded_list_is_asked() {
    let mut options = Options::default();
    for (id, codes) in [
        (ListId::Procedure, "90834\n90837,,2023-12-31"),
        (ListId::Modifier, "93"),
        (ListId::Revenue, "0900"),
        (ListId::Taxonomy, "251S00000X"),
    ] {
        options.lists.load_csv(id, codes.as_bytes(), Load::Replace).unwrap();
    }
    let ids = |file: String| -> BTreeSet<_> {
        let report = Validator::new(options.clone()).validate(file.as_bytes());
        meaning(&report).iter().map(|f| f.rule.id).collect()
    };
    assert_eq!(
        ids(base::professional()),
        BTreeSet::from(["code-not-in-force", "modifier-unknown", "taxonomy-unknown"])
    );
    assert_eq!(ids(base::institutional()), BTreeSet::from(["revenue-code-unknown"]));
    let other = base::professional().replace("90834", "90832");
    assert!(ids(other).contains("procedure-unknown"));
    assert!(CodeLists::standard().get(ListId::Procedure).is_none());
}

#[test]
fn a_place_of_service_is_asked_for_the_day() {
    let early =
        base::professional().replace("BHT*0019*00*BATCH1*2024", "BHT*0019*00*BATCH1*2021").replace("21:B:1", "10:B:1");
    assert!(meaning(&validate(&early)).iter().any(|f| f.rule.id == "code-not-in-force"));
}

#[test]
fn sums_say_what_they_found_and_expected() {
    let report = validate(&base::professional().replace("CLM*C-1*250", "CLM*C-1*251.5"));
    let finding = meaning(&report).into_iter().find(|f| f.rule.id == "claim-charge").unwrap();
    assert_eq!((finding.found.as_ref(), finding.expected.as_ref()), ("251.50", "250.00 of 2 lines"));
    assert_eq!((finding.loop_id, finding.segment.as_str()), ("2300", "CLM"));
}
