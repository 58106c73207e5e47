//! Sets as trees, to JSON and back, and written again.

use mentalspace_claims::guide::{Item, LoopTree};
use mentalspace_claims::x12::{Charset, Delimiters, Reader, Unwritable, Writer};

const CLAIM: &[u8] = include_bytes!("../../golden/837p/subscriber_is_patient.x12");

/// The segments between ST and SE, as elements with the delimiters of the writer.
fn content(file: &[u8]) -> Vec<Vec<u8>> {
    let inner = |s: &mentalspace_claims::x12::Segment<'_>| s.position().in_set > 1 && s.id() != b"SE";
    Reader::new(file).flatten().filter(inner).map(|s| s.bytes().to_vec()).collect()
}

fn written(tree: &LoopTree, delimiters: Delimiters) -> Vec<u8> {
    let mut out = Writer::new(delimiters, Charset::Extended, Unwritable::Refuse);
    tree.write(&mut out).unwrap();
    out.finish()
}

fn through_json(tree: &LoopTree) -> LoopTree {
    serde_json::from_str(&serde_json::to_string(tree).unwrap()).unwrap()
}

#[test]
fn the_json_form_is_stable() {
    let tree = LoopTree::read_all(CLAIM).unwrap().remove(0);
    insta::assert_snapshot!(compact(&serde_json::to_value(&tree).unwrap(), 0));
}

/// JSON with a line for each segment.
fn compact(value: &serde_json::Value, depth: usize) -> String {
    let pad = "  ".repeat(depth);
    match value {
        serde_json::Value::Array(items) => {
            let one = |item: &serde_json::Value| {
                let (id, inner) = item.as_object().unwrap().iter().next().unwrap();
                match inner.as_array().unwrap().first() {
                    Some(first) if first.is_object() => format!("{pad}{id}\n{}", compact(inner, depth + 1)),
                    _ => format!("{pad}{item}\n"),
                }
            };
            items.iter().map(one).collect()
        }
        other => {
            format!("{} {}\n{}", other["set"], other["guide"], compact(&other["content"], 1))
        }
    }
}

#[test]
fn a_tree_is_written_as_it_was_read() {
    let tree = LoopTree::read_all(CLAIM).unwrap().remove(0);
    assert_eq!(content(&written(&tree, Delimiters::default())), content(CLAIM));
    let back = through_json(&tree);
    assert_eq!(content(&written(&back, Delimiters::default())), content(CLAIM));
    assert_eq!(serde_json::to_value(&back).unwrap(), serde_json::to_value(&tree).unwrap());
}

#[test]
fn loops_are_found_by_their_ids() {
    let tree = LoopTree::read_all(include_bytes!("../../golden/837p/many_claims.x12")).unwrap().remove(0);
    assert_eq!((tree.set(), tree.guide()), ("837", "005010X222A1"));
    assert_eq!(tree.all_loops("2300").count(), 4);
    let line = tree.all_loops("2400").next().unwrap();
    let ids: Vec<_> = line.segments().map(|s| s.id().to_owned()).collect();
    assert_eq!(ids, ["LX", "SV1", "DTP", "REF"]);
    let charge = line.segments().nth(1).unwrap().elements().nth(1).unwrap();
    assert_eq!(charge, b"150");
    assert!(matches!(tree.children().next(), Some(Item::Segment(s)) if s.id() == "ST"));
    assert!(!format!("{tree:?}").contains("RIVERS"));
}

#[test]
fn composites_repetitions_and_bytes_of_any_kind_come_back() {
    let file = b"ST*271*0001~EB*1**30^1:2^^A*x::*~DMG*D8*\xFF\xFE~MSG*\xC3\xA9~SE*5*0001~";
    let tree = LoopTree::read_all(file).unwrap().remove(0);
    let json = serde_json::to_value(&tree).unwrap();
    let segments = json["content"].as_array().unwrap();
    let eb = segments[1]["EB"].to_string();
    assert_eq!(eb, r#"["1","",{"repeated":["30",["1","2"],"","A"]},["x","",""],""]"#);
    assert_eq!(segments[2]["DMG"].to_string(), "[\"D8\",{\"latin1\":\"\u{ff}\u{fe}\"}]");
    assert_eq!(content(&written(&through_json(&tree), Delimiters::default())), content(file));
}

#[test]
fn a_set_without_a_guide_is_a_list() {
    let file = b"ST*850*0001~BEG*00*SA*1**20240101~QQ9*x~SE*4*0001~";
    let tree = LoopTree::read_all(file).unwrap().remove(0);
    assert_eq!(tree.loops().count(), 0);
    assert_eq!(
        serde_json::to_string(&through_json(&tree)).unwrap(),
        r#"{"set":"850","guide":"","content":[{"ST":["850","0001"]},{"BEG":["00","SA","1","","20240101"]},{"QQ9":["x"]},{"SE":["4","0001"]}]}"#
    );
    assert_eq!(content(&written(&tree, Delimiters::default())), content(file));
}

#[test]
fn a_text_that_holds_a_delimiter_of_the_writer_is_refused() {
    let json = r#"{"set":"850","content":[{"MSG":["a*b"]}]}"#;
    let tree: LoopTree = serde_json::from_str(json).unwrap();
    let mut out = Writer::new(Delimiters::default(), Charset::Extended, Unwritable::Refuse);
    assert!(tree.write(&mut out).is_err());
    let other = Delimiters { element: b'|', ..Delimiters::default() };
    assert_eq!(content(&written(&tree, other)), [b"MSG|a*b"]);
}

#[test]
fn what_is_no_tree_is_refused() {
    let refused = |content: &str| {
        let json = format!(r#"{{"set":"837","content":{content}}}"#);
        serde_json::from_str::<LoopTree>(&json).is_err()
    };
    for bad in [
        "{}",
        "[[]]",
        "[{}]",
        r#"[{"N M1":[]}]"#,
        r#"[{"":[]}]"#,
        r#"[{"NM1":[],"N3":[]}]"#,
        r#"[{"2000":{}}]"#,
        r#"[{"NM1":["a\u001cb"]}]"#,
        r#"[{"NM1":[{"latin1":"\u0100"}]}]"#,
        r#"[{"NM1":[1]}]"#,
    ] {
        assert!(refused(bad), "{bad}");
    }
    assert!(refused(&format!("{}{}", r#"[{"1":"#.repeat(200), "}]".repeat(200))));
    assert!(!refused(r#"[{"2000A":[{"HL":["1","","20"]}]}]"#));
}

#[test]
fn every_sample_comes_back_through_json() {
    let (mut files, mut sets) = (0, 0);
    for sample in crate::corpus::samples() {
        let bytes = mentalspace_claims::x12::unwrap_lines(&sample.bytes()).into_owned();
        let Ok(trees) = LoopTree::read_all(&bytes) else { continue };
        for tree in &trees {
            let Ok(json) = serde_json::to_string(tree) else { panic!("{}", sample.get("path")) };
            match serde_json::from_str::<LoopTree>(&json) {
                Ok(back) => assert_eq!(serde_json::to_string(&back).unwrap(), json, "{}", sample.get("path")),
                // An id that is none cannot come back.
                Err(_) => assert!(sample.get("grade") != "A", "{}", sample.get("path")),
            }
            sets += 1;
        }
        files += 1;
    }
    println!("trees: {files} files, {sets} sets");
}
