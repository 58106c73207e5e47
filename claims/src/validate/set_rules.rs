//! The rules between segments (SNIP 3 to 5 and 7) at work on one set after another.

use std::sync::Arc;

use super::claim837::{Claim837, Form};
use super::code::Codes;
use super::fields::Fields;
use super::finding::Findings;
use super::hierarchy::Hierarchy;
use super::id;
use super::identifier::Identifiers;
use super::inquiry::Inquiry;
use super::partner::{Edits, Partners};
use super::remittance835::Remittance835;
use super::status::{self, Status};
use crate::code_list::CodeLists;
use crate::guide::{GuideKind, Placed};

/// The rules with what they remember; made once for a file and begun anew with every set.
#[derive(Debug)]
pub(crate) struct SetRules {
    lists: CodeLists,
    edits: Arc<[Edits]>,
    guide: Option<GuideKind>,
    hierarchy: Hierarchy,
    identifiers: Identifiers,
    codes: Codes,
    claim: Claim837,
    remittance: Remittance835,
    inquiry: Inquiry,
    status: Status,
    partners: Partners,
}

impl SetRules {
    pub(crate) fn new(lists: CodeLists, edits: Arc<[Edits]>) -> Self {
        Self {
            lists,
            edits,
            guide: None,
            hierarchy: Hierarchy::default(),
            identifiers: Identifiers::default(),
            codes: Codes::default(),
            claim: Claim837::default(),
            remittance: Remittance835::default(),
            inquiry: Inquiry::default(),
            status: Status::default(),
            partners: Partners::default(),
        }
    }

    /// Begins a set of a guide, or one that is of none and asked nothing.
    pub(crate) fn begin(&mut self, guide: Option<GuideKind>) {
        self.guide = guide;
        let Some(guide) = guide else { return };
        let form = form(guide);
        self.hierarchy.begin(form.is_some());
        self.identifiers.begin(form.is_some());
        self.codes.begin();
        self.partners.begin(&self.edits);
        match guide {
            GuideKind::Claim837P | GuideKind::Claim837I | GuideKind::Claim837D => {
                self.claim.begin(form.unwrap_or_default());
            }
            GuideKind::Payment835 => self.remittance.begin(),
            GuideKind::Inquiry270 => self.inquiry.begin(true),
            GuideKind::Response271 => self.inquiry.begin(false),
            GuideKind::StatusRequest276 => self.status.begin(status::Kind::Request),
            GuideKind::StatusResponse277 => self.status.begin(status::Kind::Response),
            GuideKind::ClaimAck277 => self.status.begin(status::Kind::Acknowledgement),
            _ => {}
        }
    }

    /// Takes a segment of the set.
    pub(crate) fn segment(&mut self, placed: &Placed<'_>, out: &mut Findings) {
        let Some(guide) = self.guide else { return };
        let fields = Fields::of(&placed.segment);
        if fields.id() == id::HL {
            self.hierarchy.level(placed, &fields, out);
        }
        self.identifiers.segment(placed, &fields, out);
        self.codes.segment(&self.lists, placed, &fields, out);
        match guide {
            GuideKind::Claim837P | GuideKind::Claim837I | GuideKind::Claim837D => {
                self.claim.segment(&self.lists, placed, &fields, out);
            }
            GuideKind::Payment835 => self.remittance.segment(placed, &fields, out),
            GuideKind::Inquiry270 | GuideKind::Response271 => self.inquiry.segment(placed, &fields, out),
            GuideKind::StatusRequest276 | GuideKind::StatusResponse277 | GuideKind::ClaimAck277 => {
                self.status.segment(placed, &fields, out);
            }
            _ => {}
        }
        if !self.edits.is_empty() {
            self.partners.segment(&self.edits, &self.lists, placed, &fields, out);
        }
    }

    /// Ends the set.
    pub(crate) fn end_of_set(&mut self, out: &mut Findings) {
        let Some(guide) = self.guide.take() else { return };
        self.hierarchy.end_of_set(out);
        match guide {
            GuideKind::Claim837P | GuideKind::Claim837I | GuideKind::Claim837D => {
                self.claim.end_of_set(&self.lists, out);
            }
            GuideKind::Payment835 => self.remittance.end_of_set(out),
            GuideKind::StatusRequest276 | GuideKind::StatusResponse277 | GuideKind::ClaimAck277 => {
                self.status.end_of_set(out);
            }
            _ => {}
        }
        if !self.edits.is_empty() {
            self.partners.end_of_set(&self.edits, &self.lists, out);
        }
    }
}

const fn form(guide: GuideKind) -> Option<Form> {
    match guide {
        GuideKind::Claim837P => Some(Form::Professional),
        GuideKind::Claim837I => Some(Form::Institutional),
        GuideKind::Claim837D => Some(Form::Dental),
        _ => None,
    }
}
