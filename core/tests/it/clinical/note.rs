use std::fmt::Write as _;

use chrono::TimeDelta;
use mentalspace_core::{
    AmendmentKind, AmendmentText, BillingRules, Clinician, CosignRule, Cosignature, LockedFrom, Missing, Note, NoteAct,
    NoteContent, NoteError, NoteFormat, NoteHeader, NoteKind, NoteStatus, NoteText, Period, Section, SessionTimes,
    SignatureKind, Supervision, Tampered, Unlock,
    store::Document,
    testing::clinical::{
        appointment_id, associate, at, client, clinician, content, day, diagnoses, draft, header, id, pending, signed,
        signing, text,
    },
};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

const ACTS: [NoteAct; 11] = [
    NoteAct::Edit,
    NoteAct::Sign,
    NoteAct::SignForCosign,
    NoteAct::Cosign,
    NoteAct::Return,
    NoteAct::Reassign,
    NoteAct::Lock,
    NoteAct::Unlock(LockedFrom::Draft),
    NoteAct::Unlock(LockedFrom::Signed),
    NoteAct::Unlock(LockedFrom::Cosigned),
    NoteAct::Amend,
];

fn addition(kind: AmendmentKind) -> AmendmentText {
    AmendmentText {
        kind,
        reason: text("left out"),
        text: text("the client called later"),
        sections: vec![Section::Data],
    }
}

fn leave(from: &str, until: &str) -> Unlock {
    Unlock { by: id(190), at: at(from), until: at(until), reason: text("author was ill") }
}

fn changed() -> NoteContent {
    let mut content = content();
    content.sections.insert(Section::Plan, text("another plan"));
    content
}

#[test]
fn every_pair_of_status_and_act_is_decided() {
    let mut table = String::new();
    for status in NoteStatus::ALL {
        for act in ACTS {
            let next = status.after(act).map_or("-", NoteStatus::name);
            writeln!(table, "{:<22} {:<22} {next}", status.name(), format!("{act:?}")).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn nothing_signed_becomes_writable_again_except_by_the_supervisor_who_waits_with_it() {
    for status in NoteStatus::ALL {
        for act in ACTS {
            let opens = matches!(status.after(act), Some(NoteStatus::Draft | NoteStatus::ReturnedForRevision));
            let was_open = matches!(status, NoteStatus::Draft | NoteStatus::ReturnedForRevision);
            let allowed = act == NoteAct::Return || act == NoteAct::Unlock(LockedFrom::Draft);
            assert!(!opens || was_open || allowed, "{status} {act}");
        }
    }
}

/// N1: a note with empty required fields cannot be completed.
#[test]
fn each_kind_lists_everything_it_lacks() {
    let mut table = String::new();
    for kind in NoteKind::ALL {
        for format in [NoteFormat::Soap, NoteFormat::Dap, NoteFormat::Birp, NoteFormat::Girp, NoteFormat::Narrative] {
            let empty = NoteContent { format, ..NoteContent::default() };
            let missing: Vec<_> = empty.missing(kind).iter().map(Missing::to_string).collect();
            writeln!(table, "{kind} {format:?}: {}", missing.join("; ")).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

/// N1.
#[test]
fn an_incomplete_note_cannot_be_signed() {
    let mut lacking = content();
    lacking.sections.remove(&Section::Assessment);
    lacking.diagnoses = diagnoses(&[]);
    lacking.times = None;
    let refused = Note::draft(header(), lacking).unwrap().sign(signing(clinician().id), Cosignature::NotNeeded);
    let missing = vec![Missing::Section(Section::Assessment), Missing::Diagnosis, Missing::Times];
    assert_eq!(refused, Err(NoteError::Incomplete(missing)));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the note is not complete: section assessment is empty; no diagnosis; no start and stop time"
    );
}

/// N1: white space fills nothing.
#[test]
fn a_section_of_white_space_does_not_exist() {
    for blank in ["", "   ", "\r\n\t\n"] {
        assert!(NoteText::parse(blank).is_err());
    }
    assert!(NoteText::parse("x".repeat(20_001)).is_err());
    assert!(NoteText::parse("bell\u{7}").is_err());
    assert_eq!(NoteText::parse(" two\r\nlines\t ").unwrap().expose(), "two\nlines");
}

#[test]
fn what_a_kind_must_not_hold_keeps_it_from_being_signed() {
    let mut cancelled = NoteContent { times: content().times, ..NoteContent::default() };
    cancelled.sections.insert(Section::Reason, text("ill"));
    assert_eq!(cancelled.missing(NoteKind::Cancellation), [Missing::NoTimesAllowed]);
    let mut supervision =
        NoteContent { times: content().times, diagnoses: diagnoses(&["F411"]), ..NoteContent::default() };
    supervision.sections.insert(Section::Narrative, text("case discussion"));
    assert_eq!(supervision.missing(NoteKind::Supervision), [Missing::NoDiagnosisAllowed]);
}

#[test]
fn kinds_know_whether_they_belong_to_an_appointment_and_a_client() {
    let draft = |change: fn(&mut NoteHeader)| {
        let mut header = header();
        change(&mut header);
        Note::draft(header, NoteContent::default()).map(|_| ())
    };
    assert_eq!(
        draft(|h| h.appointment = None),
        Err(NoteError::WrongHeader(NoteKind::Progress, "belongs to an appointment"))
    );
    assert_eq!(
        draft(|h| h.kind = NoteKind::Contact),
        Err(NoteError::WrongHeader(NoteKind::Contact, "belongs to no appointment"))
    );
    assert_eq!(draft(|h| h.client = None), Err(NoteError::WrongHeader(NoteKind::Progress, "belongs to a client")));
    let supervision = draft(|h| (h.kind, h.appointment) = (NoteKind::Supervision, None));
    assert_eq!(supervision, Err(NoteError::WrongHeader(NoteKind::Supervision, "belongs to no client")));
    assert_eq!(draft(|h| (h.kind, h.appointment, h.client) = (NoteKind::Supervision, None, None)), Ok(()));
}

#[test]
fn only_the_author_writes_and_signs() {
    let other = associate().id;
    assert_eq!(draft().edit(other, content(), at("2026-03-02T18:00:00Z")), Err(NoteError::NotTheAuthor));
    assert_eq!(draft().sign(signing(other), Cosignature::NotNeeded), Err(NoteError::NotTheAuthor));
}

#[test]
fn a_signed_note_is_neither_signed_nor_written_again() {
    let author = clinician().id;
    assert_eq!(signed().sign(signing(author), Cosignature::NotNeeded), Err(NoteError::AlreadySigned));
    assert_eq!(pending().sign(signing(associate().id), Cosignature::By(author)), Err(NoteError::AlreadySigned));
    let edited = signed().edit(author, changed(), at("2026-03-04T18:00:00Z"));
    assert_eq!(edited, Err(NoteError::NotPossible { status: NoteStatus::Signed, act: NoteAct::Edit }));
}

#[test]
fn the_supervisor_of_the_day_co_signs() {
    let cosigned = pending().cosign(signing(clinician().id), &clinician()).unwrap();
    assert_eq!(cosigned.status(), NoteStatus::Cosigned);
    let kinds: Vec<_> = cosigned.reading().signatures.iter().map(|s| (s.kind, s.signing.by)).collect();
    assert_eq!(kinds, [(SignatureKind::Author, associate().id), (SignatureKind::Cosign, clinician().id)]);
    assert_eq!(cosigned.reading().signatures[0].digest, cosigned.reading().signatures[1].digest);
    assert_eq!(cosigned.verify(), Ok(()));
}

#[test]
fn nobody_co_signs_an_own_note() {
    let own = draft().sign(signing(clinician().id), Cosignature::By(clinician().id));
    assert_eq!(own, Err(NoteError::OwnNote));
    let author = associate();
    assert_eq!(pending().cosign(signing(author.id), &author), Err(NoteError::OwnNote));
    assert_eq!(
        pending().return_for_revision(author.id, at("2026-03-04T18:00:00Z"), &text("no")),
        Err(NoteError::OwnNote)
    );
}

#[test]
fn another_supervisor_does_not_co_sign_unless_it_is_handed_over() {
    let other = Clinician { id: id(12), ..clinician() };
    assert_eq!(pending().cosign(signing(other.id), &other), Err(NoteError::NotTheCosigner));
    assert_eq!(pending().cosign(signing(clinician().id), &other), Err(NoteError::NotTheCosigner));
    let mut author = associate();
    assert_eq!(pending().reassign(&author, other.id, day("2026-03-05")), Err(NoteError::NoSupervisor));
    author.supervision.push(Supervision { supervisor: other.id, in_force: Period::since(day("2026-03-04")) });
    let handed = pending().reassign(&author, other.id, day("2026-03-05")).unwrap();
    assert_eq!(handed.clone().cosign(signing(clinician().id), &clinician()), Err(NoteError::NotTheCosigner));
    assert_eq!(handed.cosign(signing(other.id), &other).unwrap().status(), NoteStatus::Cosigned);
}

#[test]
fn somebody_under_supervision_does_not_co_sign() {
    let mut supervisor = clinician();
    supervisor.supervision.push(Supervision { supervisor: id(12), in_force: Period::since(day("2026-01-01")) });
    assert_eq!(pending().cosign(signing(supervisor.id), &supervisor), Err(NoteError::CosignerIsSupervised));
}

#[test]
fn a_signed_note_needs_no_second_opinion() {
    let refused = signed().cosign(signing(id(12)), &Clinician { id: id(12), ..clinician() });
    assert_eq!(refused, Err(NoteError::NotPossible { status: NoteStatus::Signed, act: NoteAct::Cosign }));
}

#[test]
fn who_must_co_sign_follows_supervision_on_the_day_and_the_payer() {
    let needed = |author: &Clinician, kind, rules: Option<&BillingRules>, on: &str| {
        Cosignature::needed(author, kind, rules, day(on))
    };
    let progress = NoteKind::Progress;
    assert_eq!(needed(&associate(), progress, None, "2025-01-01"), Ok(Cosignature::By(clinician().id)));
    assert_eq!(needed(&associate(), progress, None, "2024-12-31"), Ok(Cosignature::NotNeeded));
    assert_eq!(needed(&associate(), NoteKind::Supervision, None, "2026-01-01"), Ok(Cosignature::NotNeeded));
    let asks = BillingRules {
        cosign: vec![CosignRule {
            credential: clinician().credentials[0].clone(),
            in_force: Period::since(day("2026-01-01")),
        }],
        ..BillingRules::default()
    };
    assert_eq!(needed(&clinician(), progress, Some(&asks), "2025-12-31"), Ok(Cosignature::NotNeeded));
    assert_eq!(needed(&clinician(), progress, Some(&asks), "2026-01-01"), Err(NoteError::NoSupervisor));
    assert_eq!(needed(&clinician(), NoteKind::Contact, Some(&asks), "2026-01-01"), Ok(Cosignature::NotNeeded));
}

/// N5: the version history is complete and ordered.
#[test]
fn a_returned_note_keeps_the_text_and_the_revoked_signature() {
    let when = at("2026-03-04T18:00:00Z");
    let returned = pending().return_for_revision(clinician().id, when, &text("say more")).unwrap();
    assert_eq!((returned.status(), returned.verify()), (NoteStatus::ReturnedForRevision, Ok(())));
    let revoked = returned.reading().signatures[0].revoked.as_ref().unwrap();
    assert_eq!((revoked.by, revoked.at, revoked.reason.expose()), (clinician().id, when, "say more"));

    let author = associate().id;
    let refused = returned.clone().sign(signing(author), Cosignature::NotNeeded);
    assert!(matches!(refused, Err(NoteError::NotPossible { .. })), "a co-signature once asked for stays asked for");
    let again = returned.edit(author, changed(), when).unwrap().sign(signing(author), Cosignature::By(clinician().id));
    let again = again.unwrap();
    assert_eq!((again.status(), again.verify()), (NoteStatus::PendingCosign, Ok(())));
    let versions: Vec<_> = again.versions().collect();
    assert_eq!(versions.iter().map(|(_, seal)| seal.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(versions.iter().map(|(content, _)| *content).collect::<Vec<_>>(), [&content(), &changed()]);
    assert_eq!(versions[1].1.previous.as_ref(), Some(&versions[0].1.digest));
    assert!(again.reading().signatures[1].revoked.is_none());
}

/// N2: amendment text is shown wherever the amended note is shown.
#[test]
fn an_amendment_stands_beside_the_text_it_does_not_touch() {
    let before = signed();
    let once = before.clone().amend(signing(clinician().id), addition(AmendmentKind::Addendum)).unwrap();
    let twice = once.amend(signing(clinician().id), addition(AmendmentKind::Correction)).unwrap();
    let reading = twice.reading();
    assert_eq!(reading.content, before.reading().content);
    assert_eq!(
        reading.amendments.iter().map(|a| (a.number, a.added.kind)).collect::<Vec<_>>(),
        [(1, AmendmentKind::Addendum), (2, AmendmentKind::Correction)]
    );
    assert_eq!(reading.amendments[1].previous, reading.amendments[0].digest);
    assert_eq!(reading.signatures.len(), 3);
    assert_eq!((twice.status(), twice.verify()), (NoteStatus::Signed, Ok(())));
}

#[test]
fn only_author_and_co_signer_amend_and_only_what_is_final() {
    let add = || addition(AmendmentKind::Addendum);
    assert_eq!(signed().amend(signing(associate().id), add()), Err(NoteError::MayNotAmend));
    assert!(matches!(draft().amend(signing(clinician().id), add()), Err(NoteError::NotPossible { .. })));
    assert!(matches!(pending().amend(signing(associate().id), add()), Err(NoteError::NotPossible { .. })));
    let cosigned = pending().cosign(signing(clinician().id), &clinician()).unwrap();
    assert!(cosigned.clone().amend(signing(clinician().id), add()).is_ok());
    assert!(cosigned.lock().unwrap().amend(signing(associate().id), add()).is_ok());
    let locked_unsigned = draft().lock().unwrap();
    assert!(matches!(locked_unsigned.amend(signing(clinician().id), add()), Err(NoteError::NotPossible { .. })));
}

#[test]
fn the_weekly_lock_closes_a_draft_until_somebody_gives_leave() {
    let author = clinician().id;
    let locked = draft().lock().unwrap();
    assert!(!locked.is_signed_off());
    let refused = locked.clone().sign(signing(author), Cosignature::NotNeeded);
    assert_eq!(refused, Err(NoteError::NotPossible { status: NoteStatus::Locked, act: NoteAct::Sign }));
    let short = leave("2026-03-02T20:00:00Z", "2026-03-02T20:00:00Z");
    assert_eq!(locked.clone().unlock(short), Err(NoteError::UnlockTooShort));

    let open = locked.unlock(leave("2026-03-02T20:00:00Z", "2026-03-03T01:00:01Z")).unwrap();
    assert_eq!(open.clone().sign(signing(author), Cosignature::NotNeeded).unwrap().status(), NoteStatus::Signed);
    let late = at("2026-03-03T01:00:01Z");
    assert_eq!(open.clone().edit(author, changed(), late), Err(NoteError::UnlockExpired));
    assert_eq!(open.lock().unwrap().status(), NoteStatus::Locked, "it closes again");
}

#[test]
fn a_signed_note_stays_signed_through_lock_and_unlock() {
    let locked = signed().lock().unwrap();
    assert!(locked.is_signed_off());
    let open = locked.unlock(leave("2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z")).unwrap();
    assert_eq!((open.status(), open.verify()), (NoteStatus::Signed, Ok(())));
    assert!(matches!(
        open.edit(clinician().id, changed(), at("2026-03-04T01:00:00Z")),
        Err(NoteError::NotPossible { .. })
    ));
}

#[test]
fn any_change_to_a_signed_record_shows() {
    let amended = signed().amend(signing(clinician().id), addition(AmendmentKind::Addendum)).unwrap();
    let tampered = |pointer: &str, value: serde_json::Value| {
        let mut json = serde_json::to_value(&amended).unwrap();
        *json.pointer_mut(pointer).unwrap() = value;
        serde_json::from_value::<Note>(json).unwrap().verify()
    };
    assert_eq!(tampered("/content/sections/plan", "something else".into()), Err(Tampered::Version(1)));
    assert_eq!(tampered("/content/diagnoses", serde_json::json!(["F411"])), Err(Tampered::Version(1)));
    assert_eq!(tampered("/header/service_date", "2026-03-01".into()), Err(Tampered::Version(1)));
    assert_eq!(tampered("/seal/signing/at", "2026-03-02T01:00:00Z".into()), Err(Tampered::Version(1)));
    assert_eq!(tampered("/amendments/0/added/text", "something else".into()), Err(Tampered::Amendment(1)));
    assert_eq!(tampered("/amendments", serde_json::json!([])), Err(Tampered::Signatures));
    assert_eq!(tampered("/status", "draft".into()), Err(Tampered::Status));
    assert_eq!(tampered("/signatures/0/signing/method", "pin".into()), Err(Tampered::Signatures));
    assert_eq!(tampered("/signatures/0/kind", "cosign".into()), Err(Tampered::Signatures));
    assert_eq!(tampered("/signatures/0/kind", "author".into()), Ok(()), "nothing changed");
}

#[test]
fn a_co_signature_is_neither_made_up_nor_lost() {
    let cosigned = pending().cosign(signing(clinician().id), &clinician()).unwrap();
    let tampered = |change: fn(&mut serde_json::Value)| {
        let mut json = serde_json::to_value(&cosigned).unwrap();
        change(&mut json);
        serde_json::from_value::<Note>(json).unwrap().verify()
    };
    assert_eq!(tampered(|_| {}), Ok(()));
    assert_eq!(tampered(|note| note["signatures"].as_array_mut().unwrap().truncate(1)), Err(Tampered::Signatures));
    assert_eq!(tampered(|note| note["status"] = "signed".into()), Err(Tampered::Signatures));
    assert_eq!(tampered(|note| note["cosigner"] = note["header"]["author"].clone()), Err(Tampered::Signatures));
    let mut json = serde_json::to_value(pending()).unwrap();
    json["status"] = "cosigned".into();
    assert_eq!(serde_json::from_value::<Note>(json).unwrap().verify(), Err(Tampered::Signatures));
}

#[test]
fn two_notes_of_equal_text_have_different_digests() {
    let other = Note::draft(NoteHeader { id: id(51), ..header() }, content()).unwrap();
    let other = other.sign(signing(clinician().id), Cosignature::NotNeeded).unwrap();
    let digest = |note: &Note| note.versions().next().unwrap().1.digest.clone();
    assert_ne!(digest(&signed()), digest(&other));
}

#[test]
fn at_most_one_note_of_a_kind_belongs_to_an_appointment() {
    let key = |note: &Note| note.terms().into_iter().find(|term| format!("{term:?}").contains("appointment_kind"));
    let (one, two) = (draft(), Note::draft(NoteHeader { id: id(51), ..header() }, content()).unwrap());
    assert!(key(&one).is_some());
    assert_eq!(key(&one), key(&two));
    let consultation = NoteHeader { kind: NoteKind::Consultation, ..header() };
    assert_ne!(key(&one), key(&Note::draft(consultation, content()).unwrap()));
    assert!(format!("{:?}", key(&one)).contains("unique: true"));
    assert!(format!("{:?}", key(&one)).contains(&appointment_id().to_string()));
}

#[test]
fn a_waiting_note_is_found_by_its_co_signer() {
    let has = |note: &Note| note.terms().iter().any(|term| format!("{term:?}").contains("cosigner"));
    assert!(has(&pending()) && !has(&pending().cosign(signing(clinician().id), &clinician()).unwrap()));
}

#[test]
fn minutes_are_whole_and_without_breaks() {
    let start = at("2026-03-02T16:00:00Z");
    let minutes = |seconds, pause| {
        SessionTimes::new(start, start + TimeDelta::seconds(seconds), pause).map(SessionTimes::minutes)
    };
    assert_eq!(minutes(53 * 60 - 1, 0), Ok(52));
    assert_eq!(minutes(60 * 60, 8), Ok(52));
    assert_eq!(minutes(60 * 60, 60), Ok(0));
    assert!(minutes(60 * 60, 61).is_err());
    assert!(minutes(0, 0).is_err());
    assert!(minutes(-60, 0).is_err());
    assert!(minutes(24 * 3600 + 1, 0).is_err());
}

#[test]
fn diagnoses_are_different_and_at_most_twelve() {
    let codes = |count: u32| (0..count).map(|n| format!("F{n:02}0")).collect::<Vec<_>>();
    let read = |codes: &[String]| serde_json::from_value::<mentalspace_core::Diagnoses>(serde_json::json!(codes));
    assert_eq!(read(&codes(12)).unwrap().expose().len(), 12);
    assert!(read(&codes(13)).is_err());
    assert!(read(&["F41.1".to_owned(), "f411".to_owned()]).is_err());
}

#[test]
fn a_client_is_the_owner_of_a_note() {
    assert_eq!(Document::client(&draft()), Some(client().id));
}

proptest! {
    /// N5: whatever is tried in whatever order, what was signed stays, in order, and verifies.
    #[test]
    fn no_sequence_of_acts_changes_what_was_signed(acts in proptest::collection::vec(0_u8..9, 0..24)) {
        let (author, supervisor) = (associate(), clinician());
        let mut now = Note::draft(NoteHeader { author: author.id, ..header() }, content()).unwrap();
        let mut digests: Vec<String> = Vec::new();
        let when = at("2026-03-02T22:00:00Z");
        for act in acts {
            let tried = now.clone();
            let done = match act {
                0 => tried.edit(author.id, changed(), when),
                1 => tried.edit(author.id, content(), when),
                2 => tried.sign(signing(author.id), Cosignature::By(supervisor.id)),
                3 => tried.cosign(signing(supervisor.id), &supervisor),
                4 => tried.return_for_revision(supervisor.id, when, &text("more")),
                5 => tried.lock(),
                6 => tried.unlock(leave("2026-03-02T20:00:00Z", "2026-03-09T20:00:00Z")),
                7 => tried.amend(signing(author.id), addition(AmendmentKind::Addendum)),
                _ => tried.sign(signing(author.id), Cosignature::NotNeeded),
            };
            now = done.unwrap_or(now);
            prop_assert_eq!(now.verify(), Ok(()));
            let seals = now.versions().map(|(_, seal)| seal.digest.to_string());
            let chain: Vec<_> = seals.chain(now.reading().amendments.iter().map(|a| a.digest.to_string())).collect();
            prop_assert_eq!(&chain[..digests.len().min(chain.len())], &digests[..]);
            prop_assert_eq!(now.is_signed_off(), now.reading().signatures.iter().any(|s| s.revoked.is_none() && s.kind != SignatureKind::Amendment) && now.status() != NoteStatus::PendingCosign);
            let json = serde_json::to_string(&now).unwrap();
            prop_assert!(serde_json::from_str::<Note>(&json).unwrap() == now);
            digests = chain;
        }
    }
}
