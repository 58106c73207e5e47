use std::collections::HashSet;

use mentalspace_claims::x12::{Groups, Level, MergeError, MergeOptions, Merged, Reader, Renumbered, SplitBy, merge};

use super::split::{parts, three_sets};
use super::{codes, sample};

fn merged(files: &[&[u8]], options: &MergeOptions) -> Result<(Merged, Vec<u8>), MergeError> {
    let mut file = Vec::new();
    let report = merge(files.iter().copied(), &mut file, options)?;
    Ok((report, file))
}

fn options(groups: Groups) -> MergeOptions {
    let mut options = MergeOptions::default();
    options.groups = groups;
    options
}

/// The segments of all sets, without ST and SE.
fn contents(file: &[u8]) -> Vec<Vec<Vec<u8>>> {
    Reader::new(file)
        .map(Result::unwrap)
        .filter(|s| s.position().in_set > 1 && s.id() != b"SE")
        .map(|s| s.elements().map(<[u8]>::to_vec).collect())
        .collect()
}

#[test]
fn what_was_split_is_merged_again() {
    let file = three_sets();
    let (_, parts) = parts(file.as_bytes(), SplitBy::Set).unwrap();
    let files: Vec<&[u8]> = parts.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    for (groups, count) in [(Groups::Join, 1), (Groups::Keep, 3)] {
        let (report, whole) = merged(&files, &options(groups)).unwrap();
        assert_eq!(codes(&whole), []);
        assert_eq!((report.groups, report.sets, report.findings.len(), report.left_out.len()), (count, 3, 0, 0));
        assert_eq!(contents(&whole), contents(file.as_bytes()));
        let sets: Vec<&Renumbered> = report.renumbered.iter().filter(|r| r.level == Level::Set).collect();
        assert_eq!(sets.iter().map(|r| &*r.old).collect::<Vec<_>>(), ["0001", "0002", "0001"]);
        assert_eq!(sets.iter().map(|r| &*r.new).collect::<HashSet<_>>().len(), 3);
        assert_eq!((sets[2].file, sets[2].new.as_str()), (4, "0003"));
    }
    let mut numbered = options(Groups::Join);
    numbered.control = Some(77);
    let (_, whole) = merged(&files, &numbered).unwrap();
    assert!(whole.ends_with(b"IEA*1*000000077~") && codes(&whole).is_empty());
    numbered.control = Some(0);
    assert!(matches!(merged(&files, &numbered), Err(MergeError::Control)));
}

#[test]
fn files_with_other_delimiters_are_merged_unless_their_data_holds_the_first_ones() {
    let one = sample();
    let two: String = one
        .chars()
        .map(|c| match c {
            '*' => '|',
            ':' => '>',
            '~' => '\n',
            '^' => '!',
            c => c,
        })
        .collect();
    let (_, whole) = merged(&[one.as_bytes(), two.as_bytes()], &MergeOptions::default()).unwrap();
    assert_eq!(codes(&whole), []);
    assert_eq!(contents(&whole), [contents(one.as_bytes()), contents(one.as_bytes())].concat());
    let bad = two.replace("N3|1 PLAN WAY", "N3|1 PLAN*WAY");
    let error = merged(&[one.as_bytes(), bad.as_bytes()], &MergeOptions::default()).unwrap_err();
    assert!(
        matches!(error, MergeError::Delimiter { file: 2, element: 1, position } if position.segment == 8),
        "{error}"
    );
}

#[test]
fn files_that_do_not_belong_together_or_are_cut_are_not_merged() {
    let one = sample();
    let refused = |two: String| merged(&[one.as_bytes(), two.as_bytes()], &MergeOptions::default()).unwrap_err();
    let other = one.replacen("ZZ*LAKESIDE ", "ZZ*OTHERSIDE", 1);
    assert!(matches!(refused(other), MergeError::Differs { file: 2, element: 8 }));
    let production = one.replacen("*0*T*", "*0*P*", 1);
    assert!(matches!(refused(production), MergeError::Differs { file: 2, element: 15 }));
    let cut = one[..one.find("SE*").unwrap()].to_owned();
    assert!(matches!(refused(cut), MergeError::Unfinished { file: 2, .. }));
    assert!(matches!(refused("not x12".to_owned()), MergeError::Read { file: 2, .. }));
    let bare = merged(&[b"ST*835*1~SE*2*1~"], &MergeOptions::default());
    assert!(matches!(bare, Err(MergeError::NoEnvelope { file: 1, .. })));
}

#[test]
fn wrong_counts_are_right_after_the_merge_and_short_headers_are_filled_up() {
    let wrong = sample().replace("GE*1*1", "GE*5*9").replace("LX*1~", "").replace("ST*835*0001~", "ST*835~");
    let (report, whole) = merged(&[wrong.as_bytes()], &MergeOptions::default()).unwrap();
    assert!(report.findings.len() >= 3);
    assert_eq!(codes(&whole), []);
    assert!(String::from_utf8(whole).unwrap().contains("ST*835*0001~"));
}
