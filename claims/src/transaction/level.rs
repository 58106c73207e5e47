//! Loops of segments, and the hierarchy (HL) some transactions arrange them in.

use super::part::{Anchored, Kept, Part};
use crate::x12::{Segment, WriteError, Writer};

/// What became of a segment that was offered to a field of a loop.
pub(crate) enum Offered {
    /// It was read.
    Taken(&'static str),
    /// The field is for such segments and holds one already.
    Full(&'static str),
    /// The field is for others.
    Other,
}

/// A field of a loop: a segment, or a list of segments of one kind.
pub(crate) trait Slot {
    const ID: &'static str;
    fn offer(&mut self, segment: &Segment<'_>) -> Offered;
    fn put(&self, out: &mut Anchored<'_>) -> Result<(), WriteError>;
    fn is_absent(&self) -> bool;
}

impl<P: Part> Slot for Vec<P> {
    const ID: &'static str = P::ID;

    fn offer(&mut self, segment: &Segment<'_>) -> Offered {
        if segment.id() != P::ID.as_bytes() {
            return Offered::Other;
        }
        self.push(P::read(segment));
        Offered::Taken(P::ID)
    }

    fn put(&self, out: &mut Anchored<'_>) -> Result<(), WriteError> {
        out.all(self)
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<P: Part> Slot for Option<P> {
    const ID: &'static str = P::ID;

    fn offer(&mut self, segment: &Segment<'_>) -> Offered {
        if segment.id() != P::ID.as_bytes() {
            Offered::Other
        } else if self.is_some() {
            Offered::Full(P::ID)
        } else {
            *self = Some(P::read(segment));
            Offered::Taken(P::ID)
        }
    }

    fn put(&self, out: &mut Anchored<'_>) -> Result<(), WriteError> {
        out.optional(self.as_ref())
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// Lets segments be fields of loops without an `Option` around them: one that says nothing is none.
macro_rules! slots {
    ($($part:ty),+ $(,)?) => {$(
        impl crate::transaction::level::Slot for $part {
            const ID: &'static str = <Self as crate::transaction::part::Part>::ID;

            fn offer(&mut self, segment: &crate::x12::Segment<'_>) -> crate::transaction::level::Offered {
                use crate::transaction::{level::Offered, part::Part};
                if segment.id() != <Self as Part>::ID.as_bytes() {
                    Offered::Other
                } else if !crate::transaction::level::Slot::is_absent(self) {
                    Offered::Full(<Self as Part>::ID)
                } else {
                    *self = Part::read(segment);
                    Offered::Taken(<Self as Part>::ID)
                }
            }

            fn put(&self, out: &mut crate::transaction::part::Anchored<'_>) -> Result<(), crate::x12::WriteError> {
                if crate::transaction::level::Slot::is_absent(self) { Ok(()) } else { out.one(self) }
            }

            fn is_absent(&self) -> bool {
                *self == Self::default()
            }
        }
    )+};
}
pub(crate) use slots;

slots!(super::part::Name, super::part::Header);

/// Returns whether a field holds nothing.
pub(crate) fn is_absent<S: Slot>(slot: &S) -> bool {
    slot.is_absent()
}

/// Declares a loop: its own segments in the order of the guide, then the loops below it.
///
/// `place` puts a segment into the first field that takes it and keeps it otherwise; `after` is the id of the last
/// segment that was taken, empty at the start of the loop.
macro_rules! level {
    (
        $(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $slot:ty,)+ }
        below { $($(#[$cdoc:meta])* $child:ident: $below:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[$fdoc])*
                #[serde(skip_serializing_if = "crate::transaction::level::is_absent")]
                pub $field: $slot,
            )+
            /// Other segments of the loop.
            #[serde(skip_serializing_if = "Vec::is_empty")]
            pub kept: Vec<crate::transaction::part::Kept>,
            $(
                $(#[$cdoc])*
                #[serde(skip_serializing_if = "Vec::is_empty")]
                pub $child: Vec<$below>,
            )*
        }

        crate::text::silent_debug!($name);

        impl $name {
            fn place(&mut self, segment: &crate::x12::Segment<'_>, after: &mut &'static str) {
                use crate::transaction::level::{Offered, Slot, keep};
                let order = [$(<$slot as Slot>::ID),+];
                $(
                    match Slot::offer(&mut self.$field, segment) {
                        Offered::Taken(id) => {
                            *after = id;
                            return;
                        }
                        // Behind the one it repeats: before it, it would be read in its stead.
                        Offered::Full(id) => return keep(&mut self.kept, segment, id, &order),
                        Offered::Other => {}
                    }
                )+
                keep(&mut self.kept, segment, after, &order);
            }

            fn write_own(&self, out: &mut crate::x12::Writer) -> Result<(), crate::x12::WriteError> {
                let mut out = crate::transaction::part::Anchored::new(out, &self.kept);
                out.behind("")?;
                $(crate::transaction::level::Slot::put(&self.$field, &mut out)?;)+
                out.end()
            }
        }
    };
}
pub(crate) use level;

/// Keeps a segment behind those with the id `after`, in the `order` in which they are written.
pub(crate) fn keep(list: &mut Vec<Kept>, segment: &Segment<'_>, after: &str, order: &[&str]) {
    let rank =
        |id: &str| if id.is_empty() { 0 } else { order.iter().position(|o| *o == id).map_or(usize::MAX, |n| n + 1) };
    let at = list.partition_point(|kept| rank(&kept.after) <= rank(after));
    list.insert(at, Kept::read(segment, after));
}

/// Returns the last of `list`, which gets one when it has none: a file may leave a level out.
pub(crate) fn last<T: Default>(list: &mut Vec<T>) -> &mut T {
    if list.is_empty() {
        list.push(T::default());
    }
    let at = list.len() - 1;
    &mut list[at]
}

/// Adds a new one to `list`.
pub(crate) fn open<T: Default>(list: &mut Vec<T>) {
    list.push(T::default());
}

/// Returns whether a segment is nothing but its id, which says nothing and cannot be written.
pub(crate) fn is_blank(segment: &Segment<'_>) -> bool {
    segment.elements().all(|element| element.trim_ascii().is_empty())
}

/// Writes HL segments, numbered as they come.
#[derive(Debug, Default)]
pub(crate) struct Hierarchy {
    last: u32,
}

/// Whether levels follow below one (HL04).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Below {
    Some,
    None,
    /// The guide does not use HL04 here.
    Unsaid,
}

impl Below {
    pub(crate) fn of<T>(list: &[T]) -> Self {
        if list.is_empty() { Self::None } else { Self::Some }
    }
}

impl Hierarchy {
    /// Writes the next level and returns its number.
    pub(crate) fn level(
        &mut self,
        out: &mut Writer,
        parent: u32,
        code: &'static str,
        below: Below,
    ) -> Result<u32, WriteError> {
        self.last += 1;
        let parent = if parent == 0 { String::new() } else { parent.to_string() };
        let child = match below {
            Below::Some => "1",
            Below::None => "0",
            Below::Unsaid => "",
        };
        out.segment("HL").element(&self.last.to_string()).element(&parent).element(code).element(child).end()?;
        Ok(self.last)
    }
}
