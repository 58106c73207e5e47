//! What an element can be: text, a composite, or repetitions of either.

use serde::{Deserialize, Serialize};

use super::{List, Text, push};
use crate::x12::{Elements, Segment, SegmentWriter};

/// An element of a segment.
pub trait Element: Default {
    /// Reads the bytes of an element.
    fn read(segment: &Segment<'_>, element: &[u8]) -> Self;

    /// Returns whether there is nothing to write.
    fn is_absent(&self) -> bool;

    /// Returns whether it should be a number and is none.
    #[inline]
    fn is_unreadable(&self) -> bool {
        false
    }

    /// Adds it to a segment.
    fn write<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w>;
}

/// Whether a segment has nothing but separators.
#[inline]
pub(crate) fn is_bare(segment: &Segment<'_>) -> bool {
    let delimiters = segment.delimiters();
    let rest = segment.bytes().get(segment.id().len()..).unwrap_or_default();
    rest.iter().all(|b| *b == delimiters.element || *b == delimiters.component || *b == b' ')
}

/// Takes the empty components off the end of an element that has none: they say nothing, and are not written either.
#[inline]
pub(crate) fn simple<'a>(segment: &Segment<'_>, element: &'a [u8]) -> &'a [u8] {
    let component = segment.delimiters().component;
    if element.last() != Some(&component) {
        return element;
    }
    let end = element.iter().rposition(|byte| *byte != component && *byte != b' ').map_or(0, |last| last + 1);
    &element[..end]
}

/// Reads the next of `elements`.
#[inline]
pub(crate) fn next<T: Element>(segment: &Segment<'_>, elements: &mut Elements<'_>) -> T {
    match elements.next() {
        Some([]) | None => T::default(),
        Some(element) => T::read(segment, element),
    }
}

/// Reads all that is left, without empty ones at the end.
#[inline]
pub(crate) fn rest(segment: &Segment<'_>, mut elements: Elements<'_>) -> More {
    match elements.next() {
        None => More::default(),
        Some(first) => late(segment, first, elements),
    }
}

fn late(segment: &Segment<'_>, first: &[u8], elements: Elements<'_>) -> More {
    let rest = std::iter::once(first).chain(elements).map(|element| Whole::read(segment, element));
    let mut rest: List<_> = rest.collect();
    cut(&mut rest, Element::is_absent);
    rest
}

/// The elements of a segment that have no name, as they came.
pub type More = List<Whole>;

/// Reads components, without empty ones at the end.
#[inline]
pub(crate) fn texts<'a>(components: impl Iterator<Item = &'a [u8]>) -> List<Text> {
    let mut texts = List::new();
    for component in components {
        push(&mut texts, Text::of(component));
    }
    cut(&mut texts, Text::is_empty);
    texts
}

pub(crate) fn cut<T>(list: &mut List<T>, empty: impl Fn(&T) -> bool) {
    while list.last().is_some_and(&empty) {
        list.pop();
    }
}

impl Element for Text {
    #[inline]
    fn read(_: &Segment<'_>, element: &[u8]) -> Self {
        Self::of(element)
    }

    #[inline]
    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    #[inline]
    fn write<'w>(&self, mut out: SegmentWriter<'w>) -> SegmentWriter<'w> {
        out.separate();
        self.write_data(&mut out);
        out
    }
}

impl<T: Element> Element for Option<Box<T>> {
    fn read(segment: &Segment<'_>, element: &[u8]) -> Self {
        Some(Box::new(T::read(segment, element))).filter(|value| !value.is_absent())
    }

    fn is_absent(&self) -> bool {
        self.as_ref().is_none_or(|value| value.is_absent())
    }

    fn write<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w> {
        match self {
            Some(value) => value.write(out),
            None => out.skip(1),
        }
    }
}

/// The components of a composite that all mean the same, such as diagnosis pointers.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Components(pub List<Text>);

impl Element for Components {
    #[inline]
    fn read(segment: &Segment<'_>, element: &[u8]) -> Self {
        Self(texts(segment.components(element)))
    }

    fn is_absent(&self) -> bool {
        self.0.iter().all(Text::is_empty)
    }

    fn write<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w> {
        composite(self.0.iter(), out)
    }
}

/// The repetitions of an element, such as service types.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Repetitions(pub List<Text>);

impl Element for Repetitions {
    #[inline]
    fn read(segment: &Segment<'_>, element: &[u8]) -> Self {
        Self(texts(segment.repetitions(element)))
    }

    fn is_absent(&self) -> bool {
        self.0.iter().all(Text::is_empty)
    }

    fn write<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w> {
        out.repetitions(self.0.iter().map(std::slice::from_ref))
    }
}

/// An element nothing is known about: text, a list of components, or a list of repetitions.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Whole {
    /// Without components.
    Text(Text),
    /// Components.
    Components(List<Text>),
    /// Repetitions, each a list of components.
    Repetitions(List<List<Text>>),
}

impl Whole {
    fn of_components(mut list: List<Text>) -> Self {
        if list.len() < 2 { Self::Text(list.pop().unwrap_or_default()) } else { Self::Components(list) }
    }
}

impl Default for Whole {
    fn default() -> Self {
        Self::Text(Text::EMPTY)
    }
}

impl Element for Whole {
    fn read(segment: &Segment<'_>, element: &[u8]) -> Self {
        let has = |separator: u8| element.contains(&separator);
        let delimiters = segment.delimiters();
        if delimiters.repetition.is_some_and(has) {
            let repetitions = segment.repetitions(element).map(|one| texts(segment.components(one)));
            let mut repetitions: List<_> = repetitions.collect();
            cut(&mut repetitions, List::is_empty);
            match repetitions.len() {
                0 | 1 => Self::of_components(repetitions.pop().unwrap_or_default()),
                _ => Self::Repetitions(repetitions),
            }
        } else if has(delimiters.component) {
            Self::of_components(texts(segment.components(element)))
        } else {
            Self::Text(Text::of(element))
        }
    }

    fn is_absent(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Components(list) => list.iter().all(Text::is_empty),
            Self::Repetitions(list) => list.iter().flatten().all(Text::is_empty),
        }
    }

    fn write<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w> {
        match self {
            Self::Text(text) => text.write(out),
            Self::Components(list) => composite(list.iter(), out),
            Self::Repetitions(list) => out.repetitions(list.iter().map(List::as_slice)),
        }
    }
}

/// Writes a composite without its empty components at the end.
#[inline]
pub(crate) fn composite<'w, 't, I>(components: I, mut out: SegmentWriter<'w>) -> SegmentWriter<'w>
where
    I: Iterator<Item = &'t Text>,
{
    out.separate();
    let mut empty = 0;
    for component in components {
        if component.is_empty() {
            empty += 1;
            continue;
        }
        (0..empty).for_each(|_| out.join());
        // The separator in front of the next one.
        empty = 1;
        component.write_data(&mut out);
    }
    out
}

crate::text::silent_debug!(Components, Repetitions, Whole);
