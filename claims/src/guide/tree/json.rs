//! Trees as JSON, or any other format of serde that describes itself.

use std::borrow::Cow;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

use super::{Children, Item, LoopTree, Node, SegmentRef, UNSEEN};
use crate::x12::Delimiters;

impl Serialize for LoopTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("LoopTree", 3)?;
        out.serialize_field("set", &self.set)?;
        out.serialize_field("guide", &self.guide)?;
        out.serialize_field("content", &List(self.children()))?;
        out.end()
    }
}

struct List<'t>(Children<'t>);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_seq(None)?;
        for item in self.0.clone() {
            out.serialize_element(&One(item))?;
        }
        out.end()
    }
}

struct One<'t>(Item<'t>);

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(Some(1))?;
        match self.0 {
            Item::Loop(own) => out.serialize_entry(own.id(), &List(own.children()))?,
            Item::Segment(own) => out.serialize_entry(own.id(), &Elements(own))?,
        }
        out.end()
    }
}

struct Elements<'t>(SegmentRef<'t>);

impl Serialize for Elements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Delimiters { component, repetition, .. } = self.0.delimiters;
        let mut out = serializer.serialize_seq(None)?;
        let is_binary = matches!(self.0.id(), "BIN" | "BDS" | "ISA");
        for element in self.0.elements() {
            match repetition.filter(|mark| !is_binary && element.contains(mark)) {
                _ if is_binary => out.serialize_element(&Text(element))?,
                Some(mark) => out.serialize_element(&Repeated { element, mark, component })?,
                None => out.serialize_element(&Value { element, component })?,
            }
        }
        out.end()
    }
}

struct Repeated<'t> {
    element: &'t [u8],
    mark: u8,
    component: u8,
}

impl Serialize for Repeated<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = self.element.split(|b| *b == self.mark);
        let values: Vec<_> = values.map(|element| Value { element, component: self.component }).collect();
        let mut out = serializer.serialize_map(Some(1))?;
        out.serialize_entry("repeated", &values)?;
        out.end()
    }
}

struct Value<'t> {
    element: &'t [u8],
    component: u8,
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.element.contains(&self.component) {
            serializer.collect_seq(self.element.split(|b| *b == self.component).map(Text))
        } else {
            Text(self.element).serialize(serializer)
        }
    }
}

struct Text<'t>(&'t [u8]);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Ok(text) = std::str::from_utf8(self.0) {
            return serializer.serialize_str(text);
        }
        let latin1: String = self.0.iter().copied().map(char::from).collect();
        let mut out = serializer.serialize_map(Some(1))?;
        out.serialize_entry("latin1", &latin1)?;
        out.end()
    }
}

impl<'de> Deserialize<'de> for LoopTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            set: String,
            #[serde(default)]
            guide: String,
            content: Content,
        }
        let Whole { set, guide, content } = Whole::deserialize(deserializer)?;
        let Content { bytes, nodes } = content;
        Ok(Self { set: set.into(), guide: guide.into(), delimiters: UNSEEN, bytes, nodes })
    }
}

/// The arrays of a tree in the making.
#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    nodes: Vec<Node>,
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut content = Self::default();
        Items(&mut content).deserialize(deserializer)?;
        Ok(content)
    }
}

/// Reads the items of a loop, or with [`Part`] one of them.
struct Items<'c>(&'c mut Content);

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of loops and segments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Part(self.0))?.is_some() {}
        Ok(())
    }
}

struct Part<'c>(&'c mut Content);

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a loop or a segment under its id")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let content = self.0;
        let Some(id) = map.next_key::<Cow<'_, str>>()? else {
            return Err(de::Error::custom("an item without an id"));
        };
        if id.is_empty() || id.len() > 16 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(de::Error::custom("an id that is none of a loop or a segment"));
        }
        if id.starts_with(|c: char| c.is_ascii_digit()) {
            let at = content.nodes.len();
            content.nodes.push(Node::Loop((&*id).into(), 0));
            map.next_value_seed(Items(content))?;
            content.nodes[at] = Node::Loop((&*id).into(), content.nodes.len());
        } else {
            let start = content.bytes.len();
            content.bytes.extend_from_slice(id.as_bytes());
            let elements: Vec<Element> = map.next_value()?;
            let binary = matches!(&*id, "BIN" | "BDS").then_some(elements.len().saturating_sub(1));
            for (n, element) in elements.iter().enumerate() {
                content.bytes.push(UNSEEN.element);
                element.write(&mut content.bytes, binary == Some(n)).map_err(de::Error::custom)?;
            }
            content.nodes.push(Node::Segment(start..content.bytes.len()));
        }
        match map.next_key::<de::IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(de::Error::custom("an item with more than one id")),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Element {
    Component(Component),
    Composite(Vec<Component>),
    Repeated { repeated: Vec<Repetition> },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Repetition {
    Component(Component),
    Composite(Vec<Component>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Component {
    Text(String),
    Latin1 { latin1: String },
}

impl Element {
    fn write(&self, out: &mut Vec<u8>, is_binary: bool) -> Result<(), &'static str> {
        match self {
            Self::Component(own) => own.write(out, is_binary),
            Self::Composite(own) => composite(own, out),
            Self::Repeated { repeated } => {
                for (n, one) in repeated.iter().enumerate() {
                    if n > 0 {
                        out.extend(UNSEEN.repetition);
                    }
                    match one {
                        Repetition::Component(own) => own.write(out, false)?,
                        Repetition::Composite(own) => composite(own, out)?,
                    }
                }
                Ok(())
            }
        }
    }
}

fn composite(components: &[Component], out: &mut Vec<u8>) -> Result<(), &'static str> {
    for (n, component) in components.iter().enumerate() {
        if n > 0 {
            out.push(UNSEEN.component);
        }
        component.write(out, false)?;
    }
    Ok(())
}

impl Component {
    fn write(&self, out: &mut Vec<u8>, is_binary: bool) -> Result<(), &'static str> {
        let start = out.len();
        match self {
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Latin1 { latin1 } => {
                for c in latin1.chars() {
                    out.push(u8::try_from(c).map_err(|_| "a character that is not latin1")?);
                }
            }
        }
        match out[start..].iter().any(|b| UNSEEN.contains(*b)) {
            true if !is_binary => Err("a text with a character that cannot be written"),
            _ => Ok(()),
        }
    }
}
