use mentalspace_core::{
    BillingRules, ClientPlace, Complexity, Delivery, Modifier, Period, PlaceOfService, ProcedureCode, RuleId,
    ServiceKind, TelehealthModality, TelehealthRule,
    coding::{
        CodedService, CodingError, CrisisRounding, Encounter, Rounding, check_combination, code_encounter,
        fifteen_minute_units,
    },
    testing::clinical::{day, payer},
};
use proptest::prelude::{prop_assert, proptest};

fn office() -> Delivery {
    Delivery::InPerson { place_of_service: PlaceOfService::office() }
}

fn telehealth(modality: TelehealthModality, client_at: ClientPlace) -> Delivery {
    Delivery::Telehealth { modality, client_at }
}

fn coded(service: ServiceKind, minutes: Option<u32>) -> Result<Vec<CodedService>, CodingError> {
    coded_by(service, minutes, &BillingRules::default())
}

fn coded_by(
    service: ServiceKind,
    minutes: Option<u32>,
    rules: &BillingRules,
) -> Result<Vec<CodedService>, CodingError> {
    let delivery = office();
    let encounter =
        Encounter { service, minutes, delivery: &delivery, complexity: Complexity::Usual, on: day("2026-03-02") };
    code_encounter(&encounter, rules)
}

fn codes(services: &[CodedService]) -> Vec<(&str, u32)> {
    services.iter().map(|service| (service.code.as_str(), service.units)).collect()
}

fn given(delivery: &Delivery, rules: &BillingRules, on: &str) -> Result<Vec<CodedService>, CodingError> {
    let service = ServiceKind::Psychotherapy;
    let encounter = Encounter { service, minutes: Some(50), delivery, complexity: Complexity::Usual, on: day(on) };
    code_encounter(&encounter, rules)
}

fn line(services: &[CodedService]) -> (Vec<&str>, &str, &str) {
    let service = &services[0];
    let modifiers = service.modifiers.as_slice().iter().map(Modifier::as_str).collect();
    (modifiers, service.place_of_service.as_str(), service.rules[1].as_str())
}

#[test]
fn psychotherapy_is_coded_by_its_minutes() {
    for (minutes, code) in [
        (16, "90832"),
        (37, "90832"),
        (38, "90834"),
        (52, "90834"),
        (53, "90837"),
        (1_440, "90837"),
        (u32::MAX, "90837"),
    ] {
        let services = coded(ServiceKind::Psychotherapy, Some(minutes)).unwrap();
        assert_eq!(codes(&services), [(code, 1)], "{minutes}");
    }
    for minutes in [0, 15] {
        let short = CodingError::TooShort { code: "90832", least: 16, minutes };
        assert_eq!(coded(ServiceKind::Psychotherapy, Some(minutes)), Err(short));
    }
}

#[test]
fn family_therapy_begins_at_twenty_six_minutes() {
    for (service, code) in [(ServiceKind::FamilyWithoutClient, "90846"), (ServiceKind::FamilyWithClient, "90847")] {
        assert_eq!(coded(service, Some(25)), Err(CodingError::TooShort { code, least: 26, minutes: 25 }));
        assert_eq!(codes(&coded(service, Some(26)).unwrap()), [(code, 1)]);
    }
}

#[test]
fn crisis_counts_a_first_hour_and_further_half_hours() {
    assert_eq!(
        coded(ServiceKind::Crisis, Some(29)),
        Err(CodingError::TooShort { code: "90839", least: 30, minutes: 29 })
    );
    for (minutes, further) in [(30, 0), (74, 0), (75, 1), (104, 1), (105, 2), (134, 2), (135, 3)] {
        let services = coded(ServiceKind::Crisis, Some(minutes)).unwrap();
        let expected = if further == 0 { vec![("90839", 1)] } else { vec![("90839", 1), ("90840", further)] };
        assert_eq!(codes(&services), expected, "{minutes}");
    }
}

#[test]
fn a_payer_may_count_full_half_hours_only() {
    let rules = BillingRules { crisis_rounding: CrisisRounding::FullUnitOnly, ..BillingRules::default() };
    for (minutes, lines) in [(89, 1), (90, 2), (119, 2)] {
        assert_eq!(coded_by(ServiceKind::Crisis, Some(minutes), &rules).unwrap().len(), lines, "{minutes}");
    }
}

#[test]
fn timed_services_need_their_times_and_untimed_ones_do_not() {
    for (service, code) in [
        (ServiceKind::Psychotherapy, "90832"),
        (ServiceKind::FamilyWithoutClient, "90846"),
        (ServiceKind::FamilyWithClient, "90847"),
        (ServiceKind::Crisis, "90839"),
    ] {
        assert_eq!(coded(service, None), Err(CodingError::MissingTime { code }));
    }
    for (service, code) in [
        (ServiceKind::DiagnosticEvaluation, "90791"),
        (ServiceKind::MedicalEvaluation, "90792"),
        (ServiceKind::Group, "90853"),
    ] {
        assert_eq!(codes(&coded(service, None).unwrap()), [(code, 1)]);
    }
    assert_eq!(coded(ServiceKind::Other, Some(60)), Err(CodingError::NoCode));
}

#[test]
fn interactive_complexity_is_added_only_where_it_goes() {
    let complex = |service| {
        let delivery = office();
        let encounter = Encounter {
            service,
            minutes: Some(60),
            delivery: &delivery,
            complexity: Complexity::Interactive,
            on: day("2026-03-02"),
        };
        code_encounter(&encounter, &BillingRules::default())
    };
    for service in [
        ServiceKind::Psychotherapy,
        ServiceKind::Group,
        ServiceKind::DiagnosticEvaluation,
        ServiceKind::MedicalEvaluation,
    ] {
        assert_eq!(complex(service).unwrap()[1].code.as_str(), "90785");
    }
    for service in [ServiceKind::Crisis, ServiceKind::FamilyWithClient, ServiceKind::FamilyWithoutClient] {
        assert!(matches!(complex(service), Err(CodingError::CombinationProhibited { .. })), "{service:?}");
    }
}

#[test]
fn codes_that_do_not_go_together_are_refused() {
    let check = |codes: &[&str], on: &str| {
        let codes: Vec<_> = codes.iter().map(|code| ProcedureCode::parse(*code).unwrap()).collect();
        check_combination(&codes, day(on))
    };
    let code = |code: &str| ProcedureCode::parse(code).unwrap();
    let apart = |one: &str, other: &str| CodingError::CombinationProhibited { code: code(one), with: code(other) };
    assert_eq!(check(&["90837", "90839"], "2026-03-02"), Err(apart("90839", "90837")));
    assert_eq!(check(&["90839", "90791"], "2026-03-02"), Err(apart("90839", "90791")));
    assert_eq!(check(&["90785"], "2026-03-02"), Err(CodingError::NotWithPrimary { code: code("90785") }));
    assert_eq!(check(&["90840", "90837"], "2026-03-02"), Err(CodingError::NotWithPrimary { code: code("90840") }));
    assert_eq!(check(&["90839", "90840"], "2026-03-02"), Ok(()));
    assert_eq!(check(&["H0004", "99214"], "2026-03-02"), Ok(()), "codes without a rule are free");
}

#[test]
fn a_code_holds_on_its_dates_only() {
    let deleted = ProcedureCode::parse("99354").unwrap();
    assert_eq!(check_combination(std::slice::from_ref(&deleted), day("2022-12-31")), Ok(()));
    let on = day("2023-01-01");
    assert_eq!(
        check_combination(std::slice::from_ref(&deleted), on),
        Err(CodingError::NotEffective { code: deleted, on })
    );
    assert!(matches!(given(&office(), &BillingRules::default(), "2012-12-31"), Err(CodingError::NotEffective { .. })));
    assert!(given(&office(), &BillingRules::default(), "2013-01-01").is_ok());
}

/// T1: modifier and place follow payer, modality and the client's place.
#[test]
fn telehealth_is_coded_by_the_payers_rule() {
    use ClientPlace::{Elsewhere, Home};
    use TelehealthModality::{Audio, Video};
    for (modality, place, modifier, code, rule) in [
        (Video, Home, "95", "10", "telehealth.video.home"),
        (Video, Elsewhere, "95", "02", "telehealth.video.elsewhere"),
        (Audio, Home, "93", "10", "telehealth.audio.home"),
        (Audio, Elsewhere, "93", "02", "telehealth.audio.elsewhere"),
    ] {
        let services = given(&telehealth(modality, place), &payer().rules, "2026-03-02").unwrap();
        assert_eq!(line(&services), (vec![modifier], code, rule));
    }
    let services = given(&office(), &payer().rules, "2026-03-02").unwrap();
    assert_eq!(line(&services), (vec![], "11", "place.in-person"));
}

/// T1: a missing rule is caught before submission, not guessed.
#[test]
fn telehealth_without_a_rule_is_refused() {
    let video = telehealth(TelehealthModality::Video, ClientPlace::Home);
    let refused = CodingError::NoTelehealthRule { modality: TelehealthModality::Video, client_at: ClientPlace::Home };
    assert_eq!(given(&video, &BillingRules::default(), "2026-03-02"), Err(refused.clone()));
    assert_eq!(given(&video, &payer().rules, "2023-12-31"), Err(refused), "not in force yet");
}

/// T1: rules change on a date.
#[test]
fn the_newest_rule_in_force_wins_and_the_special_before_the_general() {
    let mut rules = payer().rules;
    let rule = |id: &str, client_at, since: &str| TelehealthRule {
        id: RuleId::parse(id).unwrap(),
        modality: TelehealthModality::Video,
        client_at,
        modifier: None,
        place_of_service: PlaceOfService::telehealth_home(),
        in_force: Period::since(day(since)),
    };
    rules.telehealth.push(rule("no-95", Some(ClientPlace::Home), "2026-01-01"));
    rules.telehealth.push(rule("anywhere", None, "2026-02-01"));
    let home = telehealth(TelehealthModality::Video, ClientPlace::Home);
    assert_eq!(line(&given(&home, &rules, "2025-12-31").unwrap()), (vec!["95"], "10", "telehealth.video.home"));
    assert_eq!(line(&given(&home, &rules, "2026-03-02").unwrap()), (vec![], "10", "no-95"));
}

/// T2: what the record of the session says goes, so a place of telehealth in person is a contradiction.
#[test]
fn a_telehealth_place_in_person_is_refused() {
    let place = PlaceOfService::telehealth_home();
    let contradiction = Delivery::InPerson { place_of_service: place.clone() };
    assert_eq!(given(&contradiction, &payer().rules, "2026-03-02"), Err(CodingError::PlaceIsTelehealth(place)));
}

#[test]
fn parts_of_fifteen_minutes_count_as_the_payer_says() {
    for (minutes, eight, full, ceil) in [
        (0, 0, 0, 0),
        (1, 0, 0, 1),
        (7, 0, 0, 1),
        (8, 1, 0, 1),
        (15, 1, 1, 1),
        (22, 1, 1, 2),
        (23, 2, 1, 2),
        (30, 2, 2, 2),
    ] {
        assert_eq!(fifteen_minute_units(minutes, Rounding::EightMinute), eight, "{minutes}");
        assert_eq!(fifteen_minute_units(minutes, Rounding::Midpoint), eight, "{minutes}");
        assert_eq!(fifteen_minute_units(minutes, Rounding::FullUnitOnly), full, "{minutes}");
        assert_eq!(fifteen_minute_units(minutes, Rounding::Ceil), ceil, "{minutes}");
    }
}

proptest! {
    #[test]
    fn more_minutes_never_give_fewer_units(minutes in 30_u32..2_000) {
        let units = |minutes| coded(ServiceKind::Crisis, Some(minutes)).unwrap().iter().map(|s| s.units).sum::<u32>();
        prop_assert!(units(minutes) <= units(minutes + 1));
        prop_assert!(units(minutes + 30) <= units(minutes) + 1);
    }
}
