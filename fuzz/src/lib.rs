//! What must hold for any bytes. Each function panics when it does not; a fuzzer calls it with what it invents, the
//! replay with the corpus.

use std::process::ExitCode;

use mentalspace_audit::Event;
use mentalspace_claims::{
    claim::{Claim, Contact, OrganizationName},
    transaction::{
        p837::{self, ReceiverName, Submission, Submitter},
        r835::{self, view::FileView},
    },
    x12::{Delimiters, Envelope, InterchangeParty, Reader, StreamReader, Unwritable, unwrap_lines},
};
use mentalspace_core::{Money, Phone};

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
