use mentalspace_auth_policy::assurance::Factor;
use mentalspace_auth_policy::passkey::{Ceremony, CeremonyError, Purpose};
use uuid::Uuid;

use crate::{at, json, through_json};

const SESSION: Uuid = Uuid::from_u128(1);

/// ASVS 6.7.2; NIST SP 800-63B-4 §3.2.5.
#[test]
fn a_challenge_serves_its_session_and_purpose_for_five_minutes() {
    let ceremony = through_json(&Ceremony::start(SESSION, Purpose::Confirm, at(0)));
    for (binding, purpose, now, expected) in [
        (SESSION, Purpose::Confirm, 0, Ok(())),
        (SESSION, Purpose::Confirm, 299, Ok(())),
        (SESSION, Purpose::Confirm, 300, Err(CeremonyError::Over)),
        (SESSION, Purpose::Confirm, -1, Err(CeremonyError::Over)),
        (SESSION, Purpose::Register, 0, Err(CeremonyError::Foreign)),
        (SESSION, Purpose::SignIn, 0, Err(CeremonyError::Foreign)),
        (Uuid::from_u128(2), Purpose::Confirm, 0, Err(CeremonyError::Foreign)),
    ] {
        assert_eq!(ceremony.check(binding, purpose, at(now)), expected, "{purpose:?} at {now}");
    }
}

#[test]
fn a_ceremony_is_stored_as_data() {
    insta::assert_snapshot!(json(&Ceremony::start(SESSION, Purpose::SignIn, at(0))), @r#"
    {
      "binding": "00000000-0000-0000-0000-000000000001",
      "purpose": "sign_in",
      "started_at": "2026-01-01T08:00:00Z"
    }
    "#);
}

/// AL-3.
#[test]
fn of_all_factors_the_passkey_alone_resists_phishing() {
    for factor in [Factor::Password, Factor::Totp, Factor::BackupCode, Factor::Sms, Factor::Voice, Factor::Passkey] {
        assert_eq!(factor.resists_phishing(), factor == Factor::Passkey);
        assert_eq!(factor.is_restricted(), matches!(factor, Factor::Sms | Factor::Voice));
        assert_eq!(serde_json::to_value(factor).unwrap(), factor.name());
    }
}
