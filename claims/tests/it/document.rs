use std::collections::BTreeMap;

use mentalspace_claims::transaction::document::{Document, Transaction};
use mentalspace_claims::x12::{Unwritable, WriteError};
use proptest::prelude::*;
use serde_json::Value;

use crate::corpus;

/// Samples that are read and not written, and why.
const REFUSED: [(&str, &str); 6] = [
    ("837I.test.0001.edi", "a separator is missing, so that a composite stands in CLM04"),
    ("example835SpecialCharsOne.txt", "ISA13 is wider than its nine characters"),
    ("example835One.txt", "ISA13 is wider than its nine characters"),
    ("sample275_with_HL7_valid_BIN01.edi", "binary data are not modelled"),
    ("extraDelimiter997.edi", "separators in an element that has no parts"),
    ("834_eol_in_element.x12", "a line feed within an element"),
];

fn kind(transaction: &Transaction) -> &'static str {
    match transaction {
        Transaction::Claims(_) => "837",
        Transaction::Remittance(_) => "835",
        Transaction::EligibilityInquiry(_) => "270",
        Transaction::EligibilityResponse(_) => "271",
        Transaction::ClaimStatusInquiry(_) => "276",
        Transaction::ClaimStatusResponse(_) => "277",
        Transaction::ClaimAcknowledgement(_) => "277CA",
        Transaction::ImplementationAcknowledgement(_) => "999",
        _ => "other",
    }
}

/// What a document says, without what tells of the bytes it was read from: fingerprints, and problems of levels that
/// writing numbers anew.
fn content(document: &Document) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("sha256");
                fields.remove("problems");
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(document).unwrap();
    strip(&mut value);
    value
}

#[test]
fn every_sample_reads_the_same_after_it_was_written_and_after_it_was_json() {
    let (mut counts, mut failures) = (BTreeMap::<_, usize>::new(), Vec::new());
    let all = corpus::samples();
    for sample in &all {
        let Ok(read) = Document::read(&sample.bytes()) else { continue };
        let name = sample.path.file_name().unwrap().to_string_lossy().into_owned();
        let said = content(&read);
        match read.write() {
            Ok(written) if Document::read(&written).is_ok_and(|again| content(&again) == said) => {}
            Ok(_) => failures.push(format!("{name}: reads differently")),
            Err(_) if REFUSED.iter().any(|(refused, _)| *refused == name) => {}
            Err(error) => failures.push(format!("{name}: {error}")),
        }
        match serde_json::from_str::<Document>(&serde_json::to_string(&read).unwrap()) {
            Ok(back) if content(&back) == said && back.write() == read.write() => {}
            Ok(_) => failures.push(format!("{name}: JSON loses something")),
            Err(error) => failures.push(format!("{name}: {error}")),
        }
        for set in read.interchanges.iter().flat_map(|i| &i.groups).flat_map(|g| &g.sets) {
            *counts.entry(kind(&set.transaction)).or_default() += 1;
        }
    }
    println!("{counts:?}");
    assert!(all.is_empty() || counts.len() == 9, "some kind of set was not met");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

const TWO: &str = "ISA|00|          |00|          |ZZ|PAYER          |ZZ|PRACTICE       |240131|1200|!|00501|000000007|1|T|>\n\
    TA1|000000003|240130|0900|A|000\nGS|HB|PAYER|PRACTICE|20240131|1200|1|X|005010X279A1\nST|271|0001|005010X279A1\n\
    BHT|0022|11|Q1|20240131|1200\nHL|1||20|1\nNM1|PR|2|EXAMPLE HEALTH PLAN|||||PI|EHP01\nHL|2|1|21|1\n\
    NM1|1P|2|LAKESIDE COUNSELING|||||XX|1888888884\nHL|3|2|22|0\nTRN|2|Q1|1741234567\nNM1|IL|1|RIVERS|ALEX||||MI|W123456789\n\
    EB|1|IND|30!MH|C1|GOLD PLAN\nEB|B|IND|MH|||27|25||||||HC>90837\nSE|12|0001\nGE|1|1\nGS|ZZ|PAYER|PRACTICE|20240131|1200|2|X|000000\n\
    ST|999999|0001\nQQ|1>2|A!B\nSE|3|0001\nGE|1|2\nIEA|2|000000007\n";

#[test]
fn a_file_comes_back_byte_by_byte_with_its_own_delimiters() {
    let document = Document::read(TWO.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(document.write().unwrap()).unwrap(), TWO);
}

#[test]
fn the_json_form_of_a_file_is_stable() {
    insta::assert_json_snapshot!(Document::read(TWO.as_bytes()).unwrap());
}

#[test]
fn the_separator_within_a_text_is_refused_or_replaced_as_asked() {
    let file = TWO.replace("EXAMPLE HEALTH PLAN", "PLAN: A>B");
    let document = Document::read(file.as_bytes()).unwrap();
    assert_eq!(document.write(), Err(WriteError::Character { tag: "NM1", element: 3 }));
    let replaced = document.write_with(Unwritable::Replace).unwrap();
    assert!(String::from_utf8(replaced).unwrap().contains("NM1|PR|2|PLAN: A B|"));
}

#[test]
fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
    for cut in 107..TWO.len() {
        let read = Document::read(&TWO.as_bytes()[..cut]).unwrap();
        assert_eq!(read.interchanges.len(), 1);
        let again = Document::read(&read.write().unwrap()).unwrap();
        assert_eq!(content(&again), content(&read), "cut at {cut}");
    }
}

#[test]
fn a_document_shows_nothing_in_its_debug_form() {
    assert_eq!(format!("{:?}", Document::read(TWO.as_bytes()).unwrap()), "Document(…)");
}

/// Segments that mean something in one of the transactions, in any of their loops, and some that mean nothing.
const SEGMENTS: [&str; 49] = [
    "HL*1**20*1",
    "HL*2*1*21*1",
    "HL*3*2*22*0",
    "HL*4*3*23*0",
    "HL*5*2*19*1",
    "HL*6*5*PT",
    "HL*7*6*ZZ",
    "BHT*0022*11*#",
    "NM1*IL*1*#*A",
    "NM1*PR*2*#",
    "NM1*QC",
    "N3*#",
    "N4*#*NY*10001",
    "PER*IC*#*TE*1",
    "PRV*PE*PXC*#",
    "REF*1K*#",
    "REF*EJ*#**A:1",
    "DTP*472*D8*#",
    "DTP*291*RD8*20240101-20241231",
    "TRN*1*#",
    "TRN*2*#*1",
    "AAA*N**#*C",
    "AAA*Y",
    "DMG*D8*#*F",
    "INS*Y*18",
    "HI*BK:#*BF:1",
    "MPI*C*AE*A",
    "EQ*30^#",
    "EQ**HC:#",
    "EB*1*IND*30^#",
    "EB*B***#**27*2.50",
    "HSD*VS*#",
    "MSG*#",
    "III*ZZ*#",
    "LS*2120",
    "LE*2120",
    "LS*#",
    "AMT*T3*#",
    "QTY*90*#",
    "STC*A2:20:#*20240101*WQ*1",
    "STC*A7:#******10.0***A3:1",
    "SVC*HC:#:25*150.00****1",
    "AK1*HC*#",
    "AK2*837*#",
    "IK3*CLM*#**8",
    "IK4*5:1*#*7*X",
    "CTX*CLM01:#^A",
    "IK5*R*#",
    "AK9*P*1*1*#",
];
const STRANGE: [&str; 5] = ["QQ*#*A:B^C", "AK5*R", "AK4*2*1*7", "NM1**#", "SBR*#"];
const SETS: [(&str, &str); 7] = [
    ("270", "005010X279A1"),
    ("271", "005010X279A1"),
    ("276", "005010X212"),
    ("277", "005010X212"),
    ("277", "005010X214"),
    ("999", "005010X231A1"),
    ("997", "004010"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_set_with_segments_in_any_order_is_written_as_it_was_read(
        kind in 0..SETS.len(),
        picks in prop::collection::vec((0..SEGMENTS.len() + STRANGE.len(), "[A-Z0-9]{0,3}"), 0..40),
    ) {
        let (code, guide) = SETS[kind];
        let body: String = picks
            .iter()
            .map(|(at, value)| SEGMENTS.get(*at).unwrap_or_else(|| &STRANGE[at - SEGMENTS.len()]).replace('#', value) + "~")
            .collect();
        let file = format!("ISA*00*          *00*          *ZZ*A              *ZZ*B              *240131*1200*^*00501*000000007*0*P*:~\
            GS*XX*A*B*20240131*1200*7*X*{guide}~ST*{code}*0001*{guide}~{body}SE*0*0001~GE*1*7~IEA*1*000000007~");
        let read = Document::read(file.as_bytes()).unwrap();
        let written = read.write().unwrap();
        let again = Document::read(&written).unwrap();
        prop_assert_eq!(content(&again), content(&read), "{}", String::from_utf8_lossy(&written));
        prop_assert_eq!(again.write().unwrap(), written);
        let back: Document = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
        prop_assert!(back == read);
    }
}
