use chrono::{DateTime, Utc};
use mentalspace_claims::claim::Claim as OurClaim;
use mentalspace_claims::lifecycle::ClaimEvent;
use mentalspace_claims::remittance::{
    Booking, Candidate, EarlierPosting, LineRule, Posted, Refused, Untouched, WorkItemKind, match_claims, post,
};
use mentalspace_claims::transaction::r835::{Remittance, read_all};
use mentalspace_core::ledger::{Account, Entry};
use mentalspace_core::{ClaimId, EntryId, Money, RemittanceId};
use proptest::prelude::*;
use uuid::Uuid;

use crate::era::{Cas, Claim, Line, file};
use crate::people::{claim, day, draft, line, numbered};

fn read(text: &str) -> Remittance {
    read_all(text.as_bytes()).unwrap().remove(0)
}

fn candidate(claim: &OurClaim, id: u128) -> Candidate<'_> {
    let id = ClaimId::from_uuid(Uuid::from_u128(id));
    Candidate { id, claim, client: None, payer: None, next_payer: false, earlier: Vec::new() }
}

fn run(remittance: &Remittance, candidates: &[Candidate<'_>]) -> Result<Posted, Refused> {
    let mut next = 0_u128;
    let booking = Booking {
        remittance: RemittanceId::from_uuid(Uuid::from_u128(99)),
        payer: None,
        received_on: day("2024-02-01"),
        recorded_at: "2024-02-01T10:00:00Z".parse::<DateTime<Utc>>().unwrap(),
    };
    post(remittance, &match_claims(remittance, candidates), candidates, &booking, &mut || {
        next += 1;
        EntryId::from_uuid(Uuid::from_u128(next))
    })
}

/// Posts one claim of one line with these adjustments.
fn posted(status: &'static str, cas: &[Cas]) -> Posted {
    let ours = claim("C1");
    let remittance = read(&file("T1", &[Claim::new("C1", status, vec![Line::new("90837", 15_000, cas)])], &[]));
    let posted = run(&remittance, &[candidate(&ours, 1)]).unwrap();
    assert_eq!(posted.undistributed(&remittance), Money::ZERO);
    posted
}

fn sum(entries: &[Entry], account: Account) -> String {
    let postings = entries.iter().flat_map(Entry::postings).filter(|p| p.account == account);
    postings.map(|p| p.amount).sum::<Money>().to_string()
}

#[test]
fn a_payment_moves_the_receivable_to_cash_write_off_and_patient() {
    let posted = posted("1", &[("CO", "45", 4_000), ("PR", "3", 2_500)]);
    let of = |account| sum(&posted.entries, account);
    assert_eq!(of(Account::Cash), "85.00");
    assert_eq!(of(Account::ContractualAdjustment), "40.00");
    assert_eq!(of(Account::PatientReceivable), "25.00");
    assert_eq!(of(Account::InsuranceReceivable), "-150.00");
    assert!(posted.untouched.is_empty() && posted.work_items.is_empty());
    assert_eq!(posted.updates[0].event, ClaimEvent::Pay);
}

/// R4.
#[test]
fn an_unbalanced_file_posts_nothing_and_says_where() {
    let ours = claim("C1");
    let text = file("T1", &[Claim::new("C1", "1", vec![Line::new("90837", 15_000, &[("CO", "45", 4_000)])])], &[]);
    let remittance = read(&text.replace("CAS*CO*45*40.00", "CAS*CO*45*39.99"));
    match run(&remittance, &[candidate(&ours, 1)]) {
        Err(Refused::Unbalanced { imbalances }) => {
            assert_eq!(imbalances[0].difference(), Money::from_cents(-1));
            assert_eq!(imbalances[0].claim_control_number.as_deref(), Some("C1"));
        }
        other => panic!("{other:?}"),
    }
    let cut = &text[..text.find("SE*").unwrap()];
    assert!(matches!(run(&read(cut), &[]), Err(Refused::Incomplete)));
    let unreadable = text.replace("CAS*CO*45*40.00", "CAS*CO*45*4O.00");
    assert!(matches!(run(&read(&unreadable), &[]), Err(Refused::Unreadable { .. })));
}

/// R8.
#[test]
fn a_denial_is_never_posted_as_a_write_off() {
    for (status, cas) in [
        ("4", vec![("CO", "197", 15_000)]),
        ("1", vec![("CO", "50", 15_000)]),
        ("4", vec![("CO", "45", 5_000), ("CO", "29", 10_000)]),
    ] {
        let posted = posted(status, &cas);
        assert!(posted.entries.is_empty(), "{cas:?}");
        assert_eq!(posted.updates[0].event, ClaimEvent::Deny);
        assert!(posted.updates[0].denial.contains(&format!("CO-{}", cas.last().unwrap().1)));
        assert!(posted.work_items.iter().any(|w| w.kind == WorkItemKind::Denial && w.amount.cents() == 15_000));
    }
}

/// R9.
#[test]
fn every_line_left_untouched_carries_a_reason() {
    let mut draft = draft("C1");
    draft.lines.push(numbered(line("90785", "15"), "L2"));
    draft.lines.push(numbered(line("90834", "100"), "L3"));
    let ours = OurClaim::try_from(draft).unwrap();
    let lines = vec![
        Line::new("90837", 15_000, &[("CO", "45", 4_000)]).control("L1"),
        Line::new("90785", 1_500, &[("CO", "97", 1_500)]).control("L2"),
    ];
    let remittance = read(&file("T1", &[Claim::new("C1", "1", lines)], &[]));
    let posted = run(&remittance, &[candidate(&ours, 1)]).unwrap();
    let untouched: Vec<_> = posted.untouched.iter().map(|u| (u.line, u.why.clone())).collect();
    let not_paid = Untouched::NotPaid { reasons: vec!["CO-97".to_owned()] };
    assert_eq!(untouched, [(2, not_paid), (3, Untouched::NotReported)]);
    assert_eq!(posted.work_items[0].kind, WorkItemKind::UnpaidPart);
}

/// R10, R12.
#[test]
fn a_zero_pay_deductible_posts_with_its_reason() {
    let posted = posted("1", &[("CO", "45", 5_000), ("PR", "1", 10_000)]);
    assert_eq!(sum(&posted.entries, Account::PatientReceivable), "100.00");
    let reasons: Vec<_> = posted.entries[0]
        .postings()
        .iter()
        .filter(|p| p.account == Account::PatientReceivable)
        .map(|p| (p.reason.as_deref(), p.line))
        .collect();
    assert_eq!(reasons, [(Some("PR-1"), Some(1))]);
    assert_eq!(posted.updates[0].event, ClaimEvent::Pay);
}

/// R11.
#[test]
fn provider_adjustments_are_entries_of_their_own() {
    let ours = claim("C1");
    let claims = [Claim::new("C1", "1", vec![Line::new("90837", 15_000, &[])])];
    let remittance = read(&file("T1", &claims, &[("WO", 2_000), ("L6", -150)]));
    let posted = run(&remittance, &[candidate(&ours, 1)]).unwrap();
    assert_eq!(posted.entries.len(), 3);
    assert_eq!(sum(&posted.entries, Account::ProviderAdjustment), "18.50");
    assert_eq!(sum(&posted.entries, Account::Cash), "131.50");
    assert_eq!(posted.undistributed(&remittance), Money::ZERO);
}

fn reversal_and_repayment() -> Remittance {
    let negated = Line::new("90837", -15_000, &[("CO", "45", -4_000), ("PR", "3", -2_500)]);
    let again = Line::new("90837", 15_000, &[("CO", "45", 3_000), ("PR", "3", 2_500)]);
    read(&file("T2", &[Claim::new("C1", "22", vec![negated]), Claim::new("C1", "1", vec![again])], &[]))
}

/// R13.
#[test]
fn a_reversal_negates_the_earlier_posting_and_the_repayment_posts_anew() {
    let ours = claim("C1");
    let first = posted("1", &[("CO", "45", 4_000), ("PR", "3", 2_500)]).entries.remove(0);
    let mut candidate = candidate(&ours, 1);
    let (charge, paid) = (Money::from_cents(15_000), Money::from_cents(8_500));
    candidate.earlier = vec![EarlierPosting { entry: first.clone(), charge, paid, reversed: false }];
    let posted = run(&reversal_and_repayment(), &[candidate.clone()]).unwrap();
    assert_eq!(posted.entries[0].reverses(), Some(first.id()));
    for account in Account::ALL {
        let both = [first.clone(), posted.entries[0].clone()];
        assert_eq!(sum(&both, *account), "0.00", "{account:?}");
    }
    assert_eq!(sum(&posted.entries[1..], Account::Cash), "95.00");
    let events: Vec<_> = posted.updates.iter().map(|u| u.event).collect();
    assert_eq!(events, [ClaimEvent::Reverse, ClaimEvent::Pay]);

    candidate.earlier[0].reversed = true;
    let again = run(&reversal_and_repayment(), &[candidate]).unwrap();
    assert_eq!(again.work_items[0].kind, WorkItemKind::ReversalWithoutPosting);
}

/// R13.
#[test]
fn a_reversal_without_an_earlier_posting_goes_to_the_worklist_and_its_money_to_unapplied() {
    let ours = claim("C1");
    let remittance = reversal_and_repayment();
    let posted = run(&remittance, &[candidate(&ours, 1)]).unwrap();
    assert_eq!(posted.work_items[0].kind, WorkItemKind::ReversalWithoutPosting);
    assert_eq!(sum(&posted.entries[..1], Account::Unapplied), "85.00");
    assert_eq!(posted.undistributed(&remittance), Money::ZERO);
}

/// R15.
#[test]
fn an_unmatched_claim_is_kept_and_its_money_is_unapplied_until_it_is_matched() {
    let ours = claim("C1");
    let claims = [Claim::new("ELSEWHERE", "1", vec![Line::new("90837", 15_000, &[("CO", "45", 4_000)])])];
    let remittance = read(&file("T1", &claims, &[]));
    let posted = run(&remittance, &[candidate(&ours, 1)]).unwrap();
    assert_eq!(posted.work_items[0].kind, WorkItemKind::UnmatchedClaim);
    assert_eq!(sum(&posted.entries, Account::Unapplied), "-110.00");
    assert_eq!(sum(&posted.entries, Account::InsuranceReceivable), "0.00");
    let mut matches = match_claims(&read(&file("T1", &[Claim::new("c1", "1", vec![])], &[])), &[candidate(&ours, 1)]);
    assert_eq!(matches.claims[0].candidate, Some(0));
    matches.claims[0].clear();
    assert_eq!(matches.claims[0].candidate, None);
}

#[test]
fn two_claims_with_one_number_are_not_guessed_between() {
    let (a, b) = (claim("C1"), claim("C1"));
    let remittance = read(&file("T1", &[Claim::new("C1", "1", vec![])], &[]));
    assert_eq!(match_claims(&remittance, &[candidate(&a, 1), candidate(&b, 2)]).claims[0].candidate, None);
}

/// R7.
#[test]
fn lines_match_by_control_number_then_procedure_day_and_charge() {
    let mut draft = draft("C1");
    draft.lines =
        vec![line("90837", "150"), line("90785", "15"), line("90837", "140"), numbered(line("90834", "90"), "L4")];
    let ours = OurClaim::try_from(draft).unwrap();
    let theirs = vec![
        Line::new("99999", 9_000, &[]).control("l4"),
        Line::new("90837:95", 14_000, &[]),
        Line::new("90837", 15_000, &[]),
        Line::new("90785", 1_000, &[]),
        Line::new("90785", 500, &[]),
        Line::new("96127", 500, &[]),
    ];
    let remittance = read(&file("T1", &[Claim::new("C1", "1", theirs)], &[]));
    let found = match_claims(&remittance, &[candidate(&ours, 1)]);
    let lines: Vec<_> = found.claims[0].lines.iter().map(|m| m.map(|m| (m.line, m.rule))).collect();
    assert_eq!(
        lines,
        [
            Some((4, LineRule::ControlNumber)),
            Some((3, LineRule::WithoutModifiers)),
            Some((1, LineRule::Exact)),
            Some((2, LineRule::ProcedureAndDay)),
            Some((2, LineRule::ProcedureAndDay)),
            None
        ]
    );
}

/// L1.
#[test]
fn nothing_is_the_patients_while_another_payer_is_to_be_billed() {
    let ours = claim("C1");
    let claims = |status| [Claim::new("C1", status, vec![Line::new("90837", 15_000, &[("PR", "2", 3_000)])])];
    let mut waiting = candidate(&ours, 1);
    waiting.next_payer = true;
    let posted = run(&read(&file("T1", &claims("1"), &[])), &[waiting.clone()]).unwrap();
    assert_eq!(sum(&posted.entries, Account::PatientReceivable), "0.00");
    assert_eq!(posted.work_items[0].kind, WorkItemKind::BillNextPayer);
    // R16: the payer forwarded it itself.
    let forwarded = run(&read(&file("T1", &claims("19"), &[])), &[waiting]).unwrap();
    assert!(forwarded.updates[0].forwarded && forwarded.work_items.is_empty());
}

/// R6.
#[test]
fn an_adjustment_of_the_claim_as_a_whole_stays_at_the_claim() {
    let ours = claim("C1");
    let mut theirs = Claim::new("C1", "1", vec![Line::new("90837", 15_000, &[])]);
    theirs.cas = vec![("CO", "45", 2_000), ("PR", "1", 1_000)];
    let posted = run(&read(&file("T1", &[theirs], &[])), &[candidate(&ours, 1)]).unwrap();
    assert_eq!(sum(&posted.entries, Account::Cash), "120.00");
    assert_eq!(sum(&posted.entries, Account::InsuranceReceivable), "-150.00");
    let at_claim = posted.entries[0].postings().iter().filter(|p| p.account == Account::PatientReceivable);
    assert!(at_claim.clone().count() == 1 && at_claim.clone().all(|p| p.line.is_none()));
}

fn any_cas() -> impl Strategy<Value = Vec<Cas>> {
    let one = (
        prop::sample::select(vec![
            ("CO", "45"),
            ("CO", "197"),
            ("PR", "1"),
            ("PR", "3"),
            ("OA", "23"),
            ("PI", "16"),
            ("CO", "253"),
        ]),
        -500_i64..5_000,
    );
    prop::collection::vec(one.prop_map(|((group, reason), cents)| (group, reason, cents)), 0..4)
}

fn any_claims() -> impl Strategy<Value = Vec<Claim>> {
    let line = (prop::sample::select(vec!["90837", "90834", "90785"]), 0_i64..30_000, any_cas())
        .prop_map(|(code, charge, cas)| Line::new(code, charge, &cas));
    let claim = (
        prop::sample::select(vec!["C1", "C2", "C9"]),
        prop::sample::select(vec!["1", "2", "4", "19", "22", "23", "25"]),
        prop::collection::vec(line, 1..4),
        any_cas(),
    )
        .prop_map(|(number, status, lines, cas)| Claim { cas, ..Claim::new(number, status, lines) });
    prop::collection::vec(claim, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// R11: whatever a balanced file holds, all of its money is booked and nothing else.
    #[test]
    fn the_cash_of_all_entries_is_the_payment(
        claims in any_claims(),
        plb in prop::collection::vec((prop::sample::select(vec!["WO", "FB", "L6"]), -3_000_i64..3_000), 0..3),
    ) {
        let (one, two) = (claim("C1"), claim("C2"));
        let remittance = read(&file("T1", &claims, &plb));
        let posted = run(&remittance, &[candidate(&one, 1), candidate(&two, 2)]).unwrap();
        prop_assert_eq!(posted.undistributed(&remittance), Money::ZERO);
        for entry in &posted.entries {
            prop_assert_eq!(entry.postings().iter().map(|p| p.amount).sum::<Money>(), Money::ZERO);
        }
        // A denial leaves the write-off account alone.
        for update in posted.updates.iter().filter(|u| u.event == ClaimEvent::Deny) {
            let entry = posted.entries.iter().filter(|e| Some(e.id()) == update.entry);
            prop_assert!(entry.flat_map(Entry::postings).all(|p| p.account != Account::ContractualAdjustment));
        }
    }

    #[test]
    fn one_cent_more_in_the_payment_posts_nothing(claims in any_claims()) {
        let text = file("T1", &claims, &[]);
        let paid: i64 = claims.iter().map(Claim::paid).sum();
        let wrong = text.replacen(
            &format!("BPR*I*{}*", crate::era::money(paid)),
            &format!("BPR*I*{}*", crate::era::money(paid + 1)),
            1,
        );
        let refused = run(&read(&wrong), &[]);
        let unbalanced = matches!(refused, Err(Refused::Unbalanced { .. }));
        prop_assert!(unbalanced);
    }
}
