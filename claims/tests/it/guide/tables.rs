//! The tables in `src/guide/tables` are made from `data/guides`; a difference fails, `MENTALSPACE_GOLDEN=write` mends it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const HEAD: &str = "// Made from data/guides by the tests; MENTALSPACE_GOLDEN=write makes it anew.\n\n";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of a file, without comments and the line of column names.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines = text.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
    lines
        .filter(|l| !["in\t", "segment\t", "composite\t", "element\t"].iter().any(|head| l.starts_with(head)))
        .map(|l| l.split('\t').map(str::to_owned).collect())
        .collect()
}

fn at(row: &[String], column: usize) -> &str {
    row.get(column).map_or("", String::as_str)
}

/// A list of things where each has one place.
#[derive(Default)]
struct Pool<T> {
    all: Vec<T>,
    places: HashMap<T, usize>,
}

impl<T: Clone + Eq + std::hash::Hash> Pool<T> {
    fn place(&mut self, thing: T) -> usize {
        *self.places.entry(thing.clone()).or_insert_with(|| {
            self.all.push(thing);
            self.all.len() - 1
        })
    }
}

/// An element as a guide writes it: `R=41`, `S{1..30}`, `R(R=HC R S S)*5`, `.`; `S=?` takes any code.
#[derive(Debug, PartialEq)]
struct Token {
    need: char,
    parts: Vec<Self>,
    length: Option<(u16, u16)>,
    codes: Vec<String>,
    repeat: u8,
}

/// Splits at blanks outside of parentheses; codes may hold blanks, so that a token begins with a need.
fn split(text: &str) -> Vec<String> {
    let (mut all, mut depth, mut token) = (Vec::<String>::new(), 0, String::new());
    let begins = |rest: &str| {
        let mut next = rest.chars();
        matches!(next.next(), Some('R' | 'S' | '.'))
            && matches!(next.next(), None | Some(' ' | '=' | '(' | '{' | '*' | ')'))
    };
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ' ' if depth == 0 && begins(&text[i + 1..]) => {
                all.push(std::mem::take(&mut token));
                continue;
            }
            _ => {}
        }
        token.push(c);
    }
    if !token.is_empty() {
        all.push(token);
    }
    all
}

fn token(text: &str) -> Token {
    let need = text.chars().next().unwrap();
    assert!("RS.".contains(need), "{text}");
    let mut rest = &text[1..];
    let mut token = Token { need, parts: Vec::new(), length: None, codes: Vec::new(), repeat: 1 };
    if let Some(inner) = rest.strip_prefix('(') {
        let end = inner.rfind(')').unwrap();
        token.parts = split(&inner[..end]).iter().map(|t| self::token(t)).collect();
        rest = &inner[end + 1..];
    }
    if let Some(inner) = rest.strip_prefix('{') {
        let (length, after) = inner.split_once('}').unwrap();
        let (min, max) = length.split_once("..").unwrap();
        token.length = Some((min.parse().unwrap(), max.parse().unwrap()));
        rest = after;
    }
    if let Some((before, repeat)) = rest.split_once('*') {
        token.repeat = if repeat == ">1" { 0 } else { repeat.parse().unwrap() };
        rest = before;
    }
    if let Some(codes) = rest.strip_prefix('=') {
        token.codes = codes.split(',').map(str::to_owned).collect();
        rest = "";
    }
    assert!(rest.is_empty(), "{text}");
    token
}

struct Segment {
    elements: Vec<String>,
    notes: (usize, usize),
    told_by: (u8, u8),
}

struct Element {
    kind: String,
    length: (u16, u16),
    codes: Vec<String>,
}

/// What all guides share, and the pools it is put into.
struct Dictionary {
    elements: BTreeMap<String, Element>,
    composites: BTreeMap<String, (Vec<String>, (usize, usize))>,
    segments: BTreeMap<String, Segment>,
    codes: Vec<String>,
    /// Where in `codes` each list begins.
    lists: HashMap<Vec<String>, usize>,
    specs: Pool<String>,
    spec_lists: Vec<usize>,
    ranges: HashMap<Vec<usize>, usize>,
    notes: Vec<String>,
}

impl Dictionary {
    fn read() -> Self {
        let folder = root().join("data/guides");
        let element = |r: &Vec<String>| {
            let codes = if at(r, 4).is_empty() { vec![] } else { at(r, 4).split(',').map(str::to_owned).collect() };
            let length = (r[2].parse().unwrap(), r[3].parse().unwrap());
            (r[0].clone(), Element { kind: r[1].clone(), length, codes })
        };
        let words = |text: &str| text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let mut own = Self {
            elements: rows(&folder.join("elements.tsv")).iter().map(element).collect(),
            composites: BTreeMap::new(),
            segments: BTreeMap::new(),
            codes: Vec::new(),
            lists: HashMap::new(),
            specs: Pool::default(),
            spec_lists: Vec::new(),
            ranges: HashMap::new(),
            notes: Vec::new(),
        };
        for row in rows(&folder.join("composites.tsv")) {
            let notes = own.add_notes(words(at(&row, 2)));
            own.composites.insert(row[0].clone(), (words(at(&row, 1)), notes));
        }
        for row in rows(&folder.join("segments.tsv")) {
            let notes = own.add_notes(words(at(&row, 2)));
            let mut told = at(&row, 3).split('-').map(|n| n.parse().unwrap_or(0));
            let told_by = (told.next().unwrap_or(0), told.next().unwrap_or(0));
            own.segments.insert(row[0].clone(), Segment { elements: words(at(&row, 1)), notes, told_by });
        }
        own
    }

    fn add_notes(&mut self, notes: Vec<String>) -> (usize, usize) {
        let place = (self.notes.len(), notes.len());
        self.notes.extend(notes);
        place
    }

    /// Puts a list of codes into the pool and returns where it begins and how many it has.
    fn list(&mut self, codes: &[String]) -> (usize, usize) {
        let sorted: BTreeSet<String> = codes.iter().cloned().collect();
        let mut sorted: Vec<String> = sorted.into_iter().collect();
        sorted.sort_by_key(|c| (c.bytes().take(7).collect::<Vec<_>>(), c.len()));
        let count = sorted.len();
        let place = *self.lists.entry(sorted.clone()).or_insert_with(|| {
            self.codes.extend(sorted);
            self.codes.len() - count
        });
        (place, count)
    }

    /// Puts a row of specifications into the list and returns its place.
    fn range(&mut self, specs: Vec<usize>) -> (usize, usize) {
        let count = specs.len();
        if let Some(place) = self.ranges.get(&specs) {
            return (*place, count);
        }
        let place = self.spec_lists.len();
        self.spec_lists.extend(&specs);
        self.ranges.insert(specs, place);
        (place, count)
    }

    /// The places of the specifications of all elements; those behind the last that is named are not used.
    fn specs(&mut self, names: &[String], tokens: &[Token]) -> Vec<usize> {
        let unused = token(".");
        let tokens = tokens.iter().chain(std::iter::repeat(&unused));
        names.iter().zip(tokens).map(|(n, t)| self.spec(n, t)).collect()
    }

    fn spec(&mut self, name: &str, token: &Token) -> usize {
        let need = if token.need == 'R' { "Required" } else { "Situational" };
        if let Some((parts, notes)) = self.composites.get(name).cloned() {
            assert!(token.parts.len() <= parts.len(), "{name} {token:?}");
            assert!(token.need == '.' || !token.parts.is_empty(), "{name} has no parts");
            let specs = if token.need == '.' { Vec::new() } else { self.specs(&parts, &token.parts) };
            let (start, count) = self.range(specs);
            let repeat = token.repeat;
            let kind = if token.need == '.' { "Unused" } else { "Composite" };
            return self.specs.place(format!("composite({need}, {kind}, {repeat}, ({start}, {count}), {notes:?})"));
        }
        let element = self.elements.get(name).unwrap_or_else(|| panic!("element {name} is not in the dictionary"));
        let kind = match (element.kind.as_str(), name) {
            (_, "1251") => "Period",
            ("AN", _) => "Text",
            ("ID", _) => "Id",
            ("N", _) => "Number",
            ("R", _) => "Decimal",
            ("DT", _) => "Date",
            ("TM", _) => "Time",
            (other, _) => panic!("{name} has type {other}"),
        };
        let kind = if token.need == '.' { "Unused" } else { kind };
        let (min, max) = token.length.unwrap_or(element.length);
        let whole = element.codes.clone();
        let codes = match &token.codes[..] {
            [] => self.list(&whole),
            [any] if any == "?" => (0, 0),
            some => self.list(some),
        };
        let (number, repeat): (u16, u8) = (name.parse().unwrap_or(0), token.repeat);
        self.specs.place(format!("spec({number}, {need}, {kind}, ({min}, {max}), {repeat}, {codes:?})"))
    }

    fn write(&mut self) -> String {
        let whole: Vec<(String, Vec<String>)> = self
            .elements
            .iter()
            .filter(|(n, e)| !e.codes.is_empty() && n.parse::<u16>().is_ok())
            .map(|(n, e)| (n.clone(), e.codes.clone()))
            .collect();
        let mut whole: Vec<(u16, (usize, usize))> =
            whole.into_iter().map(|(n, codes)| (n.parse().unwrap(), self.list(&codes))).collect();
        whole.sort_unstable();
        let mut out = String::from("//! What all guides share: codes, specifications of elements, syntax notes.\n");
        out.push_str(HEAD);
        out.push_str("use super::super::table::{Need::{Required, Situational}, Note, NoteKind::{Conditional, Exclusive, List, OneOf, Paired}, Spec, Type::{Composite, Date, Decimal, Id, Number, Period, Text, Time, Unused}, codes, composite, note, spec};\n\n");
        let _ = writeln!(
            out,
            "pub(crate) static CODES: [u64; {}] = codes(\"{}\");\n",
            self.codes.len(),
            wrapped(&self.codes.join(","))
        );
        array(
            &mut out,
            "WHOLE_LISTS",
            "(u16, (u16, u16))",
            &whole.iter().map(|w| format!("{w:?}")).collect::<Vec<_>>(),
        );
        lines(&mut out, "pub(crate)", "SPECS", "Spec", &self.specs.all);
        array(&mut out, "SPEC_LISTS", "u16", &self.spec_lists);
        let kinds = [('P', "Paired"), ('R', "OneOf"), ('E', "Exclusive"), ('C', "Conditional"), ('L', "List")];
        let notes: Vec<String> = self
            .notes
            .iter()
            .map(|n| {
                let kind = kinds.iter().find(|(letter, _)| n.starts_with(*letter)).unwrap().1;
                format!("note({kind}, \"{n}\")")
            })
            .collect();
        lines(&mut out, "pub(crate)", "NOTES", "Note", &notes);
        let known: Vec<String> = self.segments.keys().map(|k| format!("\"{k}\"")).collect();
        array(&mut out, "SEGMENTS", "&str", &known);
        out
    }
}

/// Breaks a string literal into lines.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    for (n, piece) in text.as_bytes().chunks(110).enumerate() {
        if n > 0 {
            out.push_str("\\\n");
        }
        // A line that began with a blank would lose it.
        assert!(n == 0 || piece[0] != b' ');
        out.push_str(std::str::from_utf8(piece).unwrap());
    }
    out
}

fn array<T: std::fmt::Display>(out: &mut String, name: &str, of: &str, all: &[T]) {
    let _ = write!(out, "pub(crate) static {name}: [{of}; {}] = [", all.len());
    let mut column = 200;
    for thing in all {
        let text = thing.to_string();
        if column + text.len() > 110 {
            out.push_str("\n   ");
            column = 3;
        }
        let _ = write!(out, " {text},");
        column += text.len() + 2;
    }
    out.push_str("\n];\n\n");
}

fn lines(out: &mut String, visible: &str, name: &str, of: &str, all: &[String]) {
    let visible = if visible.is_empty() { String::new() } else { format!("{visible} ") };
    let _ = writeln!(out, "{visible}static {name}: [{of}; {}] = [", all.len());
    for line in all {
        let _ = writeln!(out, "    {line},");
    }
    out.push_str("];\n\n");
}

struct Child {
    row: Vec<String>,
    usage: usize,
    opens: usize,
    symbol: usize,
    codes: (usize, usize),
}

/// One guide, from its file.
struct Guide {
    head: Vec<String>,
    uses: Pool<String>,
    loops: Vec<String>,
    children: Vec<Vec<Child>>,
    symbols: Vec<String>,
}

impl Guide {
    fn read(path: &Path, dictionary: &mut Dictionary) -> Self {
        let mut rows = rows(path).into_iter();
        let head = rows.next().unwrap();
        let rows: Vec<Vec<String>> = rows.collect();
        let is_loop = |what: &str| what.starts_with(|c: char| c.is_ascii_digit());
        let symbols: BTreeSet<String> = rows.iter().map(|r| r[1].clone()).filter(|w| !is_loop(w)).collect();
        let symbols: Vec<String> = symbols.into_iter().collect();
        let mut loops = vec!["-".to_owned()];
        for row in rows.iter().filter(|r| is_loop(&r[1])) {
            if !loops.contains(&row[1]) {
                loops.push(row[1].clone());
            }
        }
        let mut uses = Pool::default();
        let mut firsts: HashMap<String, (usize, usize, (usize, usize))> = HashMap::new();
        let mut children: Vec<Vec<Child>> = loops.iter().map(|_| Vec::new()).collect();
        for row in &rows {
            let parent =
                loops.iter().position(|l| *l == row[0]).unwrap_or_else(|| panic!("{}: {row:?}", path.display()));
            if is_loop(&row[1]) {
                let opens = loops.iter().position(|l| *l == row[1]).unwrap();
                children[parent].push(Child { row: row.clone(), usage: 0, opens, symbol: 0, codes: (0, 0) });
                continue;
            }
            let (usage, codes) = Self::usage(row, dictionary);
            let usage = uses.place(usage);
            let symbol = symbols.iter().position(|s| *s == row[1]).unwrap();
            // The first segment of a loop stands for the loop, among the children of its parent.
            if parent > 0 && !firsts.contains_key(&row[0]) {
                firsts.insert(row[0].clone(), (usage, symbol, codes));
                continue;
            }
            children[parent].push(Child { row: row.clone(), usage, opens: 0, symbol, codes });
        }
        for child in children.iter_mut().flatten().filter(|c| c.opens > 0) {
            (child.usage, child.symbol, child.codes) = firsts[&loops[child.opens]];
        }
        Self { head, uses, loops, children, symbols }
    }

    /// A use of a segment, and the list of codes its qualifier may have.
    fn usage(row: &[String], dictionary: &mut Dictionary) -> (String, (usize, usize)) {
        let segment = dictionary.segments.get(&row[1]).unwrap_or_else(|| panic!("{} is no segment", row[1]));
        let (names, notes, told_by) = (segment.elements.clone(), segment.notes, segment.told_by);
        let tokens: Vec<Token> = split(at(row, 6)).iter().map(|t| token(t)).collect();
        assert!(tokens.len() <= names.len(), "{row:?}");
        let required = tokens.iter().rposition(|t| t.need == 'R').map_or(0, |n| n + 1);
        let specs = dictionary.specs(&names, &tokens);
        let (start, count) = dictionary.range(specs);
        let teller = match told_by {
            (0, _) => None,
            (element, 0) => tokens.get(usize::from(element) - 1),
            (element, part) => tokens.get(usize::from(element) - 1).and_then(|t| t.parts.get(usize::from(part) - 1)),
        };
        let codes = teller.map_or((0, 0), |t| dictionary.list(&t.codes));
        let usage = format!("of({:?}, {:?}, ({start}, {count}), {required}, {notes:?})", row[1], row[5]);
        (usage, codes)
    }

    fn write(&self, dictionary: &Dictionary) -> String {
        let mut out = format!("//! {} {}.\n{HEAD}", self.head[3], self.head[5]);
        out.push_str("use super::super::placed::SegmentUse;\nuse super::super::table::{Child, Guide, GuideKind, Loop, ch, index, lp, of, slots, symbols};\n\n");
        let multiplier = self.multiplier();
        let kind = kind(&self.head[1]);
        let [_, _, set, id, group, name] = &self.head[..] else { panic!("{:?}", self.head) };
        let _ = writeln!(
            out,
            "pub(crate) static GUIDE: Guide = Guide {{\n    kind: GuideKind::{kind}, set: {set:?}, id: {id:?}, group: {group:?}, name: {name:?},\n    symbols: &SYMBOLS, told_by: &TOLD_BY, slots: &SLOTS, multiplier: {multiplier},\n    loops: &LOOPS, children: &CHILDREN, index: &INDEX, uses: &USES,\n}};\n"
        );
        let count = self.symbols.len();
        let quoted: Vec<String> = self.symbols.iter().map(|s| format!("{s:?}")).collect();
        let _ = writeln!(out, "static SYMBOLS: [u32; {count}] = symbols([");
        for piece in quoted.chunks(16) {
            let _ = writeln!(out, "    {},", piece.join(", "));
        }
        let _ = writeln!(out, "]);\n\nstatic SLOTS: [u8; 256] = slots(&SYMBOLS, {multiplier});\n");
        let told: Vec<String> = self.symbols.iter().map(|s| format!("{:?}", dictionary.segments[s].told_by)).collect();
        let _ = writeln!(out, "static TOLD_BY: [(u8, u8); {count}] = [");
        for piece in told.chunks(16) {
            let _ = writeln!(out, "    {},", piece.join(", "));
        }
        out.push_str("];\n\n");
        let (mut loops, mut children) = (Vec::new(), Vec::new());
        for (id, own) in self.loops.iter().zip(&self.children) {
            let start = children.len();
            let required = children_of(own, &mut children);
            let id = if id == "-" { "" } else { id };
            loops.push(format!("lp({id:?}, {required:#x}, ({start}, {}))", children.len()));
        }
        let _ = writeln!(
            out,
            "static INDEX: [u16; {}] = index(&LOOPS, &CHILDREN, SYMBOLS.len());\n",
            self.loops.len() * count + 1
        );
        lines(&mut out, "", "LOOPS", "Loop", &loops);
        lines(&mut out, "", "CHILDREN", "Child", &children);
        lines(&mut out, "", "USES", "SegmentUse", &self.uses.all);
        out.trim_end().to_owned() + "\n"
    }

    /// Finds a factor that gives every segment id a slot of its own.
    fn multiplier(&self) -> u32 {
        let pack = |id: &str| id.bytes().chain([0]).take(3).fold(0_u32, |n, b| n << 8 | u32::from(b));
        let mut factor = 0x9E37_79B1_u32;
        loop {
            let slots: BTreeSet<u32> = self.symbols.iter().map(|s| pack(s).wrapping_mul(factor) >> 24).collect();
            if slots.len() == self.symbols.len() {
                return factor;
            }
            factor = factor.wrapping_mul(1_664_525).wrapping_add(1_013_904_223) | 1;
        }
    }
}

/// Writes the children of one loop in the order of their symbols and returns the bits of those that must be there.
fn children_of(own: &[Child], out: &mut Vec<String>) -> u64 {
    let order = |c: &Child| c.row[4].parse::<u32>().unwrap();
    let ranks: BTreeSet<u32> = own.iter().map(order).collect();
    let rank = |c: &Child| ranks.iter().position(|r| *r == order(c)).unwrap() + 1;
    assert!(own.is_sorted_by_key(rank), "{:?} is out of order", own.iter().map(|c| &c.row[..5]).collect::<Vec<_>>());
    let bits: Vec<u64> = own
        .iter()
        .scan(1_u64, |next, c| {
            let bit = if c.row[2] == "R" { *next } else { 0 };
            *next = next.checked_shl(u32::from(bit > 0)).unwrap();
            Some(bit)
        })
        .collect();
    let mut sorted: Vec<usize> = (0..own.len()).collect();
    sorted.sort_by_key(|n| (own[*n].symbol, *n));
    for n in sorted {
        let child = &own[n];
        let before: u64 =
            own.iter().zip(&bits).filter(|(other, _)| rank(other) < rank(child)).map(|(_, bit)| bit).sum();
        let max: u16 = if child.row[3] == ">1" { 0 } else { child.row[3].parse().unwrap() };
        out.push(format!(
            "ch(({}, {}), {}, ({}, {max}), {:?}, ({:#x}, {before:#x}))",
            child.usage,
            child.opens,
            child.symbol,
            rank(child),
            child.codes,
            bits[n]
        ));
    }
    bits.iter().sum()
}

fn kind(name: &str) -> &'static str {
    match name {
        "837P" => "Claim837P",
        "837I" => "Claim837I",
        "837D" => "Claim837D",
        "835" => "Payment835",
        "270" => "Inquiry270",
        "271" => "Response271",
        "276" => "StatusRequest276",
        "277" => "StatusResponse277",
        "277CA" => "ClaimAck277",
        "278" => "Review278",
        "820" => "Premium820",
        "834" => "Enrollment834",
        "997" => "FunctionalAck997",
        "999" => "ImplementationAck999",
        "control" => "Control",
        other => panic!("{other} has no kind"),
    }
}

const GUIDES: [&str; 15] =
    ["270", "271", "276", "277", "277ca", "278", "820", "834", "835", "837d", "837i", "837p", "997", "999", "control"];

fn module(file: &str) -> String {
    if file == "control" { file.to_owned() } else { format!("g{file}") }
}

#[test]
fn the_tables_say_what_the_guides_say() {
    let mut dictionary = Dictionary::read();
    let mut files = Vec::new();
    for name in GUIDES {
        let guide = Guide::read(&root().join(format!("data/guides/{name}.tsv")), &mut dictionary);
        files.push((format!("{}.rs", module(name)), guide));
    }
    let mut files: Vec<(String, String)> =
        files.into_iter().map(|(name, guide)| (name, guide.write(&dictionary))).collect();
    files.push(("dictionary.rs".to_owned(), dictionary.write().trim_end().to_owned() + "\n"));
    for (name, text) in files {
        let path = root().join("src/guide/tables").join(&name);
        if std::env::var_os("MENTALSPACE_GOLDEN").is_some_and(|v| v == "write") {
            std::fs::write(&path, &text).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "{name} is not what data/guides says: run with MENTALSPACE_GOLDEN=write");
    }
}

#[test]
fn an_element_is_read_as_it_is_written() {
    let found = token("S(R=HC,ER R{1..48} .)*5");
    assert_eq!((found.need, found.repeat, found.parts.len()), ('S', 5, 3));
    assert_eq!(found.parts[0].codes, ["HC", "ER"]);
    assert_eq!(found.parts[1].length, Some((1, 48)));
    assert_eq!(split("R=41 R(R S) .").len(), 3);
    assert_eq!(token(&split("R(R=SITUATIONAL TRIGGER) R")[0]).parts[0].codes, ["SITUATIONAL TRIGGER"]);
}
