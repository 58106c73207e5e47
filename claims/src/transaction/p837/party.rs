//! Levels and parties: 2000A to 2010CA, and the provider loops below a claim.

use chrono::NaiveDate;
use mentalspace_core::{Address, PayerSex, PersonName, Phone, TaxIdKind};

use crate::claim::{
    BillingProvider, Claim, Contact, Facility, OrganizationName, PartyName, Patient, Payer, Provider, SecondaryId,
    Subscriber,
};
use crate::x12::{WriteError, Writer};

type Done = Result<(), WriteError>;

/// HL.
pub(super) fn level(out: &mut Writer, id: u32, parent: Option<u32>, code: &str, has_children: bool) -> Done {
    out.segment("HL")
        .element(&id.to_string())
        .optional(parent.map(|p| p.to_string()).as_deref())
        .element(code)
        .element(if has_children { "1" } else { "0" })
        .end()
}

/// 2000A PRV, 2010AA and 2010AB.
pub(super) fn billing_provider(out: &mut Writer, provider: &BillingProvider) -> Done {
    if let Some(taxonomy) = &provider.taxonomy {
        out.segment("PRV").element("BI").element("PXC").element(taxonomy.as_str()).end()?;
    }
    party(out, "85", &provider.name, Some(("XX", provider.npi.as_str())))?;
    address(out, &provider.address)?;
    let register = match provider.tax_id.kind() {
        TaxIdKind::Ein => "EI",
        TaxIdKind::Ssn => "SY",
    };
    reference(out, register, provider.tax_id.expose())?;
    secondary_ids(out, &provider.secondary_ids)?;
    if let Some(contact) = &provider.contact {
        self::contact(out, contact, None)?;
    }
    if let Some(pay_to) = &provider.pay_to {
        let kind = match provider.name {
            PartyName::Person(_) => "1",
            PartyName::Organization(_) => "2",
        };
        out.segment("NM1").element("87").element(kind).end()?;
        address(out, pay_to)?;
    }
    Ok(())
}

/// 2000B SBR, 2010BA and 2010BB.
pub(super) fn subscriber(out: &mut Writer, claim: &Claim) -> Done {
    let subscriber = &claim.subscriber;
    let is_patient = claim.patient.is_none();
    // The group's name stands in for a missing number, never beside it.
    let group_name = if subscriber.group_number.is_none() { subscriber.group_name.as_ref() } else { None };
    out.segment("SBR")
        .element(claim.payer_sequence.code())
        .element(if is_patient { "18" } else { "" })
        .optional(subscriber.group_number.as_ref().map(|n| n.expose()))
        .optional(group_name.map(OrganizationName::as_str))
        .optional(claim.payer.insurance_type.as_deref())
        .skip(3)
        .element(claim.payer.filing_indicator.code())
        .end()?;
    person(out, "IL", &subscriber.name, Some(("MI", subscriber.member_id.expose())))?;
    if is_patient {
        if let Some(home) = &subscriber.address {
            address(out, home)?;
        }
        if let (Some(birth), Some(sex)) = (&subscriber.birth_date, subscriber.sex) {
            demographics(out, *birth.expose(), sex)?;
        }
        casualty(out, subscriber)?;
    }
    payer(out, &claim.payer)?;
    secondary_ids(out, &claim.payer.billing_provider_ids)
}

/// 2000C PAT and 2010CA.
pub(super) fn patient(out: &mut Writer, patient: &Patient, subscriber: &Subscriber) -> Done {
    out.segment("PAT").element(patient.relationship.code()).end()?;
    person(out, "QC", &patient.name, None)?;
    address(out, &patient.address)?;
    demographics(out, *patient.birth_date.expose(), patient.sex)?;
    casualty(out, subscriber)
}

/// NM1, N3 and N4 of a payer.
pub(super) fn payer(out: &mut Writer, payer: &Payer) -> Done {
    organization(out, "PR", &payer.name, Some((payer.id_kind.code(), payer.id.as_str())))?;
    payer.address.as_ref().map_or(Ok(()), |a| address(out, a))
}

/// NM1, PRV and REF of a provider; taxonomy only where the loop has it.
pub(super) fn provider(out: &mut Writer, entity: &str, provider: &Provider) -> Done {
    party(out, entity, &provider.name, provider.npi.as_ref().map(|npi| ("XX", npi.as_str())))?;
    if let Some(taxonomy) = provider.taxonomy.as_ref().filter(|_| entity == "82") {
        out.segment("PRV").element("PE").element("PXC").element(taxonomy.as_str()).end()?;
    }
    secondary_ids(out, &provider.secondary_ids)
}

/// 2310C.
pub(super) fn facility(out: &mut Writer, facility: &Facility) -> Done {
    organization(out, "77", &facility.name, facility.npi.as_ref().map(|npi| ("XX", npi.as_str())))?;
    address(out, &facility.address)?;
    secondary_ids(out, &facility.secondary_ids)
}

/// NM1 of a person.
pub(super) fn person(out: &mut Writer, entity: &str, name: &PersonName, id: Option<(&str, &str)>) -> Done {
    let (qualifier, number) = id.unwrap_or_default();
    out.segment("NM1")
        .element(entity)
        .element("1")
        .element(name.last.expose())
        .optional(name.first.as_ref().map(|n| n.expose()))
        .optional(name.middle.as_ref().map(|n| n.expose()))
        .skip(1)
        .optional(name.suffix.as_ref().map(|n| n.expose()))
        .element(qualifier)
        .element(number)
        .end()
}

/// NM1 of an organisation.
pub(super) fn organization(out: &mut Writer, entity: &str, name: &OrganizationName, id: Option<(&str, &str)>) -> Done {
    let (qualifier, number) = id.unwrap_or_default();
    out.segment("NM1")
        .element(entity)
        .element("2")
        .element(name.as_str())
        .skip(4)
        .element(qualifier)
        .element(number)
        .end()
}

fn party(out: &mut Writer, entity: &str, name: &PartyName, id: Option<(&str, &str)>) -> Done {
    match name {
        PartyName::Person(name) => person(out, entity, name, id),
        PartyName::Organization(name) => organization(out, entity, name, id),
    }
}

/// N3 and N4.
pub(super) fn address(out: &mut Writer, address: &Address) -> Done {
    out.segment("N3").element(address.line1.expose()).optional(address.line2.as_ref().map(|l| l.expose())).end()?;
    out.segment("N4").element(address.city.expose()).element(address.state.as_str()).element(address.zip.expose()).end()
}

/// REF.
pub(super) fn reference(out: &mut Writer, qualifier: &str, number: &str) -> Done {
    out.segment("REF").element(qualifier).element(number).end()
}

fn secondary_ids(out: &mut Writer, ids: &[SecondaryId]) -> Done {
    ids.iter().try_for_each(|id| reference(out, id.qualifier.code(), id.value.expose()))
}

fn casualty(out: &mut Writer, subscriber: &Subscriber) -> Done {
    subscriber.casualty_claim_number.as_ref().map_or(Ok(()), |n| reference(out, "Y4", n.expose()))
}

fn demographics(out: &mut Writer, birth: NaiveDate, sex: PayerSex) -> Done {
    out.segment("DMG").element("D8").element(&birth.format("%Y%m%d").to_string()).element(sex.code()).end()
}

/// PER; `false` when there is no way to reach anybody, and nothing is written.
pub(super) fn contact(out: &mut Writer, contact: &Contact, name: Option<&str>) -> Result<bool, WriteError> {
    let digits = |phone: &Phone| phone.expose_us().unwrap_or(phone.expose()).trim_start_matches('+').to_owned();
    let ways = [
        ("TE", contact.phone.as_ref().map(digits)),
        ("EM", contact.email.as_ref().map(|e| e.expose().to_owned())),
        ("FX", contact.fax.as_ref().map(digits)),
    ];
    if ways.iter().all(|(_, number)| number.is_none()) {
        return Ok(false);
    }
    let name = contact.name.as_ref().map(OrganizationName::as_str).or(name);
    let mut segment = out.segment("PER").element("IC").optional(name);
    for (qualifier, number) in ways {
        if let Some(number) = number {
            segment = segment.element(qualifier).element(&number);
        }
    }
    segment.end()?;
    Ok(true)
}
