//! `mentalspace x12 validate`: what is wrong with files, where, and how to mend it.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::Arc,
};

use clap::Args;
use indicatif::ProgressBar;
use mentalspace_claims::{
    code_list::{CodeLists, ListId, Load},
    validate::{
        self, Edits, FileView, FindingView, Options, Profile, Report, Severity, TransactionView, Validator,
        Verdict as Answer,
    },
    x12::{Delimiters, Reader},
};
use serde::Serialize;

use crate::{
    Failure, Verdict,
    input::{self, Input},
    json,
    output::{Files, Shown, show_each},
    work::Counted,
};

/// What `validate` takes.
#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    pub(crate) weights: Weights,
    /// Show places without the segments themselves, which hold protected content.
    #[arg(long)]
    no_content: bool,
}

/// What is asked of a file, and how much it weighs.
#[derive(Debug, Args)]
pub(crate) struct Weights {
    /// `strict`, `lenient`, or a file with a profile as JSON.
    #[arg(long, value_name = "PROFILE", default_value = "strict")]
    profile: String,
    /// Edits of a trading partner, as JSON. May be repeated.
    #[arg(long, value_name = "FILE")]
    edits: Vec<String>,
    /// A code list of your own as CSV, such as `procedure=cpt.csv`. May be repeated.
    #[arg(long, value_name = "LIST=FILE")]
    list: Vec<String>,
    /// The most findings that are shown for a file.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: usize,
}

impl Weights {
    pub(crate) fn options(&self) -> Result<Options, Failure> {
        let profile = match self.profile.as_str() {
            "strict" => Profile::strict(),
            "lenient" => Profile::lenient(),
            file => json::values(&input::single(file).read()?)?.remove(0),
        };
        let mut options = Options::with_profile(profile);
        options.findings = self.limit;
        options.lists = self.lists()?;
        let edits = self.edits.iter().map(|file| json::values::<Edits>(&input::single(file).read()?));
        options.edits = Arc::from(edits.collect::<Result<Vec<_>, Failure>>()?.concat());
        Ok(options)
    }

    fn lists(&self) -> Result<CodeLists, Failure> {
        let mut lists = CodeLists::standard();
        for list in &self.list {
            let (name, file) = list.split_once('=').ok_or(Failure::List)?;
            let id: ListId = serde_json::from_value(name.into()).map_err(|_| Failure::List)?;
            let reader = BufReader::new(input::single(file).open()?);
            lists.load_csv(id, reader, Load::Replace).map_err(Failure::CodeList)?;
        }
        Ok(lists)
    }
}

impl Validate {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        let options = self.weights.options()?;
        show_each(&self.files, |input: &Input, bar: &ProgressBar| {
            let source = Counted::new(input.open()?, bar);
            let report = Validator::new(options.clone()).validate_stream(source).map_err(Failure::X12)?;
            let quotes = match input {
                Input::File(path) if !self.no_content => Some(Quotes::new(path.clone(), &report)),
                Input::File(_) | Input::Standard => None,
            };
            let nothing = report.interchanges.is_empty() && report.groups.is_empty() && report.sets.is_empty();
            Ok(Page { view: FileView::new(input.name(), &report), quotes, nothing })
        })
    }
}

/// Lists the rules: id, SNIP type, weight and what each says, parted by tabs.
pub(crate) fn rules() -> Result<Verdict, Failure> {
    let mut out = io::stdout().lock();
    for rule in validate::rules() {
        writeln!(out, "{}\t{}\t{}\t{}\t{}", rule.id, rule.snip as u8, weight(rule.severity), rule.says, rule.fix)?;
    }
    Ok(Verdict::Right)
}

const fn weight(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// What was found in a file, and where its segments can be looked up.
#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    view: FileView,
    #[serde(skip)]
    quotes: Option<Quotes>,
    /// Whether there is no X12 in it at all.
    #[serde(skip)]
    nothing: bool,
}

impl Shown for Page {
    fn verdict(&self) -> Verdict {
        match (self.nothing, self.view.valid) {
            (true, _) => Verdict::Unreadable,
            (false, true) => Verdict::Right,
            (false, false) => Verdict::Wrong,
        }
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let FileView { file, valid, transactions, findings, omitted, .. } = &self.view;
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let word = if *valid { "valid" } else { "NOT VALID" };
        writeln!(out, "{file}: {word}, {errors} errors, {warnings} warnings")?;
        for TransactionView { kind, version, st, claims, verdict, .. } in transactions {
            let kind = serde_json::to_value(kind)?;
            let verdict = match verdict {
                Answer::Accepted => "accepted",
                Answer::AcceptedWithErrors => "accepted with warnings",
                Answer::Partly => "accepted in part",
                Answer::Rejected => "rejected",
            };
            writeln!(out, "  {} {st} ({version}), claims {claims}: {verdict}", kind.as_str().unwrap_or("?"))?;
        }
        for finding in findings {
            self.write_finding(out, finding)?;
        }
        if *omitted > 0 {
            writeln!(out, "\nand {omitted} findings more")?;
        }
        Ok(())
    }
}

impl Page {
    fn write_finding(&self, out: &mut dyn Write, finding: &FindingView) -> io::Result<()> {
        let FindingView { severity, rule, snip, index, offset, message, fix, .. } = finding;
        write!(out, "\n{}: {message}\n  at segment {index} (byte {offset})", weight(*severity))?;
        let set = finding.st.as_ref().map(|st| format!(", set {st}"));
        let place = finding.loop_id.as_ref().map(|id| format!(", loop {id}"));
        let part = finding.element.as_ref().or(finding.segment.as_ref()).map(|part| format!(", {part}"));
        for part in [set, place, part].into_iter().flatten() {
            out.write_all(part.as_bytes())?;
        }
        writeln!(out, "; rule {rule}, SNIP {}", *snip as u8)?;
        if let Some((text, caret)) = self.quotes.as_ref().and_then(|quotes| quotes.quote(finding)) {
            writeln!(out, "    {text}")?;
            if let Some((at, width)) = caret {
                writeln!(out, "    {:at$}{}", "", "^".repeat(width.max(1)))?;
            }
        }
        writeln!(out, "  fix: {fix}")
    }
}

/// Where segments are looked up again.
struct Quotes {
    file: PathBuf,
    /// The byte each interchange begins at.
    interchanges: Vec<u64>,
}

/// The longest stretch of a file that is quoted.
const QUOTE: u64 = 400;

impl Quotes {
    fn new(file: PathBuf, report: &Report) -> Self {
        let headers = report.interchanges.iter().filter_map(|interchange| interchange.header.as_ref());
        Self { file, interchanges: headers.map(|header| header.position.offset).collect() }
    }

    /// Returns the segment of a finding and where the element stands in it; nothing where it cannot be found again.
    fn quote(&self, finding: &FindingView) -> Option<(String, Option<(usize, usize)>)> {
        let before = self.interchanges.partition_point(|from| *from <= finding.offset).checked_sub(1);
        let header = self.read(before.map_or(0, |at| self.interchanges[at]))?;
        let delimiters = Reader::new(&header).next()?.ok()?.delimiters();
        let bytes = self.read(finding.offset)?;
        let segment = bytes.split(|byte| *byte == delimiters.terminator).next()?;
        let shown = |bytes: &[u8]| -> String {
            let text = String::from_utf8_lossy(bytes);
            text.chars().map(|c| if c.is_control() { '\u{b7}' } else { c }).collect()
        };
        let about = finding.segment.as_deref().is_some_and(|id| segment.starts_with(id.as_bytes()));
        let element = finding.element.as_deref().filter(|_| about);
        let caret = element.and_then(|element| place(segment, element, delimiters));
        Some((shown(segment), caret.map(|(from, to)| (shown(&segment[..from]).chars().count(), to - from))))
    }

    fn read(&self, offset: u64) -> Option<Vec<u8>> {
        let mut file = File::open(&self.file).ok()?;
        file.seek(SeekFrom::Start(offset)).ok()?;
        let mut bytes = Vec::new();
        file.take(QUOTE).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// Finds `SV101-2` in an SV1 segment; of an element that is not there, its end.
fn place(segment: &[u8], designator: &str, delimiters: Delimiters) -> Option<(usize, usize)> {
    let id = segment.iter().position(|byte| *byte == delimiters.element).unwrap_or(segment.len());
    let (element, component) = designator.get(id..)?.split_once('-').unwrap_or((designator.get(id..)?, "1"));
    let whole = !designator.contains('-');
    let nth = |bytes: &[u8], separator: u8, number: usize| -> (usize, usize) {
        let mut from = 0;
        for (at, part) in bytes.split(|byte| *byte == separator).enumerate() {
            if at == number {
                return (from, from + part.len());
            }
            from += part.len() + 1;
        }
        (bytes.len(), bytes.len())
    };
    let (from, to) = nth(segment, delimiters.element, element.parse().ok()?);
    if whole {
        return Some((from, to));
    }
    let (first, last) = nth(&segment[from..to], delimiters.component, component.parse::<usize>().ok()?.checked_sub(1)?);
    Some((from + first, from + last))
}
