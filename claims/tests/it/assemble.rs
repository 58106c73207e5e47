use mentalspace_claims::assemble::{AssembleError, ClaimSources, assemble};
use mentalspace_claims::claim::{Claim, ClaimControlNumber, ClaimError};
use mentalspace_claims::scrub::scrub;
use mentalspace_core::{Charge, Client, Clinician, Coverage, Location, Payer, Practice};
use serde_json::{Value, json};

fn id(n: u32) -> String {
    format!("00000000-0000-7000-8000-{n:012}")
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn address(line: &str) -> Value {
    json!({"line1": line, "city": "Austin", "state": "TX", "zip": "787011234"})
}

struct Records {
    charge: Charge,
    client: Client,
    coverage: Coverage,
    payer: Payer,
    practice: Practice,
    location: Location,
    clinician: Clinician,
}

fn charge() -> Value {
    json!({
        "id": id(1), "client": id(2), "appointment": id(3), "note": id(4), "location": id(5), "coverage": id(6),
        "payer": id(7), "date_of_service": {"from": "2024-01-15"}, "rendering": id(8), "diagnoses": ["F411", "F331"],
        "lines": [{
            "service": {"code": "90837", "modifiers": ["95"], "place_of_service": "10", "units": 1, "rules": []},
            "amount": "150.00", "diagnoses": ["F331", "F411"]
        }],
        "status": {"status": "ready"}
    })
}

fn records(subscriber: &Value) -> Records {
    Records {
        charge: read(charge()),
        client: read(json!({
            "id": id(2), "legal_name": {"last": "Rivers", "first": "Noel"}, "birth_date": "2012-09-01",
            "payer_sex": "male", "addresses": [{"usage": "home", "address": address("7 Cedar Court")}],
            "status": {"status": "active", "since": "2023-01-01"}
        })),
        coverage: read(json!({
            "id": id(6), "client": id(2), "payer": id(7), "rank": "primary", "in_force": {"from": "2023-01-01"},
            "member_id": "W123456789", "group_number": "GRP1", "subscriber": subscriber
        })),
        payer: read(json!({"id": id(7), "name": "Example Health Plan", "electronic_id": "EHP01", "filing": "CI"})),
        practice: read(json!({
            "id": id(9), "name": "Lakeside Counseling", "billing_npi": "1888888884",
            "tax_id": {"kind": "ein", "digits": "741234567"}, "taxonomy": "251S00000X",
            "address": address("100 Lake Street"), "phone": "+15125550100", "time_zone": "America/Chicago",
            "policies": {}
        })),
        location: read(json!({
            "id": id(5), "name": "Harbor Clinic", "address": address("9 Bay Road"), "place_of_service": "11"
        })),
        clinician: read(json!({
            "id": id(8), "name": {"last": "Hale", "first": "Robin"}, "npi": "1999999992", "taxonomy": "1041C0700X"
        })),
    }
}

fn sources<'a>(records: &'a Records, coverages: &'a [(&'a Coverage, &'a Payer)]) -> ClaimSources<'a> {
    ClaimSources {
        charge: &records.charge,
        client: &records.client,
        coverages,
        practice: &records.practice,
        location: &records.location,
        rendering: &records.clinician,
        supervising: None,
    }
}

fn make(records: &Records) -> Result<Claim, AssembleError> {
    let coverages = [(&records.coverage, &records.payer)];
    assemble(ClaimControlNumber::parse("C1").unwrap(), &sources(records, &coverages))
}

#[test]
fn a_clients_own_telehealth_session_becomes_a_claim_without_findings() {
    let claim = make(&records(&json!("client"))).unwrap();
    assert!(claim.patient.is_none() && claim.facility.is_none());
    assert_eq!((claim.total().to_string().as_str(), claim.lines[0].pointer_letters().as_str()), ("150.00", "BA"));
    assert_eq!(claim.lines[0].control_number.as_ref().unwrap().as_str(), "C1-1");
    assert!(scrub(&claim).is_empty(), "{:?}", scrub(&claim));
}

#[test]
fn another_subscriber_makes_the_client_the_patient() {
    let subscriber = json!({"other": {
        "relationship": "child", "name": {"last": "Rivers", "first": "Alex"}, "birth_date": "1985-04-12",
        "payer_sex": "female", "address": address("7 Cedar Court")
    }});
    let claim = make(&records(&subscriber)).unwrap();
    assert_eq!(claim.patient.as_ref().unwrap().relationship.code(), "19");
    assert_eq!(claim.subscriber.name.first.as_ref().unwrap().expose(), "Alex");
}

/// T2: the facility is named when the client was there, whatever the template says.
#[test]
fn a_session_at_another_place_names_the_facility() {
    let mut records = records(&json!("client"));
    let mut charge = charge();
    charge["lines"][0]["service"]["place_of_service"] = "11".into();
    charge["lines"][0]["service"]["modifiers"] = json!([]);
    records.charge = read(charge);
    assert_eq!(make(&records).unwrap().facility.as_ref().unwrap().name.as_str(), "Harbor Clinic");
}

#[test]
fn records_that_do_not_belong_together_are_refused() {
    let mut foreign = records(&json!("client"));
    foreign.payer.id = "00000000-0000-7000-8000-000000000099".parse().unwrap();
    assert_eq!(make(&foreign), Err(AssembleError::Mismatch("the payer")));
    let mut homeless = records(&json!("client"));
    homeless.client.addresses.clear();
    assert_eq!(make(&homeless), Err(AssembleError::Missing("the client's home address")));
    let uncovered = sources(&homeless, &[]);
    let number = ClaimControlNumber::parse("C1").unwrap();
    assert_eq!(assemble(number, &uncovered), Err(AssembleError::NoCoverage));
}

#[test]
fn a_charge_without_diagnoses_is_no_claim() {
    let mut records = records(&json!("client"));
    let mut charge = charge();
    charge["diagnoses"] = json!([]);
    charge["lines"][0]["diagnoses"] = json!([]);
    records.charge = read(charge);
    let Err(AssembleError::Claim(error)) = make(&records) else { panic!("a claim without diagnoses") };
    let paths: Vec<_> = ClaimError::problems(&error).iter().map(|p| p.path.as_str()).collect();
    assert_eq!(paths, ["diagnoses", "lines[0].pointers"]);
}
