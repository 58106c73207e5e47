//! Between the model of the file and the business claim: a foreign 837P becomes ours, and ours becomes a model.

mod party;

use mentalspace_core::{DateOfService, Icd10Cm, Invalid, Modifier, Modifiers, Money, Phi};

use super::claim::{Claim, OtherSubscriber};
use super::line::{LineAdjudication, ServiceLine};
use super::read::{Claims, Submitted};
use super::service::Service;
use super::set::Form;
use crate::claim::{
    self, Adjudication, ClaimDates, ClaimDraft, ClaimNote, Frequency, LineControlNumber, OtherPayer,
    OtherSubscriber as Insured, PayerSequence, Quantity, RelatedCauses, UnitKind,
};
use crate::transaction::p837;
use crate::transaction::part::{Adjustment, Amount, Count, DateOrPeriod, Field, Note, Procedure, Text};
use crate::x12::WriteError;

/// Why a claim of a file cannot be a business claim. Says where and which rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConversionError {
    /// Only professional claims are made here.
    #[error("the claim is not a professional one")]
    Form,
    /// Something that every claim of ours has is missing.
    #[error("{place} is missing")]
    Missing {
        /// Loop and element.
        place: &'static str,
    },
    /// A value breaks a rule of ours.
    #[error("{place} cannot be taken over")]
    Invalid {
        /// Loop and element.
        place: &'static str,
        /// The rule.
        #[source]
        source: Invalid,
    },
}

type Taken<T> = Result<T, ConversionError>;

/// Takes a value that must be there.
fn need<T: TryFrom<String, Error = Invalid>>(place: &'static str, text: &str) -> Taken<T> {
    maybe(place, text)?.ok_or(ConversionError::Missing { place })
}

/// Takes a value that may be there.
fn maybe<T: TryFrom<String, Error = Invalid>>(place: &'static str, text: &str) -> Taken<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    T::try_from(text.to_owned()).map(Some).map_err(|source| ConversionError::Invalid { place, source })
}

fn needed<T>(place: &'static str, value: Option<T>) -> Taken<T> {
    value.ok_or(ConversionError::Missing { place })
}

fn money(place: &'static str, amount: &Field<Money>) -> Taken<Money> {
    needed(place, amount.value().copied())
}

fn quantity(place: &'static str, count: &Field<Count>) -> Taken<Option<Quantity>> {
    let made = count.value().map(|count| Quantity::new(count.decimal()));
    made.transpose().map_err(|source| ConversionError::Invalid { place, source })
}

/// Takes a claim of a foreign 837P over. What our claim has no place for, such as attachments, is left out.
impl TryFrom<&Submitted> for ClaimDraft {
    type Error = ConversionError;

    fn try_from(submitted: &Submitted) -> Taken<Self> {
        let claim = &*submitted.claim;
        let is_foreign = |line: &ServiceLine| !matches!(line.service, Some(Service::Professional(_)));
        let form = Form::of_guide(&submitted.set.guide).unwrap_or(Form::Professional);
        if form != Form::Professional || claim.lines.iter().any(is_foreign) {
            return Err(ConversionError::Form);
        }
        let clm = &claim.information;
        let sbr = needed("2000B SBR", submitted.subscriber.information.as_deref())?;
        let diagnoses = claim.diagnoses().map(|code| need("2300 HI", &code.code));
        let mut draft = Self::new(
            need("2300 CLM01", &clm.control_number)?,
            party::billing_provider(&submitted.billing)?,
            party::subscriber(submitted)?,
            party::payer(submitted)?,
            need("2300 CLM05-1", &clm.facility.code)?,
            diagnoses.collect::<Taken<Vec<Icd10Cm>>>()?,
            claim.lines.iter().map(line).collect::<Taken<_>>()?,
        );
        draft.patient = submitted.patient.as_ref().map(|level| party::patient(level)).transpose()?;
        draft.payer_sequence = PayerSequence::from(&*sbr.sequence);
        head(&mut draft, claim)?;
        draft.dates = dates(&claim.dates);
        draft.patient_paid = amount_of(&claim.amounts, "F5");
        draft.prior_authorization = maybe("2300 REF*G1", claim.reference("G1").unwrap_or_default())?;
        draft.referral_number = maybe("2300 REF*9F", claim.reference("9F").unwrap_or_default())?;
        draft.medical_record_number = maybe("2300 REF*EA", claim.reference("EA").unwrap_or_default())?;
        draft.note = claim.notes.first().map(note).transpose()?;
        let conditions = claim.codes_of(&["BG"]).map(|code| need("2300 HI*BG", &code.code));
        draft.condition_codes = conditions.collect::<Taken<_>>()?;
        draft.referring = claim.provider("DN").map(party::provider).transpose()?;
        draft.rendering = claim.provider("82").map(party::provider).transpose()?;
        draft.supervising = claim.provider("DQ").map(party::provider).transpose()?;
        draft.facility = claim.provider("77").map(party::facility).transpose()?;
        draft.other_payers =
            claim.other_subscribers.iter().map(|other| other_payer(claim, other)).collect::<Taken<_>>()?;
        Ok(draft)
    }
}

/// The codes of CLM.
fn head(draft: &mut ClaimDraft, claim: &Claim) -> Taken<()> {
    let clm = &claim.information;
    let earlier = || need("2300 REF*F8", claim.reference("F8").unwrap_or_default());
    draft.frequency = match &*clm.facility.frequency {
        "7" => Frequency::Replacement { payer_claim_number: earlier()? },
        "8" => Frequency::Void { payer_claim_number: earlier()? },
        _ => Frequency::Original,
    };
    draft.provider_signature_on_file = clm.provider_signature == "Y";
    draft.assignment = (&*clm.assignment).into();
    draft.benefits_assignment = (&*clm.benefits_assignment).into();
    draft.release = (&*clm.release).into();
    draft.signature_generated_by_provider = clm.patient_signature == "P";
    if let Some(causes) = &clm.related_causes {
        let named = [&causes.cause_1, &causes.cause_2, &causes.cause_3];
        let has = |code: &str| named.iter().any(|cause| **cause == code);
        draft.related_causes = RelatedCauses {
            employment: has("EM"),
            auto_accident: if has("AA") { Some(need("2300 CLM11-4", &causes.state)?) } else { None },
            other_accident: has("OA"),
        };
    }
    let code = |text: &Text| text.some().map(ToOwned::to_owned);
    (draft.special_program, draft.delay_reason) = (code(&clm.special_program), code(&clm.delay_reason));
    Ok(())
}

fn dates(list: &[DateOrPeriod]) -> ClaimDates {
    let day = |qualifier: &str| list.iter().find(|date| date.qualifier == qualifier).and_then(DateOrPeriod::first);
    let disability = list.iter().find(|date| date.qualifier == "314").and_then(DateOrPeriod::period);
    ClaimDates {
        onset: day("431"),
        initial_treatment: day("454"),
        last_seen: day("304"),
        acute_manifestation: day("453"),
        accident: day("439"),
        last_menstrual_period: day("484"),
        disability_from: disability.map(|period| period.from).or_else(|| day("360")),
        disability_to: disability.map(|period| period.to).or_else(|| day("361")),
        last_worked: day("297"),
        return_to_work: day("296"),
        admission: day("435"),
        discharge: day("096"),
        care_assumed: day("090"),
        care_relinquished: day("091"),
        first_contact: day("444"),
    }
}

fn note(note: &Note) -> Taken<ClaimNote> {
    Ok(ClaimNote { kind: (&*note.reference).into(), text: need("2300 NTE02", &note.text)? })
}

fn amount_of(amounts: &[Amount], qualifier: &str) -> Option<Money> {
    amounts.iter().find(|amount| amount.qualifier == qualifier).and_then(|amount| amount.amount.value().copied())
}

fn adjustments(list: &[Adjustment]) -> Taken<Vec<claim::Adjustment>> {
    let all = list.iter().flat_map(|cas| cas.reasons.iter().map(move |reason| (&cas.group, reason)));
    let one = |(group, reason): (&Text, &crate::transaction::part::AdjustmentReason)| {
        Ok(claim::Adjustment {
            group: (&**group).into(),
            reason: reason.reason.to_string(),
            amount: money("CAS03", &reason.amount)?,
            quantity: quantity("CAS04", &reason.quantity)?,
        })
    };
    all.map(one).collect()
}

/// 2320 to 2330B.
fn other_payer(claim: &Claim, other: &OtherSubscriber) -> Taken<OtherPayer> {
    let sbr = &other.information;
    let insured = needed("2330A NM1", other.subscriber.as_deref())?;
    let payer = needed("2330B NM1", other.payer.as_deref())?;
    let subscriber = Insured {
        name: party::person(&insured.name)?,
        member_id: need("2330A NM109", &insured.name.id)?,
        relationship: (&*sbr.relationship).into(),
        address: party::address(insured)?,
        group_number: maybe("2320 SBR03", &sbr.group_number)?,
        group_name: maybe("2320 SBR04", &sbr.group_name)?,
    };
    let mut made = OtherPayer::new((&*sbr.sequence).into(), subscriber, party::payer_of(payer, sbr)?);
    if let Some(oi) = &other.coverage {
        made.benefits_assignment = (&*oi.benefits_assignment).into();
        made.release = (&*oi.release).into();
    }
    made.claim_number = maybe("2330B REF*F8", payer.reference("F8").unwrap_or_default())?;
    made.prior_authorization = maybe("2330B REF*G1", payer.reference("G1").unwrap_or_default())?;
    made.referral_number = maybe("2330B REF*9F", payer.reference("9F").unwrap_or_default())?;
    // Where lines carry the date, the claim does not.
    let lines = claim.lines.iter().flat_map(|line| &line.adjudications);
    let lines = lines.filter(|line| line.decision.payer == payer.name.id).flat_map(|line| &line.dates);
    let mut paid_on = payer.dates.iter().chain(lines).filter(|date| date.qualifier == "573");
    if let (Some(paid), Some(paid_on)) = (amount_of(&other.amounts, "D"), paid_on.find_map(DateOrPeriod::first)) {
        made.adjudication = Some(Adjudication {
            paid,
            paid_on,
            adjustments: adjustments(&other.adjustments)?,
            non_covered: amount_of(&other.amounts, "A8"),
            remaining_patient_liability: amount_of(&other.amounts, "EAF"),
            remarks: other.outpatient.iter().flat_map(|moa| moa.remarks()).map(|code| code.to_string()).collect(),
        });
    }
    Ok(made)
}

fn modifiers(procedure: &Procedure) -> Taken<Modifiers> {
    let mut made = Modifiers::default();
    for modifier in procedure.modifiers.iter().filter(|modifier| !modifier.is_empty()) {
        let modifier: Modifier = need("2400 SV101", modifier)?;
        made.push(modifier).map_err(|source| ConversionError::Invalid { place: "2400 SV101", source })?;
    }
    Ok(made)
}

/// 2400.
fn line(line: &ServiceLine) -> Taken<claim::ServiceLine> {
    let Some(Service::Professional(service)) = &line.service else { return Err(ConversionError::Form) };
    let period = needed("2400 DTP*472", line.date("472").and_then(DateOrPeriod::period))?;
    let dates = DateOfService::span(period.from, period.to)
        .map_err(|source| ConversionError::Invalid { place: "2400 DTP*472", source })?;
    let pointers: Vec<u8> = service.pointers.0.iter().filter_map(|pointer| pointer.parse().ok()).collect();
    let mut made = claim::ServiceLine::new(
        need("2400 SV101-2", &service.procedure.code)?,
        money("2400 SV102", &service.charge)?,
        needed("2400 SV104", quantity("2400 SV104", &service.units)?)?,
        dates,
        &pointers,
    );
    made.modifiers = modifiers(&service.procedure)?;
    made.description = maybe("2400 SV101-7", &service.procedure.description)?;
    made.unit_kind = UnitKind::from(&*service.unit);
    made.place_of_service = maybe("2400 SV105", &service.place)?;
    made.emergency = service.emergency == "Y";
    made.epsdt = service.epsdt == "Y";
    made.family_planning = service.family_planning == "Y";
    made.control_number = maybe::<LineControlNumber>("2400 REF*6R", line.reference("6R").unwrap_or_default())?;
    made.prior_authorization = maybe("2400 REF*G1", line.reference("G1").unwrap_or_default())?;
    made.note =
        line.notes.iter().find(|note| note.reference == "ADD").map(|n| need("2400 NTE02", &n.text)).transpose()?;
    made.rendering = line.provider("82").map(party::provider).transpose()?;
    if let Some(drug) = line.drugs.iter().find(|drug| drug.identification.qualifier == "N4") {
        let ctp = needed("2410 CTP", drug.quantity.as_deref())?;
        made.drug = Some(claim::Drug {
            ndc: need("2410 LIN03", &drug.identification.code)?,
            quantity: needed("2410 CTP04", quantity("2410 CTP04", &ctp.quantity)?)?,
            unit: ctp.unit.0.first().map_or("", Text::as_str).into(),
            prescription: drug.references.first().map(|r| need("2410 REF02", &r.value)).transpose()?,
        });
    }
    made.adjudications =
        line.adjudications.iter().map(|decision| adjudication(service, decision)).collect::<Taken<_>>()?;
    Ok(made)
}

/// 2430.
fn adjudication(
    service: &super::service::ProfessionalService,
    decision: &LineAdjudication,
) -> Taken<claim::LineAdjudication> {
    let svd = &decision.decision;
    let is_ours =
        svd.procedure.code == service.procedure.code && svd.procedure.modifiers == service.procedure.modifiers;
    let paid_on = decision.dates.iter().find(|date| date.qualifier == "573").and_then(DateOrPeriod::first);
    let units = quantity("2430 SVD05", &svd.units)?;
    Ok(claim::LineAdjudication {
        payer: need("2430 SVD01", &svd.payer)?,
        paid: money("2430 SVD02", &svd.paid)?,
        procedure: if is_ours { None } else { maybe("2430 SVD03-2", &svd.procedure.code)? },
        modifiers: if is_ours { Modifiers::default() } else { modifiers(&svd.procedure)? },
        units: units.filter(|units| service.units.value().is_none_or(|ours| ours.decimal() != units.decimal())),
        bundled_into: svd.bundled_into.parse().ok(),
        adjustments: adjustments(&decision.adjustments)?,
        paid_on: needed("2430 DTP*573", paid_on)?,
        remaining_patient_liability: amount_of(&decision.amounts, "EAF"),
    })
}

/// Makes the model of our claim: what the 837P says of it, by reading what is written.
impl TryFrom<&claim::Claim> for Submitted {
    type Error = WriteError;

    fn try_from(claim: &claim::Claim) -> Result<Self, WriteError> {
        let bytes = p837::alone(claim)?;
        // What was just written is X12 with one claim.
        Claims::new(&bytes[..]).next().and_then(Result::ok).ok_or(WriteError::Empty { tag: "CLM" })
    }
}

/// A birth date, protected.
fn born(demographics: Option<&crate::transaction::part::Demographics>) -> Option<Phi<chrono::NaiveDate>> {
    demographics.and_then(|dmg| dmg.born()).map(Phi::new)
}
