//! What an aggregate declares so that it can be stored, found again and accounted for.

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::ClientId;

/// An aggregate that is stored whole: one document with an id, a version, a sort key and search terms.
///
/// The body is sealed; sort key and plain terms are not, so they never hold anything that identifies a person.
pub trait Document: Serialize + DeserializeOwned + Send + Sync {
    /// The kind, a snake-case noun of at most 32 characters, unique among all documents.
    const KIND: &'static str;

    /// Whether reading or writing one is access to protected health information and leaves an audit event by itself.
    const PHI: bool;

    /// The id, unique within practice and kind.
    fn id(&self) -> Uuid;

    /// The client whose record this belongs to.
    fn client(&self) -> Option<ClientId>;

    /// The key by which documents of the kind are ordered and paged, such as an RFC 3339 instant in UTC or a status
    /// date. Compared as bytes. Empty: ordered by id, which is the order of creation.
    fn sort(&self) -> String {
        String::new()
    }

    /// What the document can be found by.
    fn terms(&self) -> Vec<Term>;
}

/// Something a document can be found by: a name and a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Term {
    pub(crate) name: &'static str,
    pub(crate) value: TermValue,
    pub(crate) unique: bool,
}

/// A term's value, by how it may be kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermValue {
    /// Kept as it is: ids, states, dates of work. Never anything that identifies a person.
    Plain(String),
    /// Kept as a keyed hash (blind index): names, birth dates, member numbers. Found by equality only.
    Blind(String),
}

impl std::fmt::Debug for TermValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain(text) => write!(f, "Plain({text})"),
            Self::Blind(_) => f.write_str("Blind(…)"),
        }
    }
}

impl Term {
    /// A term kept as it is.
    pub fn plain(name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        Self { name, value: TermValue::Plain(value.to_string()), unique: false }
    }

    /// A term kept as a keyed hash.
    pub fn blind(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: TermValue::Blind(value.into()), unique: false }
    }

    /// Lets no second document of the kind in the practice carry the same name and value.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }
}
