//! Elements against the tables: use, length, characters, type, code, syntax notes (SNIP 1 and 2).

use super::finding::{ElementRef, Findings, Pending, SegmentId};
use super::rule::{Ack, Rule, Snip};
use super::{syntax, value};
use crate::guide::{Need, Note, NoteKind, Placed, SegmentUse, Spec, Type, codes_of, has_code, is_in_dictionary, pack};
use crate::x12::{Delimiters, Segment};

macro_rules! rules {
    ($($name:ident = $weight:ident $id:literal $snip:ident $code:literal $says:literal $fix:literal)*) => {
        $(static $name: Rule = Rule::$weight($id, Snip::$snip, Ack::Element($code), $says, $fix);)*
        /// The rules of this module.
        pub(super) static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    MISSING = error "element-missing" Guide "1"
        "a required element is missing" "send it"
    NOT_USED = error "element-not-used" Guide "I10"
        "the guide does not use this element" "leave it empty"
    TOO_MANY = error "element-too-many" Syntax "3"
        "the segment has more elements than the standard gives it" "look for a stray element separator"
    TOO_MANY_COMPONENTS = error "component-too-many" Syntax "13"
        "the element has more components than the standard gives it" "look for a stray component separator"
    TOO_MANY_REPETITIONS = error "repetition-too-many" Guide "12"
        "the element is repeated too often" "look for a stray repetition separator"
    TOO_SHORT = error "element-too-short" Syntax "4"
        "the value is too short" "send the whole value"
    TOO_LONG = error "element-too-long" Syntax "5"
        "the value is too long" "shorten it"
    MONEY = warning "money-digits" Guide "5"
        "an amount has more than ten digits" "send at most ten digits, the decimals included"
    CONTROL = error "character-control" Syntax "6"
        "the value holds a control character" "replace it by a blank"
    FOREIGN = warning "character-foreign" Syntax "6"
        "the value holds a character outside of the character set" "write letters without marks"
    BLANKS = warning "element-blanks" Syntax "6"
        "the value begins or ends with blanks" "cut them"
    STRUCTURE = error "element-structure" Syntax "6"
        "the value holds a component separator, and the element has no components" "replace the character"
    NUMBER = error "element-number" Syntax "6"
        "the value is no number of the prescribed form" "write digits, with a minus or a decimal point where they belong"
    DATE = error "element-date" Syntax "8"
        "the value is no date of the prescribed form" "write a date of the calendar, year first"
    TIME = error "element-time" Syntax "9"
        "the value is no time of the prescribed form" "write hours and minutes"
    CODE = error "code-unknown" Guide "7"
        "the code is on no list of the standard" "send one of the codes of the guide"
    CODE_NOT_IN_GUIDE = error "code-not-in-guide" Guide "I6"
        "the standard has this code, the guide does not use it here" "send one of the codes of the guide"
    NOTE = error "element-relation" Syntax "2"
        "elements that belong together are not all there" "send what the others call for, or leave all out"
    NOTE_EXCLUSIVE = error "element-exclusion" Syntax "10"
        "elements that exclude each other are there" "send one of them"
}

/// What a byte can be wrong in.
const IS_CONTROL: u8 = 1;
const IS_FOREIGN: u8 = 2;
const IS_COMPONENT: u8 = 4;
const IS_REPETITION: u8 = 8;

/// What each byte is under the delimiters in force.
#[derive(Debug)]
pub(super) struct Classes {
    of: [u8; 256],
    delimiters: Option<Delimiters>,
}

impl Classes {
    pub(super) const fn new() -> Self {
        Self { of: [0; 256], delimiters: None }
    }

    /// Takes up the delimiters of `segment`, which change with an interchange only.
    #[inline]
    pub(super) fn follow(&mut self, segment: &Segment<'_>) {
        if self.delimiters != Some(segment.delimiters()) {
            self.set(segment.delimiters());
        }
    }

    #[cold]
    fn set(&mut self, delimiters: Delimiters) {
        for (byte, class) in (0..=255_u8).zip(&mut self.of) {
            *class = match byte {
                0..0x20 | 0x7F => IS_CONTROL,
                0x80.. => IS_FOREIGN,
                _ => 0,
            };
        }
        self.of[usize::from(delimiters.component)] = IS_COMPONENT;
        if let Some(repetition) = delimiters.repetition {
            self.of[usize::from(repetition)] = IS_REPETITION;
        }
        self.delimiters = Some(delimiters);
    }

    #[inline]
    fn all(&self, bytes: &[u8]) -> u8 {
        bytes.iter().fold(0, |all, byte| all | self.of[usize::from(*byte)])
    }
}

/// One segment under examination.
struct Exam<'a, 's> {
    segment: &'a Segment<'s>,
    loop_id: &'static str,
    classes: &'a Classes,
    /// Segments of the envelope are acknowledged in another way.
    is_control: bool,
    out: &'a mut Findings,
    /// Whether an element is known to be missing, or to be there in vain.
    is_told: bool,
}

/// Looks at every element of a segment that has a place in its guide, and at the characters of one that has none.
pub(super) fn check(placed: &Placed<'_>, classes: &Classes, is_control: bool, out: &mut Findings) {
    let loop_id = placed.loop_id();
    let mut exam = Exam { segment: &placed.segment, loop_id, classes, is_control, out, is_told: false };
    match placed.usage {
        Some(usage) => exam.elements(usage),
        None => exam.characters_only(),
    }
}

impl Exam<'_, '_> {
    fn elements(&mut self, usage: &'static SegmentUse) {
        let mut specs = usage.specs();
        let (mut present, mut number) = (1_u32, 0_u8);
        for element in self.segment.elements() {
            number = number.saturating_add(1);
            let Some(spec) = specs.next() else {
                if !element.is_empty() {
                    self.too_many(usage, number);
                    break;
                }
                continue;
            };
            if element.is_empty() {
                if spec.need == Need::Required {
                    self.missing(number.into(), spec);
                }
                continue;
            }
            present |= 1 << (number & 31);
            if !self.is_fine(spec, element) {
                self.unusual(spec, element, number);
            }
        }
        while number < usage.required {
            number += 1;
            match specs.next() {
                Some(spec) if spec.need == Need::Required => self.missing(number.into(), spec),
                Some(_) => {}
                None => break,
            }
        }
        if present & usage.noted != 0 {
            self.notes(usage.notes(), present, |place| place.into());
        }
    }

    /// Whether a value is fine at once; most are, and that is decided here with the least effort.
    #[inline(always)]
    fn is_fine(&self, spec: &Spec, value: &[u8]) -> bool {
        let within = |length: usize| length >= usize::from(spec.min) && length <= usize::from(spec.max);
        match spec.kind {
            // A code of the list is of the right length and characters.
            Type::Text | Type::Id if spec.codes.1 > 0 => has_code(spec.codes, pack(value)),
            Type::Text | Type::Id => {
                within(value.len())
                    && value[0] != b' '
                    && value[value.len() - 1] != b' '
                    && self.classes.all(value) == 0
            }
            Type::Number | Type::Decimal => {
                let digits = value::digits(value, spec.kind == Type::Decimal);
                digits.is_some_and(|n| within(n) && (n <= 10 || spec.number != 782))
            }
            Type::Date => value::is_date(value, usize::from(spec.max)),
            Type::Time => value::is_time(value),
            Type::Period | Type::Composite | Type::Unused => false,
        }
    }

    /// What is not fine at once: it has parts, depends on another element, or is wrong.
    #[inline(never)]
    fn unusual(&mut self, spec: &'static Spec, element: &[u8], number: u8) {
        match spec.kind {
            Type::Unused => self.not_used(spec, number.into(), element),
            Type::Composite => self.composite(spec, element, number),
            Type::Period => {
                let format = self.segment.element(usize::from(number) - 1);
                if !value::is_period(element, format) {
                    self.doubtful(spec, element, number.into(), format);
                }
            }
            _ if spec.repeat != 1 => self.repeated(spec, element, number),
            _ => self.doubtful(spec, element, number.into(), b""),
        }
    }

    fn repeated(&mut self, spec: &'static Spec, element: &[u8], number: u8) {
        let (repetitions, mut count) = (self.segment.repetitions(element), 0_u16);
        for value in repetitions {
            count = count.saturating_add(1);
            let at = ElementRef { element: number, component: 0, repetition: if count > 1 { count } else { 0 } };
            if spec.repeat > 0 && count == u16::from(spec.repeat) + 1 {
                self.report(&TOO_MANY_REPETITIONS, at, spec.number).expected(format!("at most {}", spec.repeat));
                return;
            }
            if !value.is_empty() && !self.is_fine(spec, value) {
                self.doubtful(spec, value, at, b"");
            }
        }
    }

    fn composite(&mut self, spec: &'static Spec, element: &[u8], number: u8) {
        let mut count = 0_u16;
        for value in self.segment.repetitions(element) {
            count = count.saturating_add(1);
            let at = ElementRef { element: number, component: 0, repetition: if count > 1 { count } else { 0 } };
            if spec.repeat > 0 && count == u16::from(spec.repeat) + 1 {
                self.report(&TOO_MANY_REPETITIONS, at, 0).expected(format!("at most {}", spec.repeat));
                return;
            }
            self.components(spec, value, at);
        }
    }

    fn components(&mut self, spec: &'static Spec, value: &[u8], mut at: ElementRef) {
        let mut specs = spec.parts();
        let (mut present, mut before) = (1_u32, &b""[..]);
        if value.last() == Some(&self.segment.delimiters().component) {
            syntax::trailing_components(self.segment, self.loop_id, at, self.out);
        }
        for component in self.segment.components(value) {
            at.component = at.component.saturating_add(1);
            let Some(spec) = specs.next() else {
                if !component.is_empty() {
                    self.report(&TOO_MANY_COMPONENTS, at, 0);
                    break;
                }
                continue;
            };
            if component.is_empty() {
                if spec.need == Need::Required {
                    self.missing(at, spec);
                }
                continue;
            }
            present |= 1 << (at.component & 31);
            let format = std::mem::replace(&mut before, component);
            if !self.is_fine(spec, component) {
                match spec.kind {
                    Type::Unused => self.not_used(spec, at, component),
                    Type::Period if value::is_period(component, format) => {}
                    _ => self.doubtful(spec, component, at, format),
                }
            }
        }
        for spec in specs {
            at.component = at.component.saturating_add(1);
            if spec.need == Need::Required {
                self.missing(at, spec);
            }
        }
        if present & spec.noted != 0 {
            self.notes(spec.notes(), present, |place| ElementRef { component: place, ..at });
        }
    }

    /// A value that may be wrong in several ways.
    #[cold]
    #[inline(never)]
    fn doubtful(&mut self, spec: &'static Spec, value: &[u8], at: ElementRef, format: &[u8]) {
        let class = self.classes.all(value);
        if class != 0 && !self.may_hold(class, value, at, spec) {
            return;
        }
        let length = match spec.kind {
            Type::Text | Type::Id if class & IS_FOREIGN != 0 => String::from_utf8_lossy(value).chars().count(),
            Type::Text | Type::Id => value.len(),
            Type::Number | Type::Decimal => match value::digits(value, spec.kind == Type::Decimal) {
                Some(digits) => digits,
                None => return drop(self.report(&NUMBER, at, spec.number).value(value)),
            },
            Type::Date | Type::Time | Type::Period | Type::Composite | Type::Unused => {
                return self.moment(spec, value, at, format);
            }
        };
        if (length < usize::from(spec.min) || length > usize::from(spec.max)) && !self.is_padded(spec) {
            self.length(spec, value, at, length);
        }
        match spec.kind {
            Type::Text | Type::Id if (value[0] == b' ' || value[value.len() - 1] == b' ') && !self.is_control => {
                self.report(&BLANKS, at, spec.number).value(value);
            }
            Type::Decimal if spec.number == 782 && length > 10 => {
                self.report(&MONEY, at, spec.number).found(format!("{length} digits")).value(value);
            }
            _ => {}
        }
        if spec.codes.1 > 0 && !has_code(spec.codes, pack(value)) {
            self.code(spec, value, at);
        }
    }

    /// Whether the widths of the interchange header are looked at elsewhere.
    fn is_padded(&self, spec: &Spec) -> bool {
        self.is_control && spec.kind == Type::Text && self.segment.id() == b"ISA"
    }

    /// Reports characters; `false` when the value is not to be looked at further.
    #[cold]
    fn may_hold(&mut self, class: u8, value: &[u8], at: ElementRef, spec: &Spec) -> bool {
        if self.is_control && class & (IS_CONTROL | IS_FOREIGN) == 0 {
            return true;
        }
        let rule = if class & IS_CONTROL != 0 {
            &CONTROL
        } else if class & IS_REPETITION != 0 {
            &TOO_MANY_REPETITIONS
        } else if class & IS_COMPONENT != 0 {
            &STRUCTURE
        } else {
            &FOREIGN
        };
        self.report(rule, at, spec.number).value(value);
        class == IS_FOREIGN
    }

    fn moment(&mut self, spec: &Spec, value: &[u8], at: ElementRef, format: &[u8]) {
        let is_time = spec.kind == Type::Time || (spec.kind == Type::Period && format == b"TM");
        let rule = if is_time { &TIME } else { &DATE };
        self.report(rule, at, spec.number).found(format!("{} characters", value.len())).value(value);
    }

    #[cold]
    fn length(&mut self, spec: &Spec, value: &[u8], at: ElementRef, length: usize) {
        let (rule, expected) = if length < usize::from(spec.min) {
            (&TOO_SHORT, format!("at least {}", spec.min))
        } else {
            (&TOO_LONG, format!("at most {}", spec.max))
        };
        let found = self.report(rule, at, spec.number).found(length.to_string()).expected(expected);
        drop(found.value(value));
    }

    #[cold]
    fn code(&mut self, spec: &Spec, value: &[u8], at: ElementRef) {
        let rule = if is_in_dictionary(spec.number, pack(value)) { &CODE_NOT_IN_GUIDE } else { &CODE };
        let some: Vec<String> = codes_of(spec.codes).take(20).collect();
        let more = if spec.codes.1 > 20 { " …" } else { "" };
        self.report(rule, at, spec.number).expected(format!("{}{more}", some.join(" "))).value(value);
    }

    #[cold]
    fn too_many(&mut self, usage: &SegmentUse, number: u8) {
        self.report(&TOO_MANY, number.into(), 0).expected(format!("at most {}", usage.specs().len()));
    }

    #[cold]
    fn missing(&mut self, at: ElementRef, spec: &Spec) {
        self.is_told = true;
        self.report(&MISSING, at, spec.number);
    }

    #[cold]
    fn not_used(&mut self, spec: &Spec, at: ElementRef, value: &[u8]) {
        self.is_told = true;
        self.report(&NOT_USED, at, spec.number).value(value);
    }

    /// Checks the relations between elements, unless one is known to be missing or not to belong here.
    #[inline]
    fn notes(&mut self, notes: &'static [Note], present: u32, at: impl Fn(u8) -> ElementRef) {
        for note in notes {
            let there = note.all & present;
            let broken = match note.kind {
                NoteKind::Paired => there != 0 && there != note.all,
                NoteKind::OneOf => there == 0,
                NoteKind::Exclusive => there.count_ones() > 1,
                NoteKind::Conditional => present & note.first != 0 && there != note.all,
                NoteKind::List => present & note.first != 0 && there == note.first,
            };
            if broken && !self.is_told {
                self.note(note, there, &at);
            }
        }
    }

    #[cold]
    fn note(&mut self, note: &'static Note, there: u32, at: &impl Fn(u8) -> ElementRef) {
        let (rule, place) = match note.kind {
            NoteKind::Exclusive => (&NOTE_EXCLUSIVE, 31 - there.leading_zeros()),
            _ => (&NOTE, (note.all & !there).trailing_zeros()),
        };
        self.report(rule, at(u8::try_from(place).unwrap_or_default()), 0).expected(note.text);
    }

    #[cold]
    fn characters_only(&mut self) {
        if matches!(self.segment.id(), b"BIN" | b"BDS") {
            return;
        }
        for (element, number) in self.segment.elements().zip(1..=u8::MAX) {
            let class = self.classes.all(element);
            let rule = match class & (IS_CONTROL | IS_FOREIGN) {
                0 => continue,
                IS_FOREIGN => &FOREIGN,
                _ => &CONTROL,
            };
            self.report(rule, number.into(), 0).value(element);
        }
    }

    #[cold]
    fn report(&mut self, rule: &'static Rule, at: ElementRef, data_element: u16) -> Pending<'_> {
        let id = SegmentId::of(self.segment);
        let rule = if self.is_control { syntax::control_rule(id, at.element) } else { rule };
        self.out.pending(rule, self.segment.position(), self.loop_id, id).element(at).data_element(data_element)
    }
}
