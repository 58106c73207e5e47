use std::collections::BTreeMap;

use mentalspace_claims::transaction::document::{Document, Transaction};
use mentalspace_claims::x12::Unwritable;

use crate::corpus;

fn kind(transaction: &Transaction) -> &'static str {
    match transaction {
        Transaction::EligibilityInquiry(_) => "270",
        Transaction::EligibilityResponse(_) => "271",
        Transaction::ClaimStatusInquiry(_) => "276",
        Transaction::ClaimStatusResponse(_) => "277",
        Transaction::ClaimAcknowledgement(_) => "277CA",
        Transaction::ImplementationAcknowledgement(_) => "999",
        _ => "other",
    }
}

#[test]
fn every_sample_reads_the_same_after_it_was_written_and_after_it_was_json() {
    let (mut counts, mut failures) = (BTreeMap::<_, usize>::new(), Vec::new());
    let all = corpus::samples();
    for sample in &all {
        let bytes = sample.bytes();
        let Ok(read) = Document::read(&bytes) else { continue };
        let name = sample.path.display();
        let written = match read.write() {
            Ok(written) => written,
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        match Document::read(&written) {
            Ok(again) if again == read => {}
            _ => failures.push(format!("{name}: reads differently")),
        }
        let json = serde_json::to_string(&read).unwrap();
        match serde_json::from_str::<Document>(&json) {
            Ok(back) if back == read => {}
            Ok(_) => failures.push(format!("{name}: JSON loses something")),
            Err(error) => failures.push(format!("{name}: {error}")),
        }
        for set in read.interchanges.iter().flat_map(|i| &i.groups).flat_map(|g| &g.sets) {
            *counts.entry(kind(&set.transaction)).or_default() += 1;
        }
    }
    println!("{counts:?}");
    assert!(all.is_empty() || counts.len() == 7, "some kind of set was not met");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn dbg_write_with(){ let _ = Unwritable::Replace; }
