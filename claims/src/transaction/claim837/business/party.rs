//! The people and organisations of a claim.

use mentalspace_core::{Address, Invalid, NamePart, PayerSex, PersonName, TaxId};

use super::{ConversionError, Taken, born, maybe, need, needed};
use crate::claim::{BillingProvider, Contact, Facility, PartyName, Patient, Payer, Provider, SecondaryId, Subscriber};
use crate::transaction::claim837::coverage::SubscriberInformation;
use crate::transaction::claim837::level::{BillingLevel, PatientLevel};
use crate::transaction::claim837::read::Submitted;
use crate::transaction::part::{Name, Party, Text};

const fn invalid(place: &'static str) -> impl Fn(Invalid) -> ConversionError {
    move |source| ConversionError::Invalid { place, source }
}

pub(super) fn person(name: &Name) -> Taken<PersonName> {
    let part = |text: &Text| maybe::<NamePart>("NM103", text);
    Ok(PersonName {
        last: need("NM103", &name.last)?,
        first: part(&name.first)?,
        middle: part(&name.middle)?,
        suffix: part(&name.suffix)?,
    })
}

fn name(name: &Name) -> Taken<PartyName> {
    if name.kind == "1" {
        return person(name).map(PartyName::Person);
    }
    need("NM103", &name.last).map(PartyName::Organization)
}

pub(super) fn address(party: &Party) -> Taken<Option<Address>> {
    let (Some(street), Some(city)) = (party.street.first(), &party.city) else { return Ok(None) };
    let mut made = Address::new(&street.line_1, &city.city, &city.state, &city.zip).map_err(invalid("N3"))?;
    made.line2 = maybe("N302", &street.line_2)?;
    Ok(Some(made))
}

fn taxonomy<T: TryFrom<String, Error = Invalid>>(
    specialties: &[crate::transaction::part::Specialty],
) -> Taken<Option<T>> {
    maybe("PRV03", specialties.first().map_or("", |prv| &prv.taxonomy))
}

fn secondary_ids(party: &Party, qualifiers: &[&str]) -> Taken<Vec<SecondaryId>> {
    let wanted = party.references.iter().filter(|r| qualifiers.contains(&&*r.qualifier));
    let one = |r: &crate::transaction::part::Reference| {
        Ok(SecondaryId { qualifier: (&*r.qualifier).into(), value: need("REF02", &r.value)? })
    };
    wanted.map(one).collect()
}

/// 2000A, 2010AA and 2010AB.
pub(super) fn billing_provider(level: &BillingLevel) -> Taken<BillingProvider> {
    let party = needed("2010AA NM1", level.provider.as_deref())?;
    let tax_id = match (party.reference("EI"), party.reference("SY")) {
        (Some(ein), _) => TaxId::ein(ein),
        (None, Some(ssn)) => TaxId::ssn(ssn),
        (None, None) => return Err(ConversionError::Missing { place: "2010AA REF*EI" }),
    };
    let mut made = BillingProvider::new(
        name(&party.name)?,
        need("2010AA NM109", &party.name.id)?,
        tax_id.map_err(invalid("2010AA REF*EI"))?,
        needed("2010AA N3", address(party)?)?,
    );
    made.taxonomy = taxonomy(&level.specialties)?;
    made.pay_to = level.pay_to.as_deref().map(address).transpose()?.flatten();
    made.contact = party.contacts.first().map(contact).transpose()?;
    made.secondary_ids = secondary_ids(party, &["0B", "1G"])?;
    Ok(made)
}

fn contact(per: &crate::transaction::part::Contact) -> Taken<Contact> {
    let number = |qualifier| per.number(qualifier).unwrap_or_default();
    Ok(Contact {
        name: maybe("PER02", &per.name)?,
        phone: maybe("PER04", number("TE"))?,
        fax: maybe("PER04", number("FX"))?,
        email: maybe("PER04", number("EM"))?,
    })
}

fn sex(code: &str) -> PayerSex {
    match code {
        "F" => PayerSex::Female,
        "M" => PayerSex::Male,
        _ => PayerSex::Unknown,
    }
}

/// 2000B and 2010BA.
pub(super) fn subscriber(submitted: &Submitted) -> Taken<Subscriber> {
    let party = needed("2010BA NM1", submitted.subscriber.subscriber.as_deref())?;
    let sbr = needed("2000B SBR", submitted.subscriber.information.as_deref())?;
    let mut made = Subscriber::new(person(&party.name)?, need("2010BA NM109", &party.name.id)?);
    made.birth_date = born(party.demographics.as_deref());
    made.sex = party.demographics.as_ref().map(|dmg| sex(&dmg.sex));
    made.address = address(party)?;
    made.group_number = maybe("2000B SBR03", &sbr.group_number)?;
    made.group_name = maybe("2000B SBR04", &sbr.group_name)?;
    let patient = submitted.patient.as_ref().and_then(|level| level.patient.as_ref());
    let casualty = party.reference("Y4").or_else(|| patient.and_then(|patient| patient.reference("Y4")));
    made.casualty_claim_number = maybe("2010BA REF*Y4", casualty.unwrap_or_default())?;
    Ok(made)
}

/// 2000C and 2010CA.
pub(super) fn patient(level: &PatientLevel) -> Taken<Patient> {
    let party = needed("2010CA NM1", level.patient.as_deref())?;
    let born = needed("2010CA DMG02", born(party.demographics.as_deref()))?;
    Ok(Patient::new(
        level.information.as_ref().map_or("", |pat| &pat.relationship).into(),
        person(&party.name)?,
        *born.expose(),
        sex(party.demographics.as_ref().map_or("", |dmg| &dmg.sex)),
        needed("2010CA N3", address(party)?)?,
    ))
}

/// 2000B SBR and 2010BB.
pub(super) fn payer(submitted: &Submitted) -> Taken<Payer> {
    let party = needed("2010BB NM1", submitted.subscriber.payer.as_deref())?;
    let sbr = needed("2000B SBR", submitted.subscriber.information.as_deref())?;
    let mut made = payer_of(party, sbr)?;
    made.billing_provider_ids = secondary_ids(party, &["G2", "LU"])?;
    Ok(made)
}

/// 2010BB or 2330B, with the SBR above it.
pub(super) fn payer_of(party: &Party, sbr: &SubscriberInformation) -> Taken<Payer> {
    let mut made =
        Payer::new(need("NM103", &party.name.last)?, need("NM109", &party.name.id)?, (&*sbr.filing_indicator).into());
    made.id_kind = (&*party.name.id_qualifier).into();
    made.insurance_type = sbr.insurance_type.some().map(ToOwned::to_owned);
    made.address = address(party)?;
    Ok(made)
}

pub(super) fn provider(party: &Party) -> Taken<Provider> {
    let is_npi = party.name.id_qualifier == "XX";
    let mut made = Provider {
        name: name(&party.name)?,
        npi: if is_npi { maybe("NM109", &party.name.id)? } else { None },
        taxonomy: None,
        secondary_ids: secondary_ids(party, &["0B", "1G", "G2", "LU"])?,
    };
    made.taxonomy = taxonomy(&party.specialties)?;
    Ok(made)
}

/// 2310C.
pub(super) fn facility(party: &Party) -> Taken<Facility> {
    let mut made = Facility::new(need("2310C NM103", &party.name.last)?, needed("2310C N3", address(party)?)?);
    made.npi = if party.name.id_qualifier == "XX" { maybe("2310C NM109", &party.name.id)? } else { None };
    made.secondary_ids = secondary_ids(party, &["0B", "G2", "LU"])?;
    Ok(made)
}
