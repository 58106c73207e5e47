use std::collections::BTreeSet;
use std::io::{self, BufReader, Read};

use mentalspace_audit::merkle::{Hash, ProofError, Tree};
use mentalspace_audit::{
    Checkpoint, CheckpointError, EncodedEvent, EventError, ExportError, ExportWriter, LogHead, Note, NoteError, Report,
    Signer, VerifierKey, VerifyError, verify,
};

use crate::testing::{ORIGIN, at, event, full_event, signer};

/// A log of a few events, of which the second is full.
struct Log {
    events: Vec<EncodedEvent>,
    tree: Tree,
    checkpoint: String,
}

impl Log {
    fn of(count: u64) -> Self {
        Self::with(0..count)
    }

    fn with(numbers: impl Iterator<Item = u64>) -> Self {
        let events: Vec<_> = numbers
            .map(|number| match number {
                1 => full_event().encode().unwrap(),
                _ => event(number).encode().unwrap(),
            })
            .collect();
        let mut head = LogHead::new();
        let leaves = events.iter().map(EncodedEvent::leaf_hash);
        let checkpoint = head.integrate(leaves.clone(), &signer(), &[]).unwrap();
        let tree = leaves.collect();
        Self { events, tree, checkpoint }
    }

    fn proof(&self, index: u64) -> Vec<Hash> {
        self.tree.prove_inclusion(index, self.tree.size()).unwrap()
    }

    /// The export of the events with these indices.
    fn export(&self, indices: &[u64]) -> String {
        let count = indices.len() as u64;
        let mut export = ExportWriter::new(Vec::new(), &self.checkpoint, signer().verifier(), count).unwrap();
        for &index in indices {
            export.write(index, &self.events[index as usize], &self.proof(index)).unwrap();
        }
        String::from_utf8(export.finish().unwrap()).unwrap()
    }

    fn complete(&self) -> String {
        let indices: Vec<_> = (0..self.tree.size()).collect();
        self.export(&indices)
    }
}

fn trusted() -> [VerifierKey; 1] {
    [signer().verifier().clone()]
}

fn verified(export: &str) -> Result<Report, VerifyError> {
    verify(export.as_bytes(), &trusted())
}

/// What `verify` says, as text without the causes.
fn refusal(export: &str) -> VerifyError {
    verified(export).expect_err("an export that must be refused")
}

/// The export with one of its lines, from 1, put through `change`.
fn with_line(export: &str, line: usize, change: impl Fn(&str) -> String) -> String {
    let lines = export.lines().enumerate();
    lines
        .map(|(index, text)| if index + 1 == line { change(text) } else { text.to_owned() })
        .fold(String::new(), |all, text| all + &text + "\n")
}

fn line(index: u64, event: &str, proof: Option<&[Hash]>) -> String {
    let event = serde_json::to_string(event).unwrap();
    let proof = proof.map_or(String::new(), |proof| format!(",\"proof\":{}", serde_json::to_string(proof).unwrap()));
    format!("{{\"index\":\"{index}\",\"event\":{event}{proof}}}")
}

#[test]
fn the_format_of_an_export_never_changes() {
    insta::assert_snapshot!(Log::of(1).complete(), @r#"
{"format":"mentalspace-audit-export/1","origin":"audit.example/practice-1","verifier_key":"audit.example/practice-1+ee66da00+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs","checkpoint":"audit.example/practice-1\n1\n/euiHS4lVXKip+NjGkl4oFERdSOcpB1CUdVSqz3d9eA=\n\n— audit.example/practice-1 7mbaAOnnaZtrERmnQTvDuL32BIm3XSA+dErnUvYeIKdWKhJ2lIuyW2+Rt5j6NVioumzcm6N9X1rpOFwWkoVJvSVWNQ4=\n","events":"1"}
{"index":"0","event":"{\"action\":\"read\",\"activity\":\"note.read\",\"actor\":{\"kind\":\"user\",\"user\":\"01970000-0000-7000-8000-0000000007d0\"},\"clients\":[\"01970000-0000-7000-8000-000000000fa0\"],\"id\":\"01970000-0000-7000-8000-000000000000\",\"object\":{\"id\":\"01970000-0000-7000-8000-000000000bb8\",\"kind\":\"note\"},\"occurred_at\":\"2026-01-01T00:00:00.123456789Z\",\"outcome\":{\"kind\":\"success\"},\"practice\":\"01970000-0000-7000-8000-0000000003e8\",\"purpose\":\"TREAT\",\"recorded_at\":\"2026-01-01T00:00:00.123456789Z\",\"schema_version\":1}"}
"#);
    insta::assert_snapshot!(Log::of(3).export(&[2]), @r#"
{"format":"mentalspace-audit-export/1","origin":"audit.example/practice-1","verifier_key":"audit.example/practice-1+ee66da00+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs","checkpoint":"audit.example/practice-1\n3\nzMul65WSKGExpWNt+Z2dRGRnUuP+MkTGXYtpSY9HV6U=\n\n— audit.example/practice-1 7mbaAPj8JO0y6QUolcrwfMpnCmKD/SmLmdaDzGzifJyu/8j4nSOMHY9cgvA8uXHh/OvZiafwhHR1PG4rK5fce3VM6gc=\n","events":"1"}
{"index":"2","event":"{\"action\":\"read\",\"activity\":\"note.read\",\"actor\":{\"kind\":\"user\",\"user\":\"01970000-0000-7000-8000-0000000007d0\"},\"clients\":[\"01970000-0000-7000-8000-000000000fa0\"],\"id\":\"01970000-0000-7000-8000-000000000002\",\"object\":{\"id\":\"01970000-0000-7000-8000-000000000bb8\",\"kind\":\"note\"},\"occurred_at\":\"2026-01-01T00:00:02.123456789Z\",\"outcome\":{\"kind\":\"success\"},\"practice\":\"01970000-0000-7000-8000-0000000003e8\",\"purpose\":\"TREAT\",\"recorded_at\":\"2026-01-01T00:00:02.123456789Z\",\"schema_version\":1}","proof":["NHcLibWSSznHDoByDYEcQ8rb3kNFOiiP9BReFjSk4iw="]}
"#);
}

#[test]
fn a_complete_export_proves_the_whole_log() {
    let log = Log::of(21);
    let report = verified(&log.complete()).unwrap();
    assert_eq!((report.size, report.events_verified), (21, 21));
    assert_eq!(Some(report.root), log.tree.root(21));
    assert_eq!(report.origin, ORIGIN);
    assert!(report.complete && report.signed_by_trusted_key);
    assert_eq!(report.first_recorded_at, Some(at(0)));
    assert_eq!(report.last_recorded_at, Some(at(20)));
    assert!(!log.complete().contains("\"proof\""));
}

#[test]
fn a_partial_export_proves_each_of_its_events() {
    let log = Log::of(21);
    let report = verified(&log.export(&[3, 4, 19])).unwrap();
    assert_eq!((report.size, report.events_verified), (21, 3));
    assert!(!report.complete);
    assert_eq!(report.first_recorded_at, Some(at(3)));
    assert_eq!(report.last_recorded_at, Some(at(19)));
    let nothing_found = verified(&log.export(&[])).unwrap();
    assert_eq!((nothing_found.events_verified, nothing_found.complete), (0, false));
    assert_eq!(nothing_found.last_recorded_at, None);
}

#[test]
fn the_report_spans_the_earliest_and_the_latest_time() {
    let report = verified(&Log::with([5, 3, 9, 4].into_iter()).complete()).unwrap();
    assert_eq!(report.first_recorded_at, Some(at(3)));
    assert_eq!(report.last_recorded_at, Some(at(9)));
}

#[test]
fn the_empty_log_has_a_complete_export() {
    let report = verified(&Log::of(0).complete()).unwrap();
    assert_eq!((report.size, report.complete), (0, true));
    assert_eq!(report.root, Hash::empty_root());
}

#[test]
fn an_export_read_without_a_trusted_key_says_so() {
    let report = verify(Log::of(3).complete().as_bytes(), &[]).unwrap();
    assert!(!report.signed_by_trusted_key);
    let other = Signer::from_seed(ORIGIN, &[8; 32]).unwrap();
    let keys = [other.verifier().clone(), signer().verifier().clone()];
    assert!(verify(Log::of(3).complete().as_bytes(), &keys).unwrap().signed_by_trusted_key);
    let refused = verify(Log::of(3).complete().as_bytes(), &keys[..1]);
    assert!(matches!(refused, Err(VerifyError::UntrustedKey)));
}

#[test]
fn lines_that_the_writer_does_not_write_are_refused() {
    let export = Log::of(3).complete();
    let changes: [&dyn Fn(&str) -> String; 6] = [
        &|line| format!("{line} "),
        &|line| format!("{line}\r"),
        &|line| line.replacen(':', ": ", 1),
        &|line| line.replacen("\":\"", "\":\"\\u0030", 1),
        &|line| line.replacen('{', "{\"more\":1,", 1),
        &|_| String::new(),
    ];
    for number in 1..=4 {
        for change in changes {
            let refused = refusal(&with_line(&export, number, change));
            let VerifyError::BadLine { line } = refused else { panic!("{refused}") };
            assert_eq!(line, number as u64);
        }
    }
    let more = with_line(&export, 1, |line| line.replacen("\"3\"", "\"03\"", 1));
    assert!(matches!(refusal(&more), VerifyError::BadLine { line: 1 }));
    let above_size = with_line(&export, 1, |line| line.replacen("\"3\"", "\"4\"", 1));
    assert!(matches!(refusal(&above_size), VerifyError::BadLine { line: 1 }));
}

#[test]
fn an_unknown_format_is_refused() {
    let export = Log::of(1).complete().replacen("export/1", "export/2", 1);
    assert!(matches!(refusal(&export), VerifyError::UnknownFormat));
}

#[test]
fn a_checkpoint_that_is_not_the_signed_one_is_refused() {
    let log = Log::of(3);
    let export = log.complete();
    let resized = export.replacen("\\n3\\n", "\\n2\\n", 1);
    assert!(matches!(refusal(&resized), VerifyError::BadSignature));
    let unsigned = export.replacen("\\n\u{2014} ", "\\n\u{2014} x", 1);
    assert!(matches!(refusal(&unsigned), VerifyError::BadSignature));
    let hyphen = export.replacen('\u{2014}', "-", 1);
    assert!(matches!(refusal(&hyphen), VerifyError::BadCheckpoint(CheckpointError::Note(NoteError::Malformed))));
    let other_origin = export.replacen(ORIGIN, "audit.example/practice-2", 1);
    assert!(matches!(refusal(&other_origin), VerifyError::BadCheckpoint(CheckpointError::Origin)));
}

#[test]
fn the_key_of_another_log_proves_nothing_about_this_one() {
    let log = Log::of(1);
    let other = Signer::from_seed("audit.example/practice-2", &[8; 32]).unwrap();
    let text = log.checkpoint.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let note = Note::new(text).unwrap().sign(&[&other]);
    let header = log.complete();
    let header = header.lines().next().unwrap();
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let header = header
        .replace(&signer().verifier().to_string(), &other.verifier().to_string())
        .replace(&json(&log.checkpoint), &json(&note));
    let export = with_line(&log.complete(), 1, |_| header.clone());
    let refused = verify(export.as_bytes(), &[other.verifier().clone()]);
    let origin = CheckpointError::Origin;
    assert!(matches!(refused, Err(VerifyError::BadCheckpoint(error)) if error == origin));
}

#[test]
fn invalid_events_are_refused_with_their_place() {
    let export = with_line(&Log::of(3).complete(), 3, |_| line(1, "{}", None));
    assert!(matches!(
        refusal(&export),
        VerifyError::BadEvent { line: 3, index: 1, source: EventError::Malformed { .. } }
    ));
}

#[test]
fn events_out_of_order_are_refused() {
    let log = Log::of(4);
    let (first, third) = (log.events[0].as_str(), log.events[2].as_str());
    let skipped = with_line(&log.complete(), 2, |_| line(1, first, None));
    assert!(matches!(refusal(&skipped), VerifyError::BadOrder { line: 2, index: 1 }));
    let repeated = with_line(&log.complete(), 3, |_| line(0, first, None));
    assert!(matches!(refusal(&repeated), VerifyError::BadOrder { line: 3, index: 0 }));
    let twice = with_line(&log.export(&[2, 3]), 3, |_| line(2, third, Some(&log.proof(2))));
    assert!(matches!(refusal(&twice), VerifyError::BadOrder { line: 3, index: 2 }));
}

#[test]
fn a_proof_that_is_missing_superfluous_or_of_another_event_is_refused() {
    let log = Log::of(4);
    let second = log.events[1].as_str();
    let superfluous = with_line(&log.complete(), 3, |_| line(1, second, Some(&log.proof(1))));
    assert!(matches!(refusal(&superfluous), VerifyError::BadProof { line: 3, index: 1, source: None }));
    let partial = log.export(&[1]);
    let missing = with_line(&partial, 2, |_| line(1, second, None));
    assert!(matches!(refusal(&missing), VerifyError::BadProof { line: 2, index: 1, source: None }));
    for (index, event, proof, reason) in [
        (1, 1, log.proof(2), ProofError::Root),
        (1, 2, log.proof(1), ProofError::Root),
        (2, 1, log.proof(1), ProofError::Root),
        (1, 1, log.proof(1)[..1].to_vec(), ProofError::Length),
        (4, 1, log.proof(1), ProofError::Index),
        (u64::MAX, 1, log.proof(1), ProofError::Index),
    ] {
        let event = log.events[event].as_str();
        let export = with_line(&partial, 2, |_| line(index, event, Some(&proof)));
        let refused = refusal(&export);
        let VerifyError::BadProof { line: 2, source: Some(source), .. } = refused else {
            panic!("{refused}");
        };
        assert_eq!(source, reason);
    }
}

#[test]
fn a_changed_event_of_a_complete_export_misses_the_root() {
    let log = Log::of(4);
    let other = event(2).with_trace_id("changed").encode().unwrap();
    let export = with_line(&log.complete(), 4, |_| line(2, other.as_str(), None));
    assert!(matches!(refusal(&export), VerifyError::RootMismatch));
}

#[test]
fn every_shortened_or_lengthened_export_is_refused() {
    let log = Log::of(3);
    for export in [log.complete(), log.export(&[0, 2])] {
        for length in (0..export.len()).filter(|length| export.is_char_boundary(*length)) {
            let refused = refusal(&export[..length]);
            assert!(matches!(refused, VerifyError::Truncated { .. }), "{length}: {refused}");
        }
        let end = export.lines().count() as u64 + 1;
        for behind in ["\n", " ", "{}\n", export.lines().last().unwrap()] {
            let refused = refusal(&format!("{export}{behind}"));
            assert!(matches!(refused, VerifyError::TrailingData { line } if line == end));
        }
    }
}

#[test]
fn the_length_of_a_line_is_bounded() {
    let endless = BufReader::new(io::repeat(b' '));
    let refused = verify(endless, &[]);
    assert!(matches!(refused, Err(VerifyError::LineTooLong { line: 1 })));
    let header = Log::of(2).complete();
    let header = header.split_inclusive('\n').next().unwrap();
    let second = BufReader::new(header.as_bytes().chain(io::repeat(b'{')));
    assert!(matches!(verify(second, &[]), Err(VerifyError::LineTooLong { line: 2 })));
}

#[test]
fn a_failing_reader_is_reported_with_its_line() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    let export = Log::of(2).complete();
    let reader = BufReader::new(export.as_bytes().chain(Failing));
    assert!(matches!(verify(reader, &[]), Err(VerifyError::Io { line: 4, .. })));
}

/// Flips bits of every byte and gives the offsets at which the export still verifies.
fn irrelevant_bytes(export: &str) -> BTreeSet<usize> {
    let mut irrelevant = BTreeSet::new();
    for offset in 0..export.len() {
        for mask in [0x01, 0x20, 0x80] {
            let mut changed = export.as_bytes().to_vec();
            changed[offset] ^= mask;
            if verify(changed.as_slice(), &trusted()).is_ok() {
                irrelevant.insert(offset);
            }
        }
    }
    irrelevant
}

#[test]
fn no_byte_of_a_complete_export_can_be_changed() {
    assert_eq!(irrelevant_bytes(&Log::of(3).complete()), BTreeSet::new());
}

#[test]
fn no_byte_of_a_partial_export_can_be_changed() {
    assert_eq!(irrelevant_bytes(&Log::of(3).export(&[0, 2])), BTreeSet::new());
}

/// Signatures by unknown keys prove nothing and are ignored, C2SP signed-note: the name and the
/// base64 of such a line are the only bytes of an export that may change.
#[test]
fn only_the_signature_of_an_unknown_witness_can_be_changed() {
    let mut log = Log::of(2);
    let witness = Signer::from_seed("witness.example/w1", &[9; 32]).unwrap();
    let text = log.checkpoint.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let note = Note::new(text).unwrap();
    log.checkpoint = note.sign(&[&signer(), &witness]);
    let export = log.complete();
    let line = export.split("\\n").find(|line| line.contains("witness.example")).unwrap();
    let start = line.as_ptr() as usize - export.as_ptr() as usize;
    let base64_and_name = start + "\u{2014} ".len()..start + line.len();
    let irrelevant = irrelevant_bytes(&export);
    assert!(!irrelevant.is_empty());
    assert!(irrelevant.iter().all(|offset| base64_and_name.contains(offset)));
}

#[test]
fn the_writer_refuses_what_would_not_verify() {
    let log = Log::of(4);
    let signer = signer();
    let key = signer.verifier();
    let new = |events| ExportWriter::new(Vec::new(), &log.checkpoint, key, events);
    let first = &log.events[0];

    assert!(matches!(new(5), Err(ExportError::Count)));
    let stranger = Signer::from_seed("audit.example/other", &[8; 32]).unwrap();
    let refused = ExportWriter::new(Vec::new(), &log.checkpoint, stranger.verifier(), 4);
    assert!(matches!(refused, Err(ExportError::Checkpoint(CheckpointError::Note(_)))));
    assert!(matches!(new(1).unwrap().finish(), Err(ExportError::Count)));

    let mut complete = new(4).unwrap();
    let refused = complete.write(1, first, &[]);
    assert!(matches!(refused, Err(ExportError::Order { index: 1 })));
    for index in 0..4 {
        complete.write(index, first, &[]).unwrap();
    }
    assert!(matches!(complete.write(4, first, &[]), Err(ExportError::Count)));
    assert!(matches!(complete.finish(), Err(ExportError::Root)));

    let mut partial = new(2).unwrap();
    let refused = partial.write(0, first, &[]);
    assert!(matches!(refused, Err(ExportError::Proof { index: 0, .. })));
    partial.write(1, &log.events[1], &log.proof(1)).unwrap();
    let refused = partial.write(1, &log.events[1], &log.proof(1));
    assert!(matches!(refused, Err(ExportError::Order { index: 1 })));

    let full: &mut [u8] = &mut [0; 100];
    let refused = ExportWriter::new(full, &log.checkpoint, key, 4);
    assert!(matches!(refused, Err(ExportError::Io(_))));
}

#[test]
fn errors_do_not_tell_what_the_export_holds() {
    let log = Log::of(3);
    let other = full_event().encode().unwrap();
    let wrong = other.as_str().replace("\"part2\":true", "\"part2\":\"yes\"");
    for export in [
        with_line(&log.complete(), 3, |_| line(1, &wrong, None)),
        with_line(&log.complete(), 3, |line| line.replacen("index", "unconscious", 1)),
        with_line(&log.complete(), 1, |line| line.replacen("events\":\"", "events\":\"Court", 1)),
    ] {
        let refused = refusal(&export);
        let shown = format!("{refused} {refused:?}");
        assert!(!shown.contains("Court") && !shown.contains("unconscious"), "{shown}");
    }
    assert!(Checkpoint::open("", ORIGIN, &trusted()).is_err());
}
