//! The rules between segments (SNIP 3 to 5 and 7) at work on one set after another.

use std::sync::Arc;

use super::claim837::{Claim837, Form};
use super::code::Codes;
use super::fields::Fields;
use super::finding::Findings;
use super::hierarchy::Hierarchy;
use super::identifier::Identifiers;
use super::inquiry::Inquiry;
use super::partner::{Edits, Partners};
use super::remittance835::Remittance835;
use super::status::{self, Status};
use crate::code_list::CodeLists;
use crate::guide::Placed;

/// What a set is, for the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Transaction {
    /// 837 professional.
    Professional,
    /// 837 institutional.
    Institutional,
    /// 837 dental.
    Dental,
    /// 835.
    Remittance,
    /// 270.
    Inquiry,
    /// 271.
    Benefits,
    /// 276.
    StatusRequest,
    /// 277.
    Status,
    /// 277CA.
    Acknowledgement,
    /// Any other.
    #[default]
    Other,
}

/// The rules with what they remember; made once for a file and begun anew with every set.
#[derive(Debug)]
pub(crate) struct SetRules {
    lists: CodeLists,
    edits: Arc<[Edits]>,
    transaction: Transaction,
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
            transaction: Transaction::default(),
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

    /// Begins a set.
    pub(crate) fn begin(&mut self, transaction: Transaction) {
        self.transaction = transaction;
        let form = match transaction {
            Transaction::Professional => Some(Form::Professional),
            Transaction::Institutional => Some(Form::Institutional),
            Transaction::Dental => Some(Form::Dental),
            _ => None,
        };
        self.hierarchy.begin(form.is_some());
        self.identifiers.begin(form.is_some());
        self.codes.begin();
        self.partners.begin(&self.edits);
        match transaction {
            Transaction::Professional | Transaction::Institutional | Transaction::Dental => {
                self.claim.begin(form.unwrap_or_default());
            }
            Transaction::Remittance => self.remittance.begin(),
            Transaction::Inquiry => self.inquiry.begin(true),
            Transaction::Benefits => self.inquiry.begin(false),
            Transaction::StatusRequest => self.status.begin(status::Kind::Request),
            Transaction::Status => self.status.begin(status::Kind::Response),
            Transaction::Acknowledgement => self.status.begin(status::Kind::Acknowledgement),
            Transaction::Other => {}
        }
    }

    /// Takes a segment of the set.
    pub(crate) fn segment(&mut self, placed: &Placed<'_>, out: &mut Findings) {
        let fields = Fields::of(&placed.segment);
        self.hierarchy.segment(placed, &fields, out);
        self.identifiers.segment(placed, &fields, out);
        self.codes.segment(&self.lists, placed, &fields, out);
        match self.transaction {
            Transaction::Professional | Transaction::Institutional | Transaction::Dental => {
                self.claim.segment(&self.lists, placed, &fields, out);
            }
            Transaction::Remittance => self.remittance.segment(placed, &fields, out),
            Transaction::Inquiry | Transaction::Benefits => self.inquiry.segment(placed, &fields, out),
            Transaction::StatusRequest | Transaction::Status | Transaction::Acknowledgement => {
                self.status.segment(placed, &fields, out);
            }
            Transaction::Other => {}
        }
        if !self.edits.is_empty() {
            self.partners.segment(&self.edits, &self.lists, placed, &fields, out);
        }
    }

    /// Ends the set.
    pub(crate) fn end_of_set(&mut self, out: &mut Findings) {
        self.hierarchy.end_of_set(out);
        match self.transaction {
            Transaction::Professional | Transaction::Institutional | Transaction::Dental => {
                self.claim.end_of_set(&self.lists, out);
            }
            Transaction::Remittance => self.remittance.end_of_set(out),
            Transaction::StatusRequest | Transaction::Status | Transaction::Acknowledgement => {
                self.status.end_of_set(out);
            }
            Transaction::Inquiry | Transaction::Benefits | Transaction::Other => {}
        }
        if !self.edits.is_empty() {
            self.partners.end_of_set(&self.edits, &self.lists, out);
        }
    }
}
