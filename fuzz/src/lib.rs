//! What must hold for any bytes. Each function panics when it does not; a fuzzer calls it with what it invents, the
//! replay with the corpus.

use std::process::ExitCode;

use chrono::DateTime;
use mentalspace_audit::Event;
use mentalspace_auth_policy::{
    api_key::PresentedKey,
    backup_code::BackupCode,
    hash::StoredPassword,
    out_of_band::PhoneNumber,
    password::{Blocklist, Filter, NormalizedPassword, RangeAnswer, RangeQuery},
    session::SessionToken,
    throttle::{KnownDevices, NameKey},
    totp::{Drift, TotpAuthenticator, TotpSecret, Window},
};
use mentalspace_claims::{
    acknowledge::{self, ClaimAcknowledger, Reply, Responder, Units},
    claim::{Claim, Contact, OrganizationName},
    guide::LoopTree,
    transaction::{
        document::Document,
        p837::{self, ReceiverName, Submission, Submitter},
        r835::{self, view::FileView},
    },
    validate::{FileView as FindingsView, Report, Severity, validate, validate_stream},
    x12::{Delimiters, Envelope, InterchangeParty, Reader, StreamReader, Unwritable, unwrap_lines},
};
use mentalspace_core::{Money, Phone};

/// A session token that is read is written alike, and nothing of it shows.
pub fn session_token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(token) = SessionToken::parse(text) {
        assert_eq!(secret(&token.expose()), text);
        assert!(!format!("{token:?}").contains(text));
    }
    let devices = KnownDevices::new(NameKey::new([7; 32]));
    assert!(devices.recognise("ada@harbor.example", text).is_none(), "a cookie was forged");
    let cookie = devices.remember("ada@harbor.example", Some(text), [9; 16]);
    assert!(devices.recognise("ada@harbor.example", secret(&cookie)).is_some());
    assert!(secret(&cookie).len() <= 8 * 44);
}

/// A key of a program that is read is written alike and shows its id alone; a telephone number is what was typed, or
/// none.
pub fn api_key(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(key) = PresentedKey::parse(text) {
        assert!(PresentedKey::is_meant(text));
        assert_eq!(secret(&key.expose()), text);
        let hidden = text.rsplit_once('_').expect("a key has its secret last").1;
        assert!(!format!("{key:?}").contains(hidden));
    }
    if let Ok(number) = PhoneNumber::parse(text) {
        assert!(number.expose().starts_with('+') && number.expose().len() <= 16);
        assert_eq!(number.expose(), text);
    }
}

/// A backup code that is read is shown and read again as the same code.
pub fn backup_code(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(code) = BackupCode::parse(text) {
        let shown = code.expose();
        let again = BackupCode::parse(secret(&shown)).expect("what is shown is a code");
        assert_eq!(secret(&again.expose()), secret(&shown));
    }
}

/// No text but the six digits of its moment is a one-time code.
pub fn totp_code(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let authenticator =
        TotpAuthenticator::restore(TotpSecret::from_bytes(*b"12345678901234567890"), None, Drift::default());
    let now = DateTime::from_timestamp(59, 0).expect("a moment");
    let accepted = authenticator.verify(text, now, Window::Current).is_ok();
    assert_eq!(accepted, text == "287082", "RFC 6238, appendix B");
}

/// A stored password that is read is written alike.
pub fn stored_password(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(stored) = text.parse::<StoredPassword>() {
        let written = stored.expose();
        assert_eq!(written.parse::<StoredPassword>().as_ref(), Ok(&stored));
        assert!(written.len() <= 600 && stored.cost().memory_kib > 0);
        let tail = &written[written.len().saturating_sub(20)..];
        assert!(!format!("{stored:?}").contains(tail), "the tag shows");
    }
}

/// A filter that is read is written alike, and looks at nothing outside of it, whatever it is asked. Its checksum is put
/// right first, which a fuzzer would never guess.
pub fn password_filter(data: &[u8]) {
    use sha2::{Digest, Sha256};
    let mut file = data.to_vec();
    if let Some(end) = file.len().checked_sub(32) {
        let checksum = Sha256::digest(&file[..end]);
        file[end..].copy_from_slice(&checksum);
    }
    if let Ok(filter) = Filter::read(&file) {
        assert_eq!(filter.write(), file);
        for n in 0..64 {
            let _ = filter.contains(&n.to_string());
        }
    }
}

/// An answer of a range service is read whole or not at all.
pub fn range_answer(data: &[u8]) {
    let password = NormalizedPassword::attempt(&"password".to_owned().into()).expect("short");
    let query = RangeQuery::of(&password);
    if let Ok(answer) = RangeAnswer::parse(data) {
        assert!(answer.len() <= data.split(|byte| *byte == b'\n').count());
        if query.count(&answer) > 0 {
            let text = data.to_ascii_uppercase();
            let suffix = b"1E4C9B93F3F0682250B6CF8331B7EE68FD8";
            assert!(text.windows(suffix.len()).any(|window| window == suffix));
        }
    }
}

fn secret(text: &secrecy::SecretString) -> &str {
    use secrecy::ExposeSecret;
    text.expose_secret()
}

/// Both readers see the same segments however the stream is cut, the segments lie in the file in order, the envelope
/// takes them all, and all pieces together are the file. The stream takes out the line breaks of a wrapped file by
/// itself, the slice reader leaves that to its caller.
pub fn x12_segments(data: &[u8]) {
    let unwrapped = unwrap_lines(data);
    let sizes = data.iter().rev().take(16).map(|byte| usize::from(*byte) + 1);
    let mut stream = StreamReader::new(Cut { data, sizes: sizes.collect::<Vec<_>>().into_iter().cycle() });
    let mut envelope = Envelope::new();
    let mut end = 0;
    let mut failed = false;
    for segment in Reader::new(&unwrapped) {
        let streamed = stream.next_segment();
        let Ok(segment) = segment else {
            assert!(streamed.is_err(), "the slice fails and the stream does not");
            failed = true;
            break;
        };
        let streamed = streamed.expect("the stream fails and the slice does not").expect("the stream ends early");
        assert_eq!((segment.bytes(), segment.position()), (streamed.bytes(), streamed.position()));
        assert!(segment.position().offset >= end, "segments overlap");
        end = segment.position().offset + segment.bytes().len() as u64;
        assert!(segment.elements().eq(streamed.elements()));
        for (number, element) in (1..).zip(segment.elements()) {
            assert_eq!(segment.element(number), element);
            for repetition in segment.repetitions(element) {
                assert!(segment.components(repetition).count() >= 1);
            }
        }
        envelope.feed(&segment);
    }
    assert!(matches!(stream.next_segment(), Ok(None)), "the stream goes on behind the slice");
    envelope.finish();
    echo(data, &unwrapped, failed);
}

fn echo(data: &[u8], unwrapped: &[u8], failed: bool) {
    let (mut reader, mut copy) = (Reader::new(unwrapped), Vec::new());
    while let Ok(Some(piece)) = reader.next_piece() {
        copy.extend_from_slice(piece.bytes());
    }
    copy.extend_from_slice(reader.rest());
    assert_eq!(copy, unwrapped);
    let (mut stream, mut copy) = (StreamReader::new(data), Vec::new());
    while let Ok(Some(piece)) = stream.next_piece() {
        copy.extend_from_slice(piece.bytes());
    }
    assert!(unwrapped.starts_with(&copy));
    assert!(failed || copy.len() == unwrapped.len());
}

/// A source that gives some bytes at a time, never the same number.
struct Cut<'a, I> {
    data: &'a [u8],
    sizes: I,
}

impl<I: Iterator<Item = usize>> std::io::Read for Cut<'_, I> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.sizes.next().unwrap_or(1).min(buffer.len()).min(self.data.len());
        let (now, later) = self.data.split_at(size);
        buffer[..size].copy_from_slice(now);
        self.data = later;
        Ok(size)
    }
}

/// Reading, balancing and showing a remittance end without a panic, and the balance does not depend on how it is read.
pub fn remittance(data: &[u8]) {
    let Ok(whole) = r835::read_all(data) else { return };
    for remittance in &whole {
        let _ = r835::balance(remittance);
    }
    let view = FileView::new(None, &whole);
    let _ = view.to_text();
    serde_json::to_vec(&view).expect("a view is JSON");
}

/// A claim that is read is written again as the same JSON; its 837P, if it can be written, reads back without findings
/// and holds the claim's total.
pub fn claim_to_837p(data: &[u8]) {
    let Ok(claim) = serde_json::from_slice::<Claim>(data) else { return };
    let again = serde_json::to_vec(&claim).expect("a claim is JSON");
    assert_eq!(serde_json::from_slice::<Claim>(&again).expect("its own JSON is read"), claim);
    let mut submission = submission();
    if data.len() % 2 == 0 {
        submission.unwritable = Unwritable::Refuse;
    }
    let Ok(written) = p837::write(&submission, [&claim]) else { panic!("the submission's own data is writable") };
    let Some(file) = written.file else {
        assert_eq!(written.rejected.len(), 1);
        return;
    };
    let mut envelope = Envelope::new();
    let mut total = None;
    for segment in Reader::new(&file) {
        let segment = segment.expect("what is written is read");
        envelope.feed(&segment);
        if segment.id() == b"CLM" {
            total = Some(Money::parse_bytes(segment.element(2)).expect("CLM02 is money"));
        }
    }
    envelope.finish();
    assert_eq!(envelope.findings(), [], "what is written has a clean envelope");
    assert_eq!(total, Some(claim.total()));
}

/// An event that is read is written again as the same bytes.
pub fn audit_event(data: &[u8]) {
    let Ok(event) = Event::decode(data) else { return };
    let encoded = event.encode().expect("what was read is an event");
    assert_eq!(encoded.as_bytes(), data);
}

/// Money that is read is shown as text that reads as the same money, in both forms.
pub fn money(data: &[u8]) {
    let Ok(money) = Money::parse_bytes(data) else { return };
    assert_eq!(Money::parse(&money.to_string()), Ok(money));
    assert_eq!(Money::parse(&money.x12()), Ok(money));
    assert!(money.abs() <= Money::MAX);
}

/// Whatever a file holds comes through JSON; what of it can be written says the same when it is read again. Trees come
/// through JSON as well.
pub fn document(data: &[u8]) {
    if let Ok(trees) = LoopTree::read_all(data) {
        for tree in trees {
            let json = serde_json::to_vec(&tree).expect("a tree is JSON");
            serde_json::from_slice::<LoopTree>(&json).expect("its own JSON is read");
        }
    }
    let document = match Document::read(data) {
        Ok(document) => document,
        Err(error) => *error.before,
    };
    let json = serde_json::to_vec(&document).expect("a document is JSON");
    let back: Document = serde_json::from_slice(&json).expect("its own JSON is read");
    assert_eq!(serde_json::to_vec(&back).expect("a document is JSON"), json);
    let Ok(written) = document.write() else { return };
    if written.is_empty() {
        return;
    }
    let again = Document::read(&written).expect("what is written is read");
    assert_eq!(again.write().expect("what was written is written"), written);
}

/// JSON from anywhere is refused or becomes X12 that is read.
pub fn document_json(data: &[u8]) {
    let Ok(document) = serde_json::from_slice::<Document>(data) else { return };
    if let Ok(written) = document.write() {
        let _ = Document::read(&written);
    }
}

/// Validation ends without a panic, says the same of a slice and of a stream, and its answers are valid themselves.
pub fn validation(data: &[u8]) {
    let report = validate(data);
    serde_json::to_vec(&FindingsView::new("-", &report)).expect("a view is JSON");
    let errors = |report: &Report| report.findings.iter().map(|f| (f.rule.id, f.position)).collect::<Vec<_>>();
    if unwrap_lines(data).len() == data.len() {
        let streamed = validate_stream(data).expect("a slice can be read");
        assert_eq!(errors(&streamed), errors(&report));
    }
    let at = DateTime::UNIX_EPOCH.naive_utc();
    let reply = Reply::new(at, 1, 1);
    let mut units = Units::default();
    let responder = Responder::payer("EXAMPLE HEALTH PLAN", "EHP01", "1", at.date());
    let mut claims = ClaimAcknowledger::new(&report, &responder, &reply).ok();
    for segment in Reader::new(&unwrap_lines(data)).map_while(Result::ok) {
        units.feed(&segment);
        if let Some(claims) = &mut claims {
            claims.feed(&segment);
        }
    }
    if let Ok(answer) = acknowledge::write(&report, Some(&units), &reply) {
        assert_eq!(errors(&of_weight(&answer)), [], "{}", String::from_utf8_lossy(&answer));
    }
    if let Some(answer) = claims.and_then(|claims| acknowledge::write_claims(&report, &claims.finish(), &reply).ok()) {
        let _ = validate(&answer);
    }
}

/// What is wrong with an answer, apart from the parties, which are those of the file.
fn of_weight(answer: &[u8]) -> Report {
    let mut report = validate(answer);
    report.findings.retain(|finding| {
        finding.severity == Severity::Error
            && !matches!(finding.segment.as_str(), "ISA" | "GS")
            && finding.set.is_some()
    });
    report
}

fn submission() -> Submission {
    let party = |id: &str| InterchangeParty { qualifier: "ZZ".to_owned(), id: id.to_owned() };
    let name = |name: &str| OrganizationName::parse(name).expect("a plain name");
    let phone = Some(Phone::parse("512-555-0100").expect("a plain number"));
    let contact = Contact { name: Some(name("BILLING OFFICE")), phone, ..Contact::default() };
    let at = "2024-01-31T12:00:00".parse().expect("a plain date");
    let mut submission = Submission::new(
        party("LAKESIDE"),
        party("EXCHANGE"),
        Submitter { name: name("LAKESIDE COUNSELING"), id: "LAKE01".to_owned(), contact },
        ReceiverName { name: name("EXAMPLE EXCHANGE"), id: "EXCH01".to_owned() },
        "BATCH1",
        at,
    );
    submission.delimiters = Delimiters::default();
    submission
}

/// Runs `check` over the files and folders named on the command line.
///
/// Prints how many ran; none at all is a failure, because then nothing was checked.
pub fn replay(check: fn(&[u8])) -> ExitCode {
    let mut waiting: Vec<std::path::PathBuf> = std::env::args_os().skip(1).map(Into::into).collect();
    let mut ran = 0_u64;
    while let Some(path) = waiting.pop() {
        if let Ok(folder) = std::fs::read_dir(&path) {
            waiting.extend(folder.flatten().map(|entry| entry.path()));
            continue;
        }
        match std::fs::read(&path) {
            Ok(data) => {
                check(&data);
                ran += 1;
            }
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{ran} inputs replayed");
    if ran == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
