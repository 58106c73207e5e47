//! A reader of one claim's 837P by loop, segment and element; it shares nothing with the crate's own.

use mentalspace_claims::claim::{Claim, Contact};
use mentalspace_claims::transaction::p837::{ReceiverName, Submission, Submitter, write};
use mentalspace_claims::x12::InterchangeParty;
use mentalspace_core::Phone;

use crate::cms1500::example::{day, organization};

/// Segment id and elements.
#[derive(Clone, Default)]
pub(super) struct Segment(pub(super) Vec<String>);

impl Segment {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Element `number`, empty if it is not there.
    pub(super) fn at(&self, number: usize) -> &str {
        self.0.get(number).map_or("", String::as_str)
    }

    pub(super) fn component(&self, number: usize, component: usize) -> String {
        self.at(number).split(':').nth(component - 1).unwrap_or_default().to_owned()
    }

    /// The element behind a qualifier.
    pub(super) fn after(&self, qualifier: &str) -> &str {
        let place = self.0.iter().position(|element| element == qualifier);
        place.map_or("", |place| self.at(place + 1))
    }
}

/// The segments of a claim by loop, its lines apart.
#[derive(Default)]
pub(super) struct File {
    segments: Vec<(&'static str, Segment)>,
    pub(super) lines: Vec<Self>,
}

impl File {
    pub(super) fn of(claim: &Claim) -> Self {
        let party = |id: &str| InterchangeParty { qualifier: "ZZ".to_owned(), id: id.to_owned() };
        let contact = Contact { phone: Phone::parse("217-555-0100").ok(), ..Contact::default() };
        let submitter = Submitter { name: organization("Biller"), id: "B1".to_owned(), contact };
        let receiver = ReceiverName { name: organization("House"), id: "H1".to_owned() };
        let at = day(2026, 4, 2).and_hms_opt(12, 0, 0).unwrap();
        let submission = Submission::new(party("US"), party("THEM"), submitter, receiver, "1", at);
        let written = write(&submission, [claim]).unwrap();
        Self::parse(&String::from_utf8(written.file.unwrap()).unwrap())
    }

    fn parse(text: &str) -> Self {
        let (mut file, mut current) = (Self::default(), "");
        for segment in text.split('~').map(str::trim).filter(|segment| !segment.is_empty()) {
            let segment = Segment(segment.split('*').map(str::to_owned).collect());
            current = next_loop(current, &segment, file.lines.len());
            if current == "2400" && segment.at(0) == "LX" {
                file.lines.push(Self::default());
            }
            let target = file.lines.last_mut().map_or(&mut file.segments, |line| &mut line.segments);
            target.push((current, segment));
        }
        file
    }

    pub(super) fn all(&self, loops: &str, id: &str) -> impl Iterator<Item = Segment> {
        let found: Vec<_> = self.segments.iter().filter(|(at, s)| *at == loops && s.at(0) == id).collect();
        found.into_iter().map(|(_, segment)| segment.clone()).collect::<Vec<_>>().into_iter()
    }

    /// The first such segment, an empty one if there is none.
    pub(super) fn find(&self, loops: &str, id: &str) -> Segment {
        self.all(loops, id).next().unwrap_or_default()
    }

    pub(super) fn reference(&self, loops: &str, qualifier: &str) -> Option<&str> {
        self.qualified(loops, "REF", qualifier)
    }

    pub(super) fn amount(&self, loops: &str, qualifier: &str) -> Option<&str> {
        self.qualified(loops, "AMT", qualifier)
    }

    fn qualified(&self, loops: &str, id: &str, qualifier: &str) -> Option<&str> {
        let wanted = |(at, s): &&(&str, Segment)| *at == loops && s.at(0) == id && s.at(1) == qualifier;
        self.segments.iter().find(wanted).map(|(_, segment)| segment.at(2))
    }

    /// First and last day of a DTP.
    pub(super) fn date(&self, qualifier: &str) -> Option<(String, String)> {
        let (_, segment) = self.segments.iter().find(|(_, s)| s.at(0) == "DTP" && s.at(1) == qualifier)?;
        let (from, to) = segment.at(3).split_once('-').unwrap_or((segment.at(3), segment.at(3)));
        Some((from.to_owned(), to.to_owned()))
    }
}

/// The loop a segment opens or stays in.
fn next_loop(current: &'static str, segment: &Segment, lines: usize) -> &'static str {
    let in_claim = current.starts_with("23") || current.starts_with("24");
    match (segment.at(0), segment.at(1)) {
        ("HL", _) if segment.at(3) == "20" => "2000A",
        ("HL", _) if segment.at(3) == "22" => "2000B",
        ("HL", _) => "2000C",
        ("SBR", _) if in_claim => "2320",
        ("CLM", _) => "2300",
        ("LX", _) => "2400",
        ("LIN", _) => "2410",
        ("SVD", _) => "2430",
        ("NM1", "85") => "2010AA",
        ("NM1", "87") => "2010AB",
        ("NM1", "IL") if in_claim => "2330A",
        ("NM1", "IL") => "2010BA",
        ("NM1", "PR") if in_claim => "2330B",
        ("NM1", "PR") => "2010BB",
        ("NM1", "QC") => "2010CA",
        ("NM1", "DN") => "2310A",
        ("NM1", "82") if lines > 0 => "2420A",
        ("NM1", "82") => "2310B",
        ("NM1", "77") => "2310C",
        ("NM1", "DQ") => "2310D",
        _ => current,
    }
}
