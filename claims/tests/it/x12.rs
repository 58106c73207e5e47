#[cfg(feature = "testing")]
mod generate;
mod merge;
mod split;
mod write;

use std::io::{Read, repeat};

use mentalspace_claims::x12::{
    Charset, Delimiters, Envelope, Excess, FindingCode, Limits, Piece, Reader, StreamReader, Unwritable, WriteError,
    Writer, X12Error, unwrap_lines,
};
use proptest::prelude::*;

use crate::era;

fn sample() -> String {
    era::file("T1", &[era::Claim::new("C1", "1", vec![era::Line::new("90837", 15_000, &[("CO", "45", 5_000)])])], &[])
}

fn segments(bytes: &[u8]) -> Vec<String> {
    Reader::new(bytes).map(|s| String::from_utf8_lossy(s.unwrap().bytes()).into_owned()).collect()
}

fn codes(bytes: &[u8]) -> Vec<FindingCode> {
    let mut envelope = Envelope::new();
    for segment in Reader::new(bytes) {
        envelope.feed(&segment.unwrap());
    }
    envelope.finish();
    envelope.findings().iter().map(|f| f.code).collect()
}

/// Reads the bytes in pieces; what a stream gives must not depend on where they are cut.
fn streamed(bytes: &[u8], piece: usize) -> Result<Vec<Vec<u8>>, X12Error> {
    let mut stream = StreamReader::new(Pieces(bytes, piece));
    let mut all = Vec::new();
    while let Some(segment) = stream.next_segment()? {
        all.push(segment.bytes().to_vec());
    }
    Ok(all)
}

struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.len().min(buffer.len()).min(self.1);
        buffer[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

/// R1.
#[test]
fn any_delimiters_line_ends_and_text_around_make_no_difference() {
    let plain = sample();
    let expected = segments(plain.as_bytes());
    assert!(codes(plain.as_bytes()).is_empty());
    let ids = |bytes: &[u8]| -> Vec<Vec<u8>> { Reader::new(bytes).map(|s| s.unwrap().id().to_vec()).collect() };
    let variants: [(&str, String); 6] = [
        ("line feeds after the terminator", plain.replace('~', "~\n")),
        ("carriage returns as well", plain.replace('~', "~\r\n")),
        ("line feed as terminator", plain.replace('~', "\n")),
        ("both as terminator", plain.replace('~', "\r\n")),
        ("byte-order mark", format!("\u{feff}{plain}")),
        ("text before and blank lines", format!("Dear sir,\n\n{}\n\n", plain.replace('~', "~\n\n"))),
    ];
    for (what, text) in variants {
        assert_eq!(segments(text.as_bytes()), expected, "{what}");
    }
    let other: Vec<u8> = plain
        .bytes()
        .map(|b| match b {
            b'*' => b'|',
            b':' => b'>',
            b'~' => 0x1E,
            b'^' => b'!',
            b => b,
        })
        .collect();
    assert_eq!(ids(&other), ids(plain.as_bytes()));
    assert_eq!(Reader::new(&other).last().unwrap().unwrap().delimiters().component, b'>');
}

#[test]
fn a_file_wrapped_at_eighty_columns_reads_like_the_original() {
    let plain = sample();
    for end in ["\n", "\r\n"] {
        let wrapped: String =
            plain.as_bytes().chunks(80).map(|chunk| format!("{}{end}", String::from_utf8_lossy(chunk))).collect();
        assert_eq!(segments(&unwrap_lines(wrapped.as_bytes())), segments(plain.as_bytes()));
        let streamed = streamed(wrapped.as_bytes(), 13).unwrap();
        assert_eq!(streamed.len(), segments(plain.as_bytes()).len());
    }
    assert!(matches!(unwrap_lines(plain.as_bytes()), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn line_breaks_in_front_of_a_terminator_are_no_data() {
    let plain = sample();
    for breaks in ["\n", "\r", "\r\n", "\n\r", "\n\n", "\r\r\n"] {
        let file = plain.replace('~', &format!("{breaks}~")).replacen(&format!("{breaks}~"), "~", 1);
        assert_eq!(segments(file.as_bytes()), segments(plain.as_bytes()), "{breaks:?}");
        for piece in [1, 50, 100, 1000] {
            assert_eq!(streamed(file.as_bytes(), piece).unwrap().len(), segments(plain.as_bytes()).len());
        }
        for segment in Reader::new(file.as_bytes()).skip(1).map(Result::unwrap) {
            assert!(segment.elements().all(|element| !element.contains(&breaks.as_bytes()[0])));
        }
    }
}

/// R2.
#[test]
fn several_interchanges_with_other_delimiters_and_text_between_are_read() {
    let one = sample();
    let two = one.replace('*', "|").replace('~', "\n");
    let file = format!("{one}\nsome note\n{two}");
    let sets = Reader::new(file.as_bytes()).filter(|s| s.as_ref().unwrap().id() == b"ST").count();
    assert_eq!(sets, 2);
    assert_eq!(streamed(file.as_bytes(), 3).unwrap(), streamed(file.as_bytes(), 4096).unwrap());
}

/// Wherever the source happens to be cut, text does not become a segment because it looks like one.
#[test]
fn text_behind_an_interchange_ends_at_the_next_one_only() {
    let one = sample();
    for text in ["REF*in a letter, ISA*as well", "\n0 SE*1*2~GS*HP", "a\n\nNM1*A~\nNM1*B~", "G"] {
        let file = format!("{one}- {text}\n{one}");
        let expected = [segments(one.as_bytes()), segments(one.as_bytes())].concat();
        assert_eq!(segments(file.as_bytes()), expected, "{text}");
        for piece in 1..40 {
            let streamed = streamed(file.as_bytes(), piece).unwrap();
            assert_eq!(streamed.len(), expected.len(), "{text} in pieces of {piece}");
        }
    }
    let lost = format!("{one}GS*HP*A*B*20240131*1200*1*X*005010~");
    assert!((1..40).all(|piece| streamed(lost.as_bytes(), piece).unwrap().len() == segments(one.as_bytes()).len() + 1));
}

#[test]
fn a_header_that_is_not_padded_is_read_and_reported() {
    let file = "ISA*00**00**ZZ*A*ZZ*B*240131*1200*^*00501*000000001*0*T*:~GS*HP*A*B*20240131*1200*1*X*005010~\
                GE*0*1~IEA*1*000000001~";
    assert_eq!(segments(file.as_bytes()).len(), 4);
    assert_eq!(codes(file.as_bytes()), [FindingCode::HeaderWidth]);
}

#[test]
fn a_file_without_an_interchange_is_read_and_reported() {
    let file = "ST*835*0001~BPR*I*0*C*NON~SE*3*0001~";
    assert_eq!(segments(file.as_bytes()), ["ST*835*0001", "BPR*I*0*C*NON", "SE*3*0001"]);
    assert_eq!(codes(file.as_bytes()), [FindingCode::NoInterchange]);
    let group = "GS|HP|A|B|20240131|1200|1|X|005010\nST|835|0001\nSE|2|0001\nGE|1|1\n";
    assert_eq!(segments(group.as_bytes()).len(), 4);
}

#[test]
fn wrong_counts_and_numbers_are_reported_and_never_fatal() {
    let good = sample();
    let cases = [
        (good.replace("*0001~GE", "*0002~GE"), vec![FindingCode::SetControl]),
        (good.replace("GE*1*1", "GE*2*1"), vec![FindingCode::SetCount]),
        (good.replace("GE*1*1", "GE*1*9"), vec![FindingCode::GroupControl]),
        (good.replace("IEA*1*000000001", "IEA*1*000000002"), vec![FindingCode::InterchangeControl]),
        (good.replace("IEA*1*", "IEA*3*"), vec![FindingCode::GroupCount]),
        (good.replace("LX*1~", ""), vec![FindingCode::SegmentCount]),
        (good.replace("IEA*1*000000001~", ""), vec![FindingCode::InterchangeTrailerMissing]),
        (good.replace("GE*1*1~", ""), vec![FindingCode::GroupTrailerMissing]),
        (good.trim_end_matches('~').to_owned(), vec![FindingCode::Unterminated]),
        (format!("{good}{good}"), vec![FindingCode::InterchangeRepeated]),
        (good.replace("LX*1~", "lx*1~"), vec![FindingCode::SegmentId]),
        (good.replace("GE*1*1~", "GE*1*1~ZZZ*1~"), vec![FindingCode::OutsideSet]),
    ];
    for (file, expected) in cases {
        assert_eq!(codes(file.as_bytes()), expected);
    }
    let cut = &good[..good.find("SE*").unwrap()];
    assert!(codes(cut.as_bytes()).contains(&FindingCode::SetTrailerMissing));
}

#[test]
fn binary_data_is_read_by_its_length() {
    let head = &sample()[..106];
    let file = format!("{head}BIN*9*a~b*c\r\nde~IEA*0*000000001~");
    let all: Vec<_> = Reader::new(file.as_bytes()).map(Result::unwrap).collect();
    assert_eq!(all[1].element(2), b"a~b*c\r\nde");
    assert_eq!(all[1].elements().count(), 2);
    assert_eq!(streamed(file.as_bytes(), 5).unwrap().len(), 3);
    for bad in ["BIN*x*abc~", "BIN*99999999999999*abc~", "BIN*4*abc~IEA~"] {
        let file = format!("{head}{bad}");
        let error = Reader::new(file.as_bytes()).find_map(Result::err).unwrap();
        assert!(matches!(error, X12Error::BinaryLength { offset: 106 } | X12Error::SegmentTooLong { .. }), "{bad}");
        assert!(streamed(file.as_bytes(), 5).is_err(), "{bad}");
    }
}

#[test]
fn elements_components_and_repetitions_are_counted_from_one() {
    let file = format!("{}EQ*30^98*A:B::D*~", &sample()[..106]);
    let segment = Reader::new(file.as_bytes()).last().unwrap().unwrap();
    assert_eq!(segment.element(0), b"");
    assert_eq!(segment.repetitions(segment.element(1)).collect::<Vec<_>>(), [b"30", b"98"]);
    assert_eq!(segment.component(2, 2), b"B");
    assert_eq!(
        (segment.component(2, 3), segment.component(2, 4), segment.component(2, 5)),
        (&b""[..], &b"D"[..], &b""[..])
    );
    assert_eq!(segment.elements().count(), 3);
    assert_eq!((segment.position().offset, segment.position().segment, segment.position().in_set), (106, 2, 0));
}

#[test]
fn elements_are_found_on_both_sides_of_a_block_boundary() {
    let head = &sample()[..106];
    for width in 1..200 {
        let elements: Vec<String> = (0..7).map(|n| "A".repeat((width + n * 13) % 67)).collect();
        let line = format!("NM1*{}", elements.join("*"));
        for end in ["~", "~\n", "~\r\n"] {
            let file = format!("{head}{end}{}IEA*0*000000001{end}", format!("{line}{end}").repeat(3));
            for segment in Reader::new(file.as_bytes()).skip(1).take(3) {
                let segment = segment.unwrap();
                assert_eq!(segment.id(), b"NM1");
                assert!(segment.elements().eq(elements.iter().map(String::as_bytes)), "{width}");
                for (number, element) in (1..).zip(&elements) {
                    assert_eq!(segment.element(number), element.as_bytes(), "{width}");
                }
                assert_eq!(segment.element(8), b"");
                assert_eq!(segment.element(usize::MAX), b"");
            }
        }
    }
}

/// Before 00402 there is no repetition separator, and ISA11 holds U.
#[test]
fn an_old_interchange_has_no_repetition() {
    let file = sample().replace("*^*00501*", "*U*00401*");
    let segment = Reader::new(file.as_bytes()).nth(1).unwrap().unwrap();
    assert_eq!(segment.delimiters().repetition, None);
    assert_eq!(segment.repetitions(b"A^B").collect::<Vec<_>>(), [b"A^B"]);
}

#[test]
fn hostile_sources_end_quickly_in_little_memory() {
    let mut tildes = StreamReader::new(repeat(b'~').take(100 << 20));
    assert!(matches!(tildes.next_segment(), Err(X12Error::NotX12 { .. })));
    let head = sample()[..106].to_owned();
    let mut noise = StreamReader::new(head.as_bytes().chain(repeat(b'~').take(100 << 20)));
    let mut count = 0;
    while noise.next_segment().unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 1);
    let mut endless = StreamReader::with_limits(head.as_bytes().chain(repeat(b'A')), Limits::segments_of(10_000));
    assert!(endless.next_segment().unwrap().is_some());
    assert!(matches!(endless.next_segment(), Err(X12Error::SegmentTooLong { offset: 106, limit: 10_000 })));
    assert!(endless.next_segment().unwrap().is_none());
    assert!(matches!(Reader::new(b"ISA*00*   ").next(), Some(Err(X12Error::TruncatedHeader { offset: 0 }))));
    assert!(matches!(Reader::new(b"%PDF-1.7").next(), Some(Err(X12Error::NotX12 { .. }))));
    assert!(matches!(Reader::new(b"").next(), Some(Err(X12Error::NotX12 { searched: 0 }))));
}

#[test]
fn a_segment_of_too_many_parts_is_read_marked_and_reported() {
    let head = &sample()[..106];
    for (long, excess) in [
        ("ZZZ*".to_owned() + &"*".repeat(1_000_000), Excess::Elements),
        ("ZZZ*1:".to_owned() + &":".repeat(1_000_000), Excess::Components),
        ("ZZZ*1^".to_owned() + &"^".repeat(1_000_000), Excess::Repetitions),
    ] {
        let file = format!("{head}{long}~ZZ1*1~");
        let all: Vec<_> = Reader::new(file.as_bytes()).map(Result::unwrap).collect();
        assert_eq!((all[1].excess(), all[2].excess()), (Some(excess), None));
        assert_eq!(all[1].bytes(), long.as_bytes());
        assert!(codes(file.as_bytes()).contains(&FindingCode::Excess));
    }
    let mut limits = Limits::default();
    (limits.elements, limits.components) = (3, 2);
    let file = format!("{head}AAA*1*2*3~BBB*1*2*3*4~CCC*A:B~DDD*A:B:C~EEE*1~{}", "FFF*1~".repeat(20));
    let marked: Vec<_> = Reader::with_limits(file.as_bytes(), limits)
        .map(Result::unwrap)
        .filter(|s| s.excess().is_some())
        .map(|s| s.id().to_vec())
        .collect();
    assert_eq!(marked, [b"ISA", b"BBB", b"DDD"]);
}

#[test]
fn a_source_that_fails_says_where() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let file = sample();
    let mut stream = StreamReader::new(file.as_bytes().chain(Fails));
    let error = loop {
        match stream.next_segment() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the failure was swallowed"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, X12Error::Io { .. }));
}

/// The classic injection.
#[test]
fn data_with_a_delimiter_or_control_character_is_refused() {
    for bad in ["A*B", "A:B", "A~B", "A^B", "A\nB", "A\u{0}B", "Ñ", "A\u{1e}"] {
        let mut out = Writer::new(Delimiters::default(), Charset::Extended, Unwritable::Refuse);
        let error = out.segment("NM1").element("QC").element(bad).end();
        assert_eq!(error, Err(WriteError::Character { tag: "NM1", element: 2 }), "{bad:?}");
        assert_eq!(out.finish(), b"");
    }
}

#[test]
fn replaced_characters_are_reported() {
    let mut out = Writer::new(Delimiters::default(), Charset::Basic, Unwritable::Replace);
    out.segment("NM1").element("QC").element("Muñoz*Ångström’s").end().unwrap();
    assert_eq!((out.replaced()[0].element, out.replaced()[0].characters), (2, 5));
    // A name of which nothing is left would be no name.
    assert!(out.segment("NM1").element("QC").element("山田").end().is_err());
    assert_eq!(out.finish(), b"NM1*QC*MUNOZ ANGSTROM'S~");
}

#[test]
fn empty_ends_are_cut_and_an_empty_segment_is_refused() {
    let mut out = Writer::new(Delimiters::default(), Charset::Basic, Unwritable::Refuse);
    out.segment("SV1").composite(&["HC", "90837", "", ""]).element("").element("1").element("").skip(3).end().unwrap();
    assert_eq!(out.segment("N3").element("").composite(&["", ""]).end(), Err(WriteError::Empty { tag: "N3" }));
    assert_eq!(out.finish(), b"SV1*HC:90837**1~");
}

fn echoed(bytes: &[u8]) -> Vec<u8> {
    let (mut reader, mut copy) = (Reader::new(bytes), Vec::new());
    while let Ok(Some(piece)) = reader.next_piece() {
        copy.extend_from_slice(piece.bytes());
    }
    copy.extend_from_slice(reader.rest());
    copy
}

fn echoed_by_stream(bytes: &[u8], piece: usize) -> Result<Vec<u8>, X12Error> {
    let (mut stream, mut copy) = (StreamReader::new(Pieces(bytes, piece)), Vec::new());
    while let Some(piece) = stream.next_piece()? {
        copy.extend_from_slice(piece.bytes());
    }
    Ok(copy)
}

#[test]
fn a_file_cut_anywhere_into_two_reads_gives_the_same_pieces() {
    let file = format!("\u{feff} {}\r\nnote\n{}\n\n", sample().replace('~', "~\r\n"), sample().replace('~', "\n"));
    let whole = streamed(file.as_bytes(), usize::MAX).unwrap();
    for at in 0..file.len() {
        let (first, second) = file.as_bytes().split_at(at);
        let mut stream = StreamReader::new(first.chain(second));
        let (mut copy, mut segments) = (Vec::new(), Vec::new());
        while let Some(piece) = stream.next_piece().unwrap() {
            copy.extend_from_slice(piece.bytes());
            if let Piece::Segment { segment, .. } = piece {
                segments.push(segment.bytes().to_vec());
            }
        }
        assert_eq!((copy.as_slice(), &segments), (file.as_bytes(), &whole), "cut at {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_never_panic_and_stream_like_slices(bytes in prop::collection::vec(any::<u8>(), 0..2000), piece in 1_usize..64) {
        let slice: Result<Vec<_>, _> = Reader::new(&bytes).map(|s| s.map(|s| s.bytes().to_vec())).collect();
        let stream = streamed(&bytes, piece);
        prop_assert_eq!(slice.is_ok(), stream.is_ok());
        prop_assert_eq!(&echoed(&bytes), &&bytes[..]);
        if let (Ok(slice), Ok(stream)) = (slice, stream) {
            prop_assert_eq!(slice, stream);
            prop_assert_eq!(echoed_by_stream(&bytes, piece).unwrap(), unwrap_lines(&bytes).into_owned());
        }
    }

    #[test]
    fn changed_files_never_panic_and_stream_like_slices(
        at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        piece in 1_usize..200,
    ) {
        let mut bytes = sample().into_bytes();
        for (index, byte) in at {
            let i = index.index(bytes.len());
            bytes[i] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let bytes = unwrap_lines(&bytes);
        let slice: Result<Vec<_>, _> = Reader::new(&bytes).map(|s| s.map(|s| s.bytes().to_vec())).collect();
        let stream = streamed(&bytes, piece);
        prop_assert_eq!(slice.is_ok(), stream.is_ok());
        prop_assert_eq!(&echoed(&bytes), &&bytes[..]);
        if let (Ok(slice), Ok(stream)) = (slice, stream) {
            prop_assert_eq!(slice, stream);
            prop_assert_eq!(echoed_by_stream(&bytes, piece).unwrap(), unwrap_lines(&bytes).into_owned());
        }
        let mut envelope = Envelope::new();
        for segment in Reader::new(&bytes).flatten() {
            envelope.feed(&segment);
            let _ = (segment.elements().count(), segment.component(1, 2), format!("{segment:?}"));
        }
        envelope.finish();
    }

    #[test]
    fn what_is_written_is_read_back(rows in prop::collection::vec(prop::collection::vec("[A-Z0-9 .,/()&'-]{0,12}", 1..8), 1..20)) {
        let mut out = Writer::new(Delimiters::default(), Charset::Basic, Unwritable::Refuse);
        let mut expected = Vec::new();
        for row in &rows {
            let segment = row.iter().fold(out.segment("ZZ1"), |segment, element| segment.element(element));
            let trimmed: Vec<&str> = row.iter().map(|e| e.trim_matches(' ')).collect();
            let used = trimmed.iter().rposition(|e| !e.is_empty()).map_or(0, |last| last + 1);
            prop_assert_eq!(segment.end().is_ok(), used > 0);
            if used > 0 {
                expected.push(trimmed[..used].iter().map(ToString::to_string).collect::<Vec<_>>());
            }
        }
        let mut file = sample().as_bytes()[..106].to_vec();
        file.extend(out.finish());
        let text = |e: &[u8]| String::from_utf8_lossy(e).into_owned();
        let read: Vec<Vec<String>> = Reader::new(&file).skip(1).map(|s| s.unwrap().elements().map(text).collect()).collect();
        prop_assert_eq!(read, expected);
    }
}
