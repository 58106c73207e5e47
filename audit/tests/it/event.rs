use chrono::DateTime;
use mentalspace_audit::event::{FieldRule, MAX_EVENT};
use mentalspace_audit::{
    Action, Actor, ActorKind, Basis, BreakGlass, Disclosure, EncodedEvent, Event, EventError, LegalBasis, Network,
    Object, Outcome, Purpose, merkle,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{at, event, full_event, uuid7};

fn canonical(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).unwrap()
}

fn as_value(event: &Event) -> Value {
    serde_json::from_slice(event.encode().unwrap().as_bytes()).unwrap()
}

/// The encoded event with one change made to its JSON.
fn changed(event: &Event, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = as_value(event);
    change(&mut value);
    canonical(&value)
}

fn broken_rule(event: &Event) -> (&'static str, FieldRule) {
    match event.encode() {
        Err(EventError::Field { field, rule }) => (field, rule),
        other => panic!("expected a broken rule, got {other:?}"),
    }
}

#[test]
fn canonical_bytes_of_a_full_event_never_change() {
    let encoded = full_event().encode().unwrap();
    insta::assert_snapshot!(encoded.as_str(), @r#"{"action":"disclose","activity":"record.disclose","actor":{"assurance":"aal2","device":"01970000-0000-7000-8000-000000000008","factors":["password","totp"],"kind":"user","on_behalf_of":"01970000-0000-7000-8000-000000000003","role":"supervisor","session":"mzmoOrINQ6YEdU3iMkIre8rn7sQW/0ZxAN9bZlT4Ino=","user":"01970000-0000-7000-8000-000000000002"},"break_glass":{"approver":"01970000-0000-7000-8000-000000000005","reason":"unconscious in the emergency room","review_due":"2026-01-02T00:00:00.123456789Z"},"clients":["01970000-0000-7000-8000-000000000006","01970000-0000-7000-8000-000000000007"],"disclosure":{"address":"1 Main St \\ Springfield","description":"progress notes","part2":true,"purpose":"subpoena 12, café","recipient":"County \"Court\"","via_ehr":false},"id":"01970000-0000-7000-8000-000000000001","legal_basis":{"kind":"required_by_law","law":"court-order"},"network":{"ip":"2001:db8::1","user_agent":"Browser/1.0"},"object":{"id":"01970000-0000-7000-8000-000000000004","kind":"note","sections":["assessment","plan"],"version":"18446744073709551615"},"occurred_at":"2025-12-31T23:59:00.123456789Z","outcome":{"kind":"minor","reason":"printer-offline"},"practice":"01970000-0000-7000-8000-0000000003e8","purpose":"ETREAT","recorded_at":"2026-01-01T00:00:00.123456789Z","schema_version":1,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#);
    assert_eq!(encoded.leaf_hash(), merkle::leaf_hash(encoded.as_bytes()));
    insta::assert_snapshot!(encoded.leaf_hash(), @"/zE4CknV/DnQmUHNnuc6FT88m8ivyeXCoMm02544nE8=");
}

#[test]
fn decoding_gives_back_what_was_encoded() {
    for event in [event(1), full_event()] {
        let encoded = event.encode().unwrap();
        assert_eq!(Event::decode(encoded.as_bytes()), Ok(event));
        let bytes = encoded.clone().into_bytes();
        assert_eq!(EncodedEvent::from_bytes(bytes), Ok(encoded));
    }
}

/// They are no control characters; each export format escapes them by its own rules.
#[test]
fn line_separators_of_unicode_are_text() {
    let reason = "a\u{2028}b\u{2029}c\u{feff}\u{1f600}\u{fb33}";
    let event = event(1).with_break_glass(BreakGlass::new(reason, at(60)));
    let encoded = event.encode().unwrap();
    assert!(encoded.as_str().contains(reason));
    assert_eq!(Event::decode(encoded.as_bytes()), Ok(event));
}

#[test]
fn every_known_code_keeps_its_spelling() {
    let codes: Vec<_> = Action::KNOWN.iter().map(Action::as_str).collect();
    insta::assert_snapshot!(codes.join(" "), @"create read update delete execute query export print disclose login logout login_failed mfa_enrol mfa_fail otp_replay lock unlock password_change recovery session_end policy_change role_change break_glass break_glass_review key_shred prune legal_hold");
    let codes: Vec<_> = Purpose::KNOWN.iter().map(Purpose::as_str).collect();
    insta::assert_snapshot!(codes.join(" "), @"TREAT ETREAT BTG HPAYMT HOPERAT HSYSADMIN HCOMPL HLEGAL PATRQT PUBHLTH HRESCH");
    for action in Action::KNOWN {
        assert_eq!(action.as_str().parse(), Ok(action.clone()));
    }
    for purpose in Purpose::KNOWN {
        assert_eq!(purpose.as_str().parse(), Ok(purpose.clone()));
    }
}

#[test]
fn unknown_codes_and_fields_of_later_versions_are_written_back() {
    let bytes = changed(&full_event(), |value| {
        value["action"] = json!("telepathy");
        value["purpose"] = json!("XPURPOSE");
        value["severity"] = json!({"level": 3, "list": [null, true, "x", -9_007_199_254_740_991_i64]});
        for part in ["actor", "network", "object", "outcome", "legal_basis", "disclosure", "break_glass"] {
            value[part]["zz_later"] = json!(["kept", part]);
        }
    });
    let event = Event::decode(&bytes).unwrap();
    assert!(matches!(&event.action, Action::Other(code) if code.as_str() == "telepathy"));
    assert_eq!(event.encode().unwrap().as_bytes(), bytes);
}

#[test]
fn bytes_that_are_not_the_canonical_ones_are_refused() {
    let text = full_event().encode().unwrap().as_str().to_owned();
    let (first, rest) = text[1..text.len() - 1].split_once(",\"activity\"").unwrap();
    let reordered = format!("{{\"activity\"{rest},{first}}}");
    assert!(serde_json::from_str::<Value>(&reordered).is_ok());
    assert_eq!(Event::decode(reordered.as_bytes()), Err(EventError::Canonical));
    let id = uuid7(0xabc).to_string();
    let text = text.replace(&uuid7(1).to_string(), &id);
    assert!(Event::decode(text.as_bytes()).is_ok());
    for (canonical, other) in [
        (":", ": "),
        ("record.disclose", "record\\u002edisclose"),
        ("\"schema", "\"extra\":1,\"schema"),
        ("\"device\":", "\"assurance\":null,\"device\":"),
        (&id, &id.replace('-', "")),
        (&id, &id.to_uppercase()),
        ("789Z", "789+00:00"),
        ("123456789Z", "123456789z"),
        ("18446744073709551615", "018446744073709551615"),
        ("18446744073709551615", "18446744073709551616"),
        ("2001:db8::1", "2001:db8:0::1"),
        ("\"part2\":true", "\"part2\":1"),
    ] {
        assert!(text.contains(canonical), "{canonical}");
        let changed = text.replacen(canonical, other, 1);
        assert!(Event::decode(changed.as_bytes()).is_err(), "{other}");
    }
    assert!(Event::decode(format!("{text}\n").as_bytes()).is_err());
    let empty_list = changed(&event(1), |value| value["object"]["sections"] = json!([]));
    assert_eq!(Event::decode(&empty_list), Err(EventError::Canonical));
    let null = changed(&event(1), |value| value["network"] = Value::Null);
    assert_eq!(Event::decode(&null), Err(EventError::Canonical));
}

#[test]
fn doubled_keys_are_refused_at_every_level() {
    let bytes = changed(&event(1), |value| value["zz"] = json!({"a": 1}));
    let text = String::from_utf8(bytes).unwrap();
    for (once, twice) in [
        ("\"action\":\"read\"", "\"action\":\"read\",\"action\":\"read\""),
        ("\"kind\":\"user\"", "\"kind\":\"user\",\"kind\":\"user\""),
        ("{\"a\":1}", "{\"a\":1,\"a\":1}"),
        ("\"zz\":", "\"zz\":{\"a\":1},\"zz\":"),
    ] {
        assert!(text.contains(once));
        let doubled = text.replacen(once, twice, 1);
        assert!(Event::decode(doubled.as_bytes()).is_err(), "{twice}");
    }
}

#[test]
fn numbers_that_doubles_cannot_hold_are_refused() {
    for number in ["1.5", "1e300", "9007199254740992", "-9007199254740992", "-0.0"] {
        let text = String::from_utf8(changed(&event(1), |value| value["zz"] = json!(7))).unwrap();
        let text = text.replacen("\"zz\":7", &format!("\"zz\":{number}"), 1);
        let rule = FieldRule::Number;
        let field = "of a later version";
        assert_eq!(Event::decode(text.as_bytes()), Err(EventError::Field { field, rule }), "{number}");
    }
    let bytes = changed(&full_event(), |value| value["object"]["version"] = json!(3));
    assert!(matches!(Event::decode(&bytes), Err(EventError::Malformed { .. })));
}

#[test]
fn deep_nesting_is_refused() {
    let nested = |depth: u32| (1..depth).fold(json!(0), |inner, _| json!([inner]));
    let with = |depth| changed(&event(1), |value| value["zz"] = nested(depth));
    assert!(Event::decode(&with(8)).is_ok());
    let (field, rule) = ("of a later version", FieldRule::Depth);
    assert_eq!(Event::decode(&with(9)), Err(EventError::Field { field, rule }));
    let bomb = [b"{\"zz\":".repeat(10_000), b"1".to_vec()].concat();
    assert!(matches!(Event::decode(&bomb), Err(EventError::Malformed { .. })));
}

#[test]
fn other_schema_versions_are_refused_by_number() {
    let bytes = changed(&event(1), |value| {
        value["schema_version"] = json!(2);
        value["actor"] = json!("shaped otherwise");
    });
    assert_eq!(Event::decode(&bytes), Err(EventError::Version { found: 2 }));
    let without = changed(&event(1), |value| {
        value.as_object_mut().unwrap().remove("schema_version");
    });
    assert!(matches!(Event::decode(&without), Err(EventError::Malformed { .. })));
}

#[test]
fn every_text_is_bounded_and_free_of_control_characters() {
    type Set = fn(&mut Event, String);
    let texts: [(&str, usize, Set); 6] = [
        ("actor.role", 64, |event, text| {
            event.actor.role = Some(text);
        }),
        ("network.user_agent", 512, |event, text| {
            event.network.as_mut().unwrap().user_agent = Some(text);
        }),
        ("disclosure.recipient", 200, |event, text| {
            event.disclosure.as_mut().unwrap().recipient = text;
        }),
        ("disclosure.address", 500, |event, text| {
            event.disclosure.as_mut().unwrap().address = Some(text);
        }),
        ("disclosure.purpose", 2_000, |event, text| {
            event.disclosure.as_mut().unwrap().purpose = text;
        }),
        ("break_glass.reason", 2_000, |event, text| {
            event.break_glass.as_mut().unwrap().reason = text;
        }),
    ];
    for (field, max, set) in texts {
        let encode = |text: &str| {
            let mut event = full_event();
            set(&mut event, text.to_owned());
            event
        };
        assert!(encode(&"x".repeat(max)).encode().is_ok(), "{field}");
        for text in [String::new(), "x".repeat(max + 1)] {
            assert_eq!(broken_rule(&encode(&text)), (field, FieldRule::Length { max }));
        }
        for text in ["line\nline", "\u{7f}", "\u{85}", "\0", "a\rb"] {
            assert_eq!(broken_rule(&encode(text)), (field, FieldRule::Control));
        }
    }
}

#[test]
fn fields_of_later_versions_hold_no_control_characters_either() {
    let (field, rule) = ("of a later version", FieldRule::Control);
    for later in [json!("a\nb"), json!(["\u{7f}"]), json!({"a\tb": 1})] {
        let bytes = changed(&event(1), |value| value["object"]["zz"] = later);
        assert_eq!(Event::decode(&bytes), Err(EventError::Field { field, rule }));
    }
}

#[test]
fn every_code_is_bounded_and_of_few_characters() {
    type Set = fn(&mut Event, String);
    let codes: [(&str, usize, Set); 7] = [
        ("activity", 64, |event, code| event.activity = code),
        ("object.kind", 64, |event, code| event.object.kind = code),
        ("object.sections", 64, |event, code| {
            event.object.sections = vec![code];
        }),
        ("actor.factors", 64, |event, code| {
            event.actor.factors = vec![code];
        }),
        ("outcome.reason", 64, |event, code| {
            event.outcome.reason = Some(code);
        }),
        ("legal_basis.law", 64, |event, code| {
            event.legal_basis.as_mut().unwrap().law = Some(code);
        }),
        ("trace_id", 128, |event, code| event.trace_id = Some(code)),
    ];
    for (field, max, set) in codes {
        let encode = |code: &str| {
            let mut event = full_event();
            set(&mut event, code.to_owned());
            event
        };
        assert!(encode(&"x".repeat(max)).encode().is_ok(), "{field}");
        for code in ["", "a b", "a\"b", "jos\u{e9}", "a\n", &"x".repeat(max + 1)] {
            assert_eq!(broken_rule(&encode(code)), (field, FieldRule::Code { max }), "{code:?}");
        }
    }
    let mut shouted = event(1);
    shouted.activity = "Note.Sign".to_owned();
    assert_eq!(broken_rule(&shouted), ("activity", FieldRule::Code { max: 64 }));
    let bytes = changed(&event(1), |value| value["action"] = json!("two words"));
    assert!(matches!(Event::decode(&bytes), Err(EventError::Malformed { .. })));
}

#[test]
fn lists_are_bounded() {
    let mut too_many = event(1).with_clients((0..501).map(uuid7));
    assert_eq!(broken_rule(&too_many), ("clients", FieldRule::Count { max: 500 }));
    too_many.clients.pop();
    assert!(too_many.encode().is_ok());
    let mut event = full_event();
    event.object.sections = vec!["a".to_owned(); 65];
    assert_eq!(broken_rule(&event), ("object.sections", FieldRule::Count { max: 64 }));
    event.object.sections.clear();
    event.actor.factors = vec!["a".to_owned(); 9];
    assert_eq!(broken_rule(&event), ("actor.factors", FieldRule::Count { max: 8 }));
}

#[test]
fn the_largest_event_of_this_version_fits_and_a_longer_one_is_refused() {
    let quotes = "\"".repeat(2_000);
    let mut event = full_event().with_clients((0..500).map(uuid7));
    event.object.sections = vec!["s".repeat(64); 64];
    event.disclosure.as_mut().unwrap().description.clone_from(&quotes);
    event.disclosure.as_mut().unwrap().purpose.clone_from(&quotes);
    event.break_glass.as_mut().unwrap().reason = quotes;
    let largest = event.encode().unwrap();
    assert!(largest.as_bytes().len() < MAX_EVENT / 2 + 8_192);

    let padded = |length: usize| changed(&event, |value| value["zz"] = json!("x".repeat(length)));
    let room = MAX_EVENT - padded(0).len();
    let mut full = Event::decode(&padded(room)).unwrap();
    full.activity.push('x');
    assert_eq!(full.encode(), Err(EventError::TooLong));
    assert_eq!(Event::decode(&padded(room + 1)), Err(EventError::TooLong));
}

#[test]
fn ids_are_version_7_and_times_are_in_four_digit_years() {
    let mut other = event(1);
    other.id = Uuid::from_u128(1);
    assert_eq!(broken_rule(&other), ("id", FieldRule::Uuid7));
    let mut late = event(1);
    late.recorded_at = DateTime::from_timestamp(253_402_300_800, 0).unwrap();
    assert_eq!(broken_rule(&late), ("recorded_at", FieldRule::Time));
    let broken = BreakGlass::new("reason", late.recorded_at);
    let reviewed_late = event(1).with_break_glass(broken);
    assert_eq!(broken_rule(&reviewed_late), ("break_glass.review_due", FieldRule::Time));
    let leap = DateTime::from_timestamp(1_483_228_799, 1_500_000_000).unwrap();
    assert_eq!(broken_rule(&event(1).with_occurred_at(leap)), ("occurred_at", FieldRule::Time));
}

/// Without these an accounting of disclosures cannot be computed, 45 CFR 164.528.
#[test]
fn a_disclosure_needs_its_recipient_and_its_legal_basis() {
    let mut disclosing = event(1);
    disclosing.action = Action::Disclose;
    assert_eq!(broken_rule(&disclosing), ("disclosure", FieldRule::Required));
    assert!(disclosing.clone().with_outcome(Outcome::denied("no-consent")).encode().is_ok());
    disclosing.disclosure = Some(Disclosure::new("Court", "notes", "subpoena"));
    assert_eq!(broken_rule(&disclosing), ("legal_basis", FieldRule::Required));
    let mut basis = LegalBasis::consent(uuid7(9));
    assert!(disclosing.clone().with_legal_basis(basis.clone()).encode().is_ok());
    basis.id = None;
    assert_eq!(broken_rule(&disclosing.clone().with_legal_basis(basis)), ("legal_basis.id", FieldRule::Required));
    let mut basis = LegalBasis::tpo();
    basis.kind = Basis::RequiredByLaw;
    assert_eq!(broken_rule(&disclosing.with_legal_basis(basis)), ("legal_basis.law", FieldRule::Required));
}

#[test]
fn emergency_access_needs_its_reason() {
    let mut breaking = event(1);
    breaking.action = Action::BreakGlass;
    assert_eq!(broken_rule(&breaking), ("break_glass", FieldRule::Required));
    let broken = BreakGlass::new("client unconscious", at(3_600));
    assert!(breaking.with_break_glass(broken).encode().is_ok());
}

#[test]
fn a_user_has_an_id_and_the_system_needs_none() {
    let mut nobody = event(1);
    nobody.actor.user = None;
    assert_eq!(broken_rule(&nobody), ("actor.user", FieldRule::Required));
    for actor in [Actor::system(), Actor::anonymous()] {
        nobody.actor = actor;
        assert!(nobody.encode().is_ok());
    }
    assert_eq!(nobody.actor.kind, ActorKind::Anonymous);
}

/// A client chooses its user agent: it must not be able to make the audit of its request fail.
#[test]
fn a_hostile_user_agent_is_cut_and_cleaned() {
    let network = |sent: &str| Network::new([127, 0, 0, 1].into()).with_user_agent(sent);
    assert_eq!(network("a\r\nb").user_agent.as_deref(), Some("a??b"));
    assert_eq!(network("").user_agent, None);
    for sent in ["\u{20ac}".repeat(300), "x".repeat(100_000), "\0".repeat(600)] {
        let network = network(&sent);
        assert!(network.user_agent.as_ref().is_some_and(|agent| agent.len() > 500));
        assert!(event(1).with_network(network).encode().is_ok());
    }
    let c1 = network(&"\u{80}".repeat(300));
    assert!(event(1).with_network(c1).encode().is_ok());
}

#[test]
fn debug_shows_neither_words_of_people_nor_addresses() {
    let event = full_event();
    let parts = (&event, &event.network, &event.disclosure, &event.break_glass);
    let shown = format!("{parts:?} {:?}", event.encode());
    for hidden in ["unconscious", "Court", "progress", "2001:db8", "Browser", "Springfield"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    let secret = changed(&event, |value| {
        value["object"]["later"] = json!("hidden words");
        value["action"] = json!(["hidden words"]);
    });
    let error = Event::decode(&secret).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hidden"));
}

fn text(max: usize) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!("[^\\p{{Cc}}]{{1,{}}}", max / 4)).unwrap()
}

prop_compose! {
    fn any_event()(
        ids in any::<[u64; 4]>(),
        nanoseconds in any::<i64>(),
        version in any::<Option<u64>>(),
        session in any::<Option<[u8; 32]>>(),
        activity in "[a-z0-9_.-]{1,64}",
        action in "[A-Za-z0-9_.-]{1,64}",
        known in any::<prop::sample::Index>(),
        sections in prop::collection::vec("[A-Za-z0-9_.-]{1,64}", 0..5),
        clients in prop::collection::vec(any::<u128>(), 0..20),
        words in (text(64), text(200), text(2_000), text(2_000), text(2_000)),
        agent in any::<String>(),
        ip in any::<std::net::IpAddr>(),
        flags in any::<[bool; 6]>(),
    ) -> Event {
        let at = DateTime::from_timestamp_nanos(nanoseconds);
        let mut actor = if flags[0] { Actor::user(uuid7(ids[0])) } else { Actor::system() };
        actor.role = flags[1].then_some(words.0);
        actor.session = session.map(Into::into);
        let mut object = Object::new("thing").with_sections(sections);
        object.version = version;
        let action = if flags[2] {
            known.get(Action::KNOWN).clone()
        } else {
            action.parse().unwrap()
        };
        let clients = clients.into_iter().map(Uuid::from_u128);
        let event = Event::new(uuid7(ids[1]), uuid7(ids[2]), at, actor, activity, action, object)
            .with_clients(clients)
            .with_occurred_at(DateTime::from_timestamp_nanos(nanoseconds / 2))
            .with_disclosure(Disclosure::new(words.1, words.2, words.3), LegalBasis::tpo())
            .with_break_glass(BreakGlass::new(words.4, at));
        let event = if flags[3] { event.with_outcome(Outcome::serious("full")) } else { event };
        if flags[4] { event.with_network(Network::new(ip).with_user_agent(&agent)) } else { event }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
        "[^\\p{Cc}]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[^\\p{Cc}]{0,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn decode_after_encode_is_the_identity(event in any_event()) {
        let encoded = event.encode().unwrap();
        prop_assert_eq!(Event::decode(encoded.as_bytes()), Ok(event));
    }

    #[test]
    fn encode_after_decode_is_the_identity_with_unknown_fields(
        event in any_event(),
        extra in prop::collection::btree_map("zz[^\\p{Cc}]{0,8}", any_json(), 1..4),
        inner in any_json(),
    ) {
        let bytes = changed(&event, |value| {
            value.as_object_mut().unwrap().extend(extra);
            value["object"]["zz"] = inner;
        });
        let decoded = Event::decode(&bytes);
        prop_assert!(decoded.is_ok(), "{:?}", decoded);
        let encoded = decoded.unwrap().encode().unwrap();
        prop_assert_eq!(encoded.as_bytes(), bytes);
    }

    #[test]
    fn a_changed_byte_is_refused_or_is_another_event(
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let event = full_event();
        let mut bytes = event.encode().unwrap().into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        if let Ok(other) = Event::decode(&bytes) {
            prop_assert_ne!(&other, &event);
            let encoded = other.encode().unwrap();
            prop_assert_eq!(encoded.as_bytes(), bytes);
        }
    }

    #[test]
    fn no_bytes_make_decoding_panic(bytes in any::<Vec<u8>>()) {
        prop_assert!(Event::decode(&bytes).is_err());
    }
}
