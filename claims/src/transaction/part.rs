//! The pieces every transaction is made of: one segment each, as plain data.
//!
//! All share three rules. Reading never fails: an element is kept as the text it came as, and where it should be a
//! number it is a [`Field`] that says whether it is one. Nothing is lost: what a piece has no name for stands in its
//! `more`, what a loop has no place for is [`Kept`] with the segment it followed. Writing gives back what was read, in
//! the shortest form. As JSON every element is a string, absent ones are left out, and composites are objects or lists.
//!
//! A segment is declared once, by its elements in order; [`Part`] is how it is read and written (X12 005010).

mod adjudicated;
mod adjustment;
mod amount;
mod attachment;
mod contact;
pub(crate) mod date;
mod demographics;
pub(crate) mod element;
mod field;
mod header;
mod kept;
mod name;
mod note;
mod party;
mod problem;
mod procedure;
mod reference;
mod text;
mod trace;

pub use adjudicated::{InpatientAdjudication, ListedCode, LoopNumber, OutpatientAdjudication};
pub use adjustment::{Adjustment, AdjustmentReason};
pub use amount::{Amount, Quantity};
pub use attachment::Attachment;
pub use contact::Contact;
pub use date::{DateOrPeriod, DateTimeReference, Period};
pub use demographics::Demographics;
pub use element::{Components, Element, More, Repetitions, Whole};
pub use field::{Count, Field, FieldValue};
pub use header::Header;
pub use kept::{Anchored, Kept};
pub use name::{City, Name, PartyIdentification, Specialty, Street};
pub use note::Note;
pub use party::Party;
pub use problem::ReadProblem;
pub use procedure::Procedure;
pub use reference::Reference;
pub use text::Text;
pub use trace::Trace;

use crate::x12::{Segment, SegmentWriter, WriteError, Writer};

/// A list that takes one word where it stands: most lists of a claim are empty.
pub type List<T> = thin_vec::ThinVec<T>;

/// Appends an item. The first one gets just its room: most lists of a claim have one, and a file has many lists.
#[inline]
pub(crate) fn push<T>(list: &mut List<T>, item: T) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list.push(item);
}

/// A segment as data.
pub trait Part: Default {
    /// Its id, such as `REF`.
    const ID: &'static str;

    /// Reads a segment; whatever it holds is kept.
    fn read(segment: &Segment<'_>) -> Self;

    /// Returns the first element that should be a number and is none, counted from 1.
    fn unreadable(&self) -> Option<u8> {
        None
    }

    /// Adds its elements to a segment that was begun.
    fn elements<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w>;

    /// Writes it.
    ///
    /// # Errors
    /// An element holds what cannot be written, or all are empty.
    fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        out.write(Self::ID, |segment| self.elements(segment))
    }
}

/// Declares a segment by its elements in order, from element 01 without a gap.
macro_rules! segment {
    ($(#[$doc:meta])* $name:ident = $id:literal { $($(#[$fdoc:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[$fdoc])*
                #[serde(skip_serializing_if = "crate::transaction::part::Element::is_absent")]
                pub $field: $type,
            )+
            /// Elements behind these, as they came.
            #[serde(skip_serializing_if = "crate::transaction::part::More::is_empty")]
            pub more: crate::transaction::part::More,
        }

        crate::text::silent_debug!($name);

        impl crate::transaction::part::Part for $name {
            const ID: &'static str = $id;

            #[inline]
            fn read(segment: &crate::x12::Segment<'_>) -> Self {
                let mut part = Self::default();
                let mut elements = segment.elements();
                // Most segments end early: what they lack costs nothing.
                $(match elements.next() {
                    Some([]) => {}
                    Some(element) => part.$field = crate::transaction::part::Element::read(segment, element),
                    None => return part,
                })+
                part.more = crate::transaction::part::element::rest(segment, elements);
                part
            }

            #[inline]
            fn unreadable(&self) -> Option<u8> {
                let mut number = 0;
                $(
                    number += 1;
                    if crate::transaction::part::Element::is_unreadable(&self.$field) {
                        return Some(number);
                    }
                )+
                None
            }

            fn elements<'w>(&self, out: crate::x12::SegmentWriter<'w>) -> crate::x12::SegmentWriter<'w> {
                $(let out = crate::transaction::part::Element::write(&self.$field, out);)+
                self.more.iter().fold(out, |out, element| crate::transaction::part::Element::write(element, out))
            }
        }
    };
}
pub(crate) use segment;

/// Declares a composite by its components in order.
macro_rules! composite {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[$fdoc])*
                #[serde(skip_serializing_if = "crate::transaction::part::Text::is_empty")]
                pub $field: crate::transaction::part::Text,
            )+
            /// Components behind these, as they came.
            #[serde(skip_serializing_if = "crate::transaction::part::List::is_empty")]
            pub more: crate::transaction::part::List<crate::transaction::part::Text>,
        }

        crate::text::silent_debug!($name);

        impl crate::transaction::part::Element for $name {
            #[inline]
            fn read(segment: &crate::x12::Segment<'_>, element: &[u8]) -> Self {
                let mut composite = Self::default();
                let mut components = segment.components(element);
                $(match components.next() {
                    Some(component) => composite.$field = crate::transaction::part::Text::of(component),
                    None => return composite,
                })+
                composite.more = crate::transaction::part::element::texts(components);
                composite
            }

            fn is_absent(&self) -> bool {
                $(self.$field.is_empty() &&)+ self.more.is_empty()
            }

            fn write<'w>(&self, out: crate::x12::SegmentWriter<'w>) -> crate::x12::SegmentWriter<'w> {
                crate::transaction::part::element::composite([$(&self.$field,)+].into_iter().chain(&self.more), out)
            }
        }
    };
}
pub(crate) use composite;
