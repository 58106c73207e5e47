//! From the model to segments.

use super::claim::{Claim, OtherSubscriber};
use super::level::{BillingLevel, PatientLevel, SetHeader, SubscriberLevel};
use super::line::{Drug, LineAdjudication, ServiceLine, SupportingForm};
use super::set::ClaimSet;
use crate::transaction::part::{Anchored, Count, Element, FieldValue, LoopNumber, Part, Party, Text};
use crate::x12::{WriteError, Writer};

type Done = Result<(), WriteError>;

impl ClaimSet {
    /// Writes the set, ST to SE, into the group that is open; levels are numbered in order.
    ///
    /// # Errors
    /// An element holds what cannot be written; then the set is written in part, see [`Writer::rewind`].
    pub fn write(&self, out: &mut Writer) -> Done {
        let guide = self.head.guide.some().unwrap_or(self.form().guide());
        out.begin_set("837", Some(guide))?;
        self.write_body(out)?;
        out.end_set()
    }

    /// Writes what stands between ST and SE.
    pub(crate) fn write_body(&self, out: &mut Writer) -> Done {
        self.head.write(out)?;
        let mut levels = 0;
        for provider in &self.providers {
            let billing = begin_level(out, &mut levels, None, "20", !provider.subscribers.is_empty())?;
            provider.level.write(out)?;
            for subscriber in &provider.subscribers {
                let has_patients = !subscriber.patients.is_empty();
                let parent = begin_level(out, &mut levels, Some(billing), "22", has_patients)?;
                subscriber.level.write(out)?;
                subscriber.claims.iter().try_for_each(|claim| claim.write(out))?;
                for patient in &subscriber.patients {
                    begin_level(out, &mut levels, Some(parent), "23", false)?;
                    patient.level.write(out)?;
                    patient.claims.iter().try_for_each(|claim| claim.write(out))?;
                }
            }
        }
        Ok(())
    }
}

/// HL.
fn begin_level(
    out: &mut Writer,
    levels: &mut u32,
    parent: Option<u32>,
    code: &str,
    has_children: bool,
) -> Result<u32, WriteError> {
    *levels += 1;
    let (own, parent) = (number(*levels), parent.map(number).unwrap_or_default());
    out.write("HL", |out| {
        let out = parent.write(own.write(out));
        out.element(code).element(if has_children { "1" } else { "0" })
    })?;
    Ok(*levels)
}

fn number(number: u32) -> Text {
    Count::from(number).to_text()
}

fn parties<'p>(out: &mut Writer, named: &[&'p Option<Box<Party>>], others: &'p [Party]) -> Done {
    let named = named.iter().filter_map(|party| party.as_deref());
    named.chain(others).try_for_each(|party| party.write(out))
}

impl SetHeader {
    fn write(&self, out: &mut Writer) -> Done {
        let mut head = Anchored::new(out, &self.kept);
        head.behind("ST")?;
        head.optional(self.header.as_ref())?;
        head.all(&self.references)?;
        head.end()?;
        parties(out, &[&self.submitter, &self.receiver], &self.others)
    }
}

impl BillingLevel {
    fn write(&self, out: &mut Writer) -> Done {
        let mut level = Anchored::new(out, &self.kept);
        level.behind("HL")?;
        level.all(&self.specialties)?;
        level.optional(self.currency.as_deref())?;
        level.end()?;
        parties(out, &[&self.provider, &self.pay_to, &self.pay_to_plan], &self.others)
    }
}

impl SubscriberLevel {
    fn write(&self, out: &mut Writer) -> Done {
        let mut level = Anchored::new(out, &self.kept);
        level.behind("HL")?;
        level.optional(self.information.as_deref())?;
        level.optional(self.patient.as_deref())?;
        level.end()?;
        parties(out, &[&self.subscriber, &self.payer], &self.others)
    }
}

impl PatientLevel {
    fn write(&self, out: &mut Writer) -> Done {
        let mut level = Anchored::new(out, &self.kept);
        level.behind("HL")?;
        level.optional(self.information.as_deref())?;
        level.end()?;
        parties(out, &[&self.patient], &self.others)
    }
}

impl Claim {
    /// Writes the claim with its lines (2300).
    ///
    /// # Errors
    /// An element holds what cannot be written.
    pub fn write(&self, out: &mut Writer) -> Done {
        let mut claim = Anchored::new(out, &self.kept);
        claim.one(&self.information)?;
        claim.all(&self.dates)?;
        claim.optional(self.institutional.as_deref())?;
        claim.optional(self.orthodontics.as_deref())?;
        claim.all(&self.tooth_status)?;
        claim.all(&self.attachments)?;
        claim.optional(self.contract.as_deref())?;
        claim.all(&self.amounts)?;
        claim.all(&self.references)?;
        claim.all(&self.file_information)?;
        claim.all(&self.notes)?;
        claim.optional(self.ambulance.as_deref())?;
        claim.optional(self.spinal_manipulation.as_deref())?;
        claim.all(&self.conditions)?;
        claim.all(&self.codes)?;
        claim.optional(self.pricing.as_deref())?;
        claim.end()?;
        self.providers.iter().try_for_each(|party| party.write(out))?;
        self.other_subscribers.iter().try_for_each(|other| other.write(out))?;
        self.lines.iter().zip(1..).try_for_each(|(line, place)| line.write(out, place))
    }
}

impl OtherSubscriber {
    fn write(&self, out: &mut Writer) -> Done {
        let mut other = Anchored::new(out, &self.kept);
        other.one(&self.information)?;
        other.all(&self.adjustments)?;
        other.all(&self.amounts)?;
        other.optional(self.demographics.as_deref())?;
        other.optional(self.coverage.as_deref())?;
        other.optional(self.inpatient.as_deref())?;
        other.optional(self.outpatient.as_deref())?;
        other.end()?;
        parties(out, &[&self.subscriber, &self.payer], &self.providers)
    }
}

impl ServiceLine {
    fn write(&self, out: &mut Writer, place: u32) -> Done {
        let mut line = Anchored::new(out, &self.kept);
        if self.number.number.is_empty() {
            line.out().write(LoopNumber::ID, |out| number(place).write(out))?;
            line.behind(LoopNumber::ID)?;
        } else {
            line.one(&self.number)?;
        }
        if let Some(service) = &self.service {
            service.write(line.out())?;
            line.behind(service.id())?;
        }
        line.all(&self.teeth)?;
        line.optional(self.equipment.as_deref())?;
        line.all(&self.attachments)?;
        line.optional(self.ambulance.as_deref())?;
        line.optional(self.equipment_certification.as_deref())?;
        line.all(&self.conditions)?;
        line.all(&self.dates)?;
        line.all(&self.quantities)?;
        line.all(&self.measurements)?;
        line.optional(self.contract.as_deref())?;
        line.all(&self.references)?;
        line.all(&self.amounts)?;
        line.all(&self.file_information)?;
        line.all(&self.notes)?;
        line.optional(self.purchased.as_deref())?;
        line.optional(self.pricing.as_deref())?;
        line.end()?;
        self.drugs.iter().try_for_each(|drug| drug.write(out))?;
        self.providers.iter().try_for_each(|party| party.write(out))?;
        self.adjudications.iter().try_for_each(|decision| decision.write(out))?;
        self.forms.iter().try_for_each(|form| form.write(out))
    }
}

impl Drug {
    fn write(&self, out: &mut Writer) -> Done {
        let mut drug = Anchored::new(out, &self.kept);
        drug.one(&self.identification)?;
        drug.optional(self.quantity.as_deref())?;
        drug.all(&self.references)?;
        drug.end()
    }
}

impl LineAdjudication {
    fn write(&self, out: &mut Writer) -> Done {
        let mut decision = Anchored::new(out, &self.kept);
        decision.one(&self.decision)?;
        decision.all(&self.adjustments)?;
        decision.all(&self.dates)?;
        decision.all(&self.amounts)?;
        decision.end()
    }
}

impl SupportingForm {
    fn write(&self, out: &mut Writer) -> Done {
        let mut form = Anchored::new(out, &self.kept);
        form.one(&self.form)?;
        form.all(&self.answers)?;
        form.end()
    }
}
