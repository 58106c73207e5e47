//! Public samples, where they are present: found by `MENTALSPACE_CORPUS` or beside the repository. None is copied.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mentalspace_claims::transaction::claim837;
use mentalspace_claims::transaction::r835::{Level, Remittance, Remittances, balance, read_all};
use mentalspace_claims::x12::{Envelope, FindingCode, Reader, StreamReader, X12Error};

pub(crate) struct Sample {
    pub(crate) path: PathBuf,
    row: BTreeMap<String, String>,
}

impl Sample {
    pub(crate) fn get(&self, column: &str) -> &str {
        self.row.get(column).map_or("", String::as_str)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap_or_else(|e| panic!("{}: {e}", self.path.display()))
    }
}

pub(crate) fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/x12");
    let named = std::env::var_os("MENTALSPACE_CORPUS").map(PathBuf::from);
    [named, Some(beside)].into_iter().flatten().find(|p| p.join("index.csv").is_file())
}

/// Reads quoted fields as RFC 4180 has them.
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut field)),
            ('\n', false) => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            ('\r', false) => {}
            _ => field.push(c),
        }
    }
    rows
}

pub(crate) fn samples() -> Vec<Sample> {
    let Some(folder) = folder() else {
        println!("corpus absent, 0 files");
        return Vec::new();
    };
    let mut rows = csv(&std::fs::read_to_string(folder.join("index.csv")).unwrap()).into_iter();
    let head = rows.next().unwrap();
    let samples: Vec<Sample> =
        rows.map(|row| Sample { path: folder.join(&row[0]), row: head.iter().cloned().zip(row).collect() }).collect();
    assert!(!samples.is_empty(), "the corpus is present but names no file");
    samples
}

fn report(what: &str, counts: &BTreeMap<String, (usize, usize)>) {
    for (transaction, (run, skipped)) in counts {
        println!("{what}: {transaction}: {run} ran, {skipped} skipped");
    }
}

fn read_twice(bytes: &[u8]) -> Result<Vec<Vec<u8>>, X12Error> {
    let bytes = mentalspace_claims::x12::unwrap_lines(bytes);
    let slice: Result<Vec<_>, _> = Reader::new(&bytes).map(|s| s.map(|s| s.bytes().to_vec())).collect();
    let mut stream = StreamReader::new(Trickle(&bytes));
    let mut streamed = Vec::new();
    let ended = loop {
        match stream.next_segment() {
            Ok(Some(segment)) => streamed.push(segment.bytes().to_vec()),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert_eq!(ended.is_ok(), slice.is_ok(), "stream and slice disagree");
    if let Ok(slice) = &slice {
        assert_eq!(*slice, streamed, "stream and slice disagree");
    }
    slice
}

/// Gives a few bytes at a time.
struct Trickle<'a>(&'a [u8]);

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.len().min(buffer.len()).min(7);
        buffer[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

#[test]
fn every_sample_is_read_to_its_end_and_counts_as_many_sets_as_listed() {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for sample in samples() {
        let count = counts.entry(sample.get("transaction").to_owned()).or_default();
        let bytes = sample.bytes();
        match read_twice(&bytes) {
            Ok(_) => count.0 += 1,
            // A binary segment without a length ends the interchange: nothing behind it can be told.
            Err(X12Error::BinaryLength { .. }) if sample.get("declared") == "invalid" => {
                count.1 += 1;
                continue;
            }
            Err(error) => {
                count.1 += 1;
                failures.push(format!("{}: {error} ({})", sample.path.display(), sample.get("declared")));
                continue;
            }
        }
        let unwrapped = mentalspace_claims::x12::unwrap_lines(&bytes);
        let sets = Reader::new(&unwrapped).filter(|s| s.as_ref().is_ok_and(|s| s.id() == b"ST")).count();
        if sets.to_string() != sample.get("n_st") {
            failures.push(format!("{}: {sets} sets, listed {}", sample.path.display(), sample.get("n_st")));
        }
    }
    report("segments", &counts);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_sample_that_is_read_is_written_again_byte_by_byte() {
    let mut copied = 0;
    for sample in samples() {
        let bytes = mentalspace_claims::x12::unwrap_lines(&sample.bytes()).into_owned();
        let (mut reader, mut copy) = (Reader::new(&bytes), Vec::new());
        while let Ok(Some(piece)) = reader.next_piece() {
            copy.extend_from_slice(piece.bytes());
        }
        copy.extend_from_slice(reader.rest());
        assert_eq!(copy, bytes, "{}", sample.path.display());
        let (mut stream, mut copy) = (StreamReader::new(Trickle(&bytes)), Vec::new());
        while let Ok(Some(piece)) = stream.next_piece() {
            copy.extend_from_slice(piece.bytes());
        }
        if reader.rest().is_empty() {
            assert_eq!(copy, bytes, "{}", sample.path.display());
            copied += 1;
        }
    }
    println!("copied: {copied}");
    assert!(folder().is_none() || copied > 250, "the corpus is present but only {copied} files were copied");
}

#[test]
fn a_valid_sample_without_envelope_findings_has_a_clean_envelope() {
    let mut failures = Vec::new();
    let (mut clean, mut found) = (0, 0);
    for sample in samples() {
        if sample.get("declared") != "valid" {
            continue;
        }
        let bytes = sample.bytes();
        let mut envelope = Envelope::new();
        for segment in Reader::new(&bytes).flatten() {
            envelope.feed(&segment);
        }
        envelope.finish();
        let listed = sample.get("envelope_findings");
        // Blank lines and byte-order marks are not on the list.
        let codes: Vec<_> =
            envelope.findings().iter().map(|f| f.code).filter(|c| *c != FindingCode::StrayBytes).collect();
        if listed.is_empty() == codes.is_empty() {
            *(if listed.is_empty() { &mut clean } else { &mut found }) += 1;
        } else {
            failures.push(format!("{}: listed '{listed}', found {codes:?}", sample.path.display()));
        }
    }
    println!("envelopes: {clean} clean, {found} with findings");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn remittances_balance_exactly_where_the_list_says_so() {
    let mut failures = Vec::new();
    let (mut balanced, mut unbalanced) = (0, 0);
    let all = samples();
    for sample in all.iter().filter(|s| s.get("transaction").split('+').any(|t| t == "835")) {
        let bytes = sample.bytes();
        let remittances = match read_all(&bytes) {
            Ok(remittances) => remittances,
            Err(error) => {
                failures.push(format!("{}: {}", sample.path.display(), error.source));
                continue;
            }
        };
        let problems: Vec<_> = remittances.iter().flat_map(|r| &r.problems).collect();
        let imbalances: Vec<_> = remittances.iter().flat_map(balance).collect();
        let listed = sample.get("balance_findings");
        let levels = |level| imbalances.iter().any(|i| i.level == level);
        let as_listed = [("SVC ", Level::Line), ("CLP ", Level::Claim), ("BPR", Level::Transaction)]
            .iter()
            .all(|(word, level)| listed.contains(word) == levels(*level));
        if as_listed {
            *(if listed.is_empty() { &mut balanced } else { &mut unbalanced }) += 1;
        } else {
            failures.push(format!("{}: listed '{listed}', found {imbalances:?} {problems:?}", sample.path.display()));
        }
    }
    println!("835: {balanced} balanced, {unbalanced} out of balance as listed");
    assert!(all.is_empty() || balanced > 0, "the corpus is present but no 835 ran");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn no_sample_panics_when_cut_or_changed() {
    for sample in samples().iter().filter(|s| s.get("transaction").contains("835")).take(12) {
        let bytes = sample.bytes();
        for cut in (0..bytes.len()).step_by(37) {
            let _ = read_all(&bytes[..cut]);
            let mut changed = bytes.clone();
            changed[cut] = changed[cut].wrapping_mul(31).wrapping_add(7);
            for remittance in Remittances::new(&changed[..]).flatten() {
                let _ = balance(&remittance);
            }
        }
    }
}

/// The segments of the sets with a code, in no order, each as its elements and components without what carries nothing.
fn segments_of(bytes: &[u8], code: &[u8]) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for segment in Reader::new(bytes).flatten() {
        match segment.id() {
            b"ST" => inside = segment.element(1).trim_ascii() == code,
            b"SE" | b"GE" | b"IEA" | b"GS" | b"ISA" => inside = false,
            b"HL" => {}
            id if inside => {
                let plain = |text: &[u8]| {
                    let text = String::from_utf8_lossy(text.trim_ascii()).into_owned();
                    match text.parse::<rust_decimal::Decimal>() {
                        Ok(number) => number.normalize().to_string(),
                        Err(_) => text,
                    }
                };
                let element = |e: &[u8]| {
                    segment.components(e).map(plain).collect::<Vec<_>>().join(":").trim_end_matches(':').to_owned()
                };
                let elements: Vec<_> = segment.elements().map(element).collect();
                // Adjustments of one group may share a segment or not.
                let (shared, size) = match id {
                    b"CAS" => (1, 3),
                    b"PLB" => (2, 2),
                    _ => (0, elements.len().max(1)),
                };
                let (head, pieces) = elements.split_at(shared.min(elements.len()));
                for piece in pieces.chunks(size) {
                    let text = [&[String::from_utf8_lossy(id).into_owned()], head, piece].concat().join("*");
                    let text = text.trim_end_matches('*');
                    if text.len() > id.len() {
                        found.push(text.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    found.sort();
    found
}

#[test]
fn every_claim_sample_is_read_written_and_read_alike_and_loses_nothing() {
    let (mut sets, mut failures) = (0, Vec::new());
    for sample in samples().iter().filter(|s| s.get("transaction").contains("837")) {
        let bytes = mentalspace_claims::x12::unwrap_lines(&sample.bytes()).into_owned();
        let read = match claim837::read_all(&bytes) {
            Ok(read) => read,
            Err(error) => error.before,
        };
        let written = crate::rewrite::file(crate::rewrite::SEPARATORS, "HC", "005010X222A1", |out| {
            read.iter().try_for_each(|set| set.write(out))
        });
        let written = match written {
            Ok(written) => written,
            Err(error) => {
                failures.push(format!("{}: {error}", sample.path.display()));
                continue;
            }
        };
        let again = claim837::read_all(&written).unwrap();
        sets += read.len();
        for (set, mut again) in read.iter().zip(again.clone()) {
            again.head.position = set.head.position;
            again.head.interchange_control = set.head.interchange_control.clone();
            again.head.group_control = set.head.group_control.clone();
            again.head.set_control = set.head.set_control.clone();
            if set.head.guide.is_empty() {
                again.head.guide = "".into();
            }
            let (before, after) = (serde_json::to_value(set).unwrap(), serde_json::to_value(&again).unwrap());
            let ours = |mut json: serde_json::Value| {
                json.as_object_mut().unwrap().remove("problems");
                crate::rewrite::sort_kept(&mut json);
                json
            };
            if ours(before.clone()) != ours(after) {
                failures.push(format!("{}: differs", sample.path.display()));
            }
            let parsed: claim837::ClaimSet = serde_json::from_value(before.clone()).unwrap();
            if serde_json::to_value(&parsed).unwrap() != before {
                failures.push(format!("{}: json differs", sample.path.display()));
            }
        }
        if again.len() != read.len() {
            failures.push(format!("{}: {} sets, {} written", sample.path.display(), read.len(), again.len()));
        }
        let (before, after) = (segments_of(&bytes, b"837"), segments_of(&written, b"837"));
        let lost: Vec<_> = before.iter().filter(|s| !after.contains(s)).take(3).collect();
        if before != after {
            failures.push(format!("{}: {} of {}, lost {lost:?}", sample.path.display(), after.len(), before.len()));
        }
    }
    println!("837: {sets} sets");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_remittance_sample_is_read_written_and_read_alike_and_loses_nothing() {
    let (mut sets, mut failures) = (0, Vec::new());
    for sample in samples().iter().filter(|s| s.get("transaction").contains("835")) {
        let bytes = mentalspace_claims::x12::unwrap_lines(&sample.bytes()).into_owned();
        let read = read_all(&bytes).unwrap_or_else(|error| error.before);
        let written = crate::rewrite::file(crate::rewrite::SEPARATORS, "HP", "005010X221A1", |out| {
            read.iter().try_for_each(|set| set.write(out))
        });
        let written = match written {
            Ok(written) => written,
            Err(error) => {
                failures.push(format!("{}: {error}", sample.path.display()));
                continue;
            }
        };
        let again = read_all(&written).unwrap();
        sets += read.len();
        let comparable = |remittance: &Remittance| {
            let mut json = serde_json::to_value(remittance).unwrap();
            for of_the_file in ["interchange_control", "group_control", "set_control", "guide", "sha256", "problems"] {
                json.as_object_mut().unwrap().remove(of_the_file);
            }
            crate::rewrite::sort_kept(&mut json);
            json
        };
        if read.iter().map(comparable).ne(again.iter().map(comparable)) {
            failures.push(format!("{}: differs", sample.path.display()));
        }
        let (before, after) = (segments_of(&bytes, b"835"), segments_of(&written, b"835"));
        let lost: Vec<_> = before.iter().filter(|s| !after.contains(s)).take(3).collect();
        if before != after {
            failures.push(format!("{}: {} of {}, lost {lost:?}", sample.path.display(), after.len(), before.len()));
        }
    }
    println!("835: {sets} sets");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
