//! The people and organisations of a claim.

use chrono::NaiveDate;
use mentalspace_core::{Address, Email, Npi, PayerSex, PersonName, Phi, Phone, TaxId, Taxonomy};
use serde::{Deserialize, Serialize};

use super::code::{
    FilingIndicator, IdQualifier, MemberId, OrganizationName, PayerCode, PayerIdKind, Reference, Relationship,
};

/// A person or an organisation by name (NM102 1 or 2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyName {
    /// A person.
    Person(PersonName),
    /// An organisation.
    Organization(OrganizationName),
}

/// How the provider can be reached about claims (PER*IC).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    /// Whom to ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<OrganizationName>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Fax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fax: Option<Phone>,
    /// E-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
}

/// A further number of a provider, by who gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondaryId {
    /// What the number is.
    pub qualifier: IdQualifier,
    /// The number.
    pub value: Reference,
}

/// Who bills (2000A, 2010AA, 2010AB; CMS-1500 items 25 and 33).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BillingProvider {
    /// Name.
    pub name: PartyName,
    /// National provider identifier.
    pub npi: Npi,
    /// Federal tax identifier.
    pub tax_id: TaxId,
    /// Taxonomy; sent whenever it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxonomy: Option<Taxonomy>,
    /// Street address; the guide asks for nine ZIP digits and forbids post-office boxes.
    pub address: Address,
    /// Where payments go, when not to the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_to: Option<Address>,
    /// Whom to ask about claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// State licence or UPIN.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secondary_ids: Vec<SecondaryId>,
}

impl BillingProvider {
    /// A billing provider with what every claim needs.
    #[must_use]
    pub const fn new(name: PartyName, npi: Npi, tax_id: TaxId, address: Address) -> Self {
        Self { name, npi, tax_id, taxonomy: None, address, pay_to: None, contact: None, secondary_ids: Vec::new() }
    }
}

/// A referring, rendering or supervising provider (2310A, 2310B, 2310D, 2420A; CMS-1500 items 17, 24J and 31).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Provider {
    /// Name.
    pub name: PartyName,
    /// National provider identifier; without it a secondary id is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub npi: Option<Npi>,
    /// Taxonomy; sent for rendering providers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxonomy: Option<Taxonomy>,
    /// Further numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secondary_ids: Vec<SecondaryId>,
}

impl Provider {
    /// A provider with an NPI.
    #[must_use]
    pub const fn new(name: PartyName, npi: Npi) -> Self {
        Self { name, npi: Some(npi), taxonomy: None, secondary_ids: Vec::new() }
    }
}

/// Where the service was given, when not at the billing address (2310C; CMS-1500 item 32).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Facility {
    /// Name.
    pub name: OrganizationName,
    /// National provider identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub npi: Option<Npi>,
    /// Street address; a ZIP of five digits is sent as it is.
    pub address: Address,
    /// Further numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secondary_ids: Vec<SecondaryId>,
}

impl Facility {
    /// A facility with a name and an address.
    #[must_use]
    pub const fn new(name: OrganizationName, address: Address) -> Self {
        Self { name, npi: None, address, secondary_ids: Vec::new() }
    }
}

/// Who holds the coverage (2000B, 2010BA; CMS-1500 items 1a, 4, 7 and 11).
///
/// When the claim has no patient of its own, the subscriber is the patient and needs birth date, sex and address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Subscriber {
    /// Name as on the card.
    pub name: PersonName,
    /// Number with the payer.
    pub member_id: MemberId,
    /// Birth date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Phi<NaiveDate>>,
    /// Sex on file with the payer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<PayerSex>,
    /// Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Telephone; printed on paper only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Group or policy number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_number: Option<Reference>,
    /// Name of the group or plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_name: Option<OrganizationName>,
    /// The insurer's number of a property or casualty case (REF*Y4; CMS-1500 item 11b).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub casualty_claim_number: Option<Reference>,
}

impl Subscriber {
    /// A subscriber with name and number.
    #[must_use]
    pub const fn new(name: PersonName, member_id: MemberId) -> Self {
        Self {
            name,
            member_id,
            birth_date: None,
            sex: None,
            address: None,
            phone: None,
            group_number: None,
            group_name: None,
            casualty_claim_number: None,
        }
    }
}

/// The patient, when not the subscriber (2000C, 2010CA; CMS-1500 items 2, 3, 5 and 6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Patient {
    /// Who the patient is to the subscriber; never the subscriber itself.
    pub relationship: Relationship,
    /// Name.
    pub name: PersonName,
    /// Birth date.
    pub birth_date: Phi<NaiveDate>,
    /// Sex on file with the payer.
    pub sex: PayerSex,
    /// Address.
    pub address: Address,
    /// Telephone; printed on paper only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
}

impl Patient {
    /// A patient without telephone.
    #[must_use]
    pub const fn new(
        relationship: Relationship,
        name: PersonName,
        birth_date: NaiveDate,
        sex: PayerSex,
        address: Address,
    ) -> Self {
        Self { relationship, name, birth_date: Phi::new(birth_date), sex, address, phone: None }
    }
}

/// Who is asked to pay (2010BB and SBR; CMS-1500 items 1 and 11c, and the carrier block).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Payer {
    /// Name.
    pub name: OrganizationName,
    /// The number by which the payer is addressed.
    pub id: PayerCode,
    /// What kind of number that is.
    #[serde(default = "own_identification")]
    pub id_kind: PayerIdKind,
    /// Kind of insurance.
    pub filing_indicator: FilingIndicator,
    /// Insurance type (SBR05), such as 12 or 47; needed when Medicare is not the first payer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance_type: Option<String>,
    /// Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The numbers this payer gave the billing provider (2010BB REF*G2, REF*LU; CMS-1500 33b).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub billing_provider_ids: Vec<SecondaryId>,
}

const fn own_identification() -> PayerIdKind {
    PayerIdKind::Payer
}

impl Payer {
    /// A payer with its own identification number.
    #[must_use]
    pub const fn new(name: OrganizationName, id: PayerCode, filing_indicator: FilingIndicator) -> Self {
        Self {
            name,
            id,
            id_kind: PayerIdKind::Payer,
            filing_indicator,
            insurance_type: None,
            address: None,
            billing_provider_ids: Vec::new(),
        }
    }
}
