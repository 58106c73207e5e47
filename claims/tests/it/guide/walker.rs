//! Places of segments.

use mentalspace_claims::guide::{Guide, MisplacedKind, Walker};
use mentalspace_claims::x12::{Envelope, Reader};

/// The sets of a file: what each segment became, as `loop id`, and what was out of place.
fn walk(file: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut places, mut wrong) = (Vec::new(), Vec::new());
    let mut envelope = Envelope::new();
    let mut walker = Walker::new(None);
    for segment in Reader::new(file).flatten() {
        envelope.feed(&segment);
        if segment.id() == b"ST" {
            let set = envelope.set().unwrap();
            walker.begin(Guide::for_set(&set.code, &set.guide));
        }
        if segment.position().in_set == 0 {
            continue;
        }
        let placed = walker.feed(segment);
        let id = String::from_utf8_lossy(segment.id()).into_owned();
        let known = if placed.usage.is_some() { "" } else { "?" };
        places.push(format!("{}/{id}{known}", placed.path.join("/")));
        for m in walker.misplaced() {
            let usage = m.usage.map_or(String::new(), |u| format!(" {} {}", u.id, u.name));
            wrong.push(format!("{} {id}: {:?} {}{usage}", m.position.in_set, m.kind, m.loop_id));
        }
    }
    (places, wrong)
}

#[test]
fn scratch() {
    for s in crate::corpus::samples() {
        if s.get("declared") != "valid" {
            continue;
        }
        let (_, wrong) = walk(&s.bytes());
        if !wrong.is_empty() {
            println!("{} {} {}", s.get("grade"), s.get("version"), s.get("path"));
            for w in wrong.iter().take(6) {
                println!("      {w}");
            }
        }
    }
    for f in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/837p")).unwrap() {
        let p = f.unwrap().path();
        let t: Vec<u8> = std::fs::read(&p).unwrap();
        let (places, wrong) = walk(&t);
        println!("{} {} {wrong:?}", p.display(), places.len());
    }
    let _ = MisplacedKind::Unknown;
}
