//! From remittances to segments.

use super::model::{
    ClaimPayment, ProviderAdjustment, ReasonedAmount, RemitParty, Remittance, ServicePayment, Unreadable,
};
use super::summary::ClaimGroup;
use crate::transaction::part::{Anchored, Element, FieldValue, Part, Reference, Text};
use crate::x12::{SegmentWriter, WriteError, Writer};

type Done = Result<(), WriteError>;

impl Remittance {
    /// Writes the payment, ST to SE, into the group that is open.
    ///
    /// # Errors
    /// An element holds what cannot be written; then the set is written in part, see [`Writer::rewind`].
    pub fn write(&self, out: &mut Writer) -> Done {
        out.begin_set("835", None)?;
        self.write_body(out)?;
        out.end_set()
    }

    /// Writes what stands between ST and SE.
    pub(crate) fn write_body(&self, out: &mut Writer) -> Done {
        let mut head = Anchored::new(out, &self.kept);
        head.behind("ST")?;
        if self.has_payment() {
            self.payment(head.out())?;
            head.behind("BPR")?;
        }
        head.optional(self.trace.as_ref())?;
        head.all(&self.references)?;
        head.all(&self.dates)?;
        head.end()?;
        self.payer.write(out, "PR")?;
        self.payee.write(out, "PE")?;
        self.claims.iter().try_for_each(|claim| claim.write(out))?;
        self.groups_at_end.iter().try_for_each(|group| group.write(out))?;
        let mut end = Anchored::new(out, &self.kept_at_end);
        provider_adjustments(end.out(), &self.provider_adjustments)?;
        end.end()
    }

    /// Whether anything is known of the payment itself: a set that is cut short has none.
    fn has_payment(&self) -> bool {
        let codes = [&*self.handling, self.credit_debit.code(), self.method.code()];
        codes.iter().any(|code| !code.is_empty())
            || !self.amount.is_zero()
            || self.date.is_some()
            || !self.transfer.is_empty()
            || !self.further_transfer.is_empty()
            || !self.unreadable.is_empty()
    }

    /// BPR.
    fn payment(&self, out: &mut Writer) -> Done {
        let raw = |element| raw(&self.unreadable, element);
        let segment = out
            .segment("BPR")
            .element(&self.handling)
            .element(&raw(2).unwrap_or_else(|| self.amount.to_text()))
            .element(self.credit_debit.code())
            .element(self.method.code());
        let segment = self.transfer.iter().take(11).fold(segment, |segment, element| element.write(segment));
        let gap = 11_usize.saturating_sub(self.transfer.len());
        let date = raw(16).or_else(|| self.date.map(|day| day.to_text())).unwrap_or_default();
        let segment = segment.skip(u8::try_from(gap).unwrap_or_default()).element(&date);
        self.further_transfer.iter().fold(segment, |segment, element| element.write(segment)).end()
    }
}

/// The text of an element that could not be read.
fn raw(unreadable: &[Unreadable], element: u8) -> Option<Text> {
    unreadable.iter().find(|u| u.element == element).map(|u| u.text.clone())
}

/// An element that may be absent, or hold something else.
fn value<'w, T: FieldValue>(out: SegmentWriter<'w>, raw: Option<Text>, value: Option<T>) -> SegmentWriter<'w> {
    raw.or_else(|| value.map(|value| value.to_text())).unwrap_or_default().write(out)
}

impl RemitParty {
    fn write(&self, out: &mut Writer, entity: &str) -> Done {
        if *self == Self::default() {
            return Ok(());
        }
        let mut party = Anchored::new(out, &self.kept);
        let n1 = party.out().segment("N1").element(entity).element(&self.name);
        let n1 = n1.element(&self.id_qualifier).element(&self.id);
        self.more.iter().fold(n1, |segment, element| element.write(segment)).end()?;
        party.behind("N1")?;
        party.all(&self.street)?;
        party.optional(self.city.as_ref())?;
        party.all(&self.references)?;
        party.all(&self.contacts)?;
        party.end()
    }
}

impl ClaimGroup {
    fn write(&self, out: &mut Writer) -> Done {
        let mut group = Anchored::new(out, &self.kept);
        group.one(&self.number)?;
        group.optional(self.provider.as_deref())?;
        group.optional(self.supplement.as_deref())?;
        group.end()
    }
}

impl ClaimPayment {
    /// Writes the claim with its lines (2100), and what its group begins with.
    ///
    /// # Errors
    /// An element holds what cannot be written.
    pub fn write(&self, out: &mut Writer) -> Done {
        self.groups.iter().try_for_each(|group| group.write(out))?;
        let raw = |element| raw(&self.unreadable, element);
        let mut claim = Anchored::new(out, &self.kept);
        claim.out().write("CLP", |out| {
            let out = self.control_number.write(out).element(self.status.code());
            let out = value(out, raw(3), Some(self.charge));
            let out = value(out, raw(4), Some(self.paid));
            let out = value(out, raw(5), self.patient_responsibility).element(self.filing_indicator.code());
            let out = out.element(self.payer_control_number.expose());
            let out = self.frequency.write(self.facility_type.write(out));
            self.more.iter().fold(out, |out, element| element.write(out))
        })?;
        claim.behind("CLP")?;
        if !self.adjustments.is_empty() {
            adjustments(claim.out(), &self.adjustments)?;
        }
        claim.behind("CAS")?;
        claim.all(&self.names)?;
        claim.optional(self.inpatient.as_deref())?;
        claim.optional(self.outpatient.as_deref())?;
        claim.all(&self.references)?;
        claim.all(&self.dates)?;
        claim.all(&self.contacts)?;
        claim.all(&self.amounts)?;
        claim.all(&self.quantities)?;
        claim.end()?;
        self.lines.iter().try_for_each(|line| line.write(out))
    }
}

impl ServicePayment {
    fn write(&self, out: &mut Writer) -> Done {
        let raw = |element| raw(&self.unreadable, element);
        let mut line = Anchored::new(out, &self.kept);
        line.out().write("SVC", |out| {
            let out = value(self.procedure.write(out), raw(2), Some(self.charge));
            let out = self.revenue_code.write(value(out, raw(3), Some(self.paid)));
            let out = self.billed_procedure.write(value(out, raw(5), self.units));
            let out = value(out, raw(7), self.billed_units);
            self.more.iter().fold(out, |out, element| element.write(out))
        })?;
        line.behind("SVC")?;
        line.all(&self.dates)?;
        adjustments(line.out(), &self.adjustments)?;
        line.behind("CAS")?;
        if let Some(number) = &self.control_number {
            Reference::new("6R", number.clone()).write(line.out())?;
            if self.references.is_empty() {
                line.behind("REF")?;
            }
        }
        line.all(&self.references)?;
        line.all(&self.amounts)?;
        line.all(&self.quantities)?;
        line.all(&self.remarks)?;
        line.end()
    }
}

/// CAS: neighbours of one group share a segment, up to six.
fn adjustments(out: &mut Writer, list: &[ReasonedAmount]) -> Done {
    for group in list.chunk_by(|a, b| a.group == b.group) {
        for six in group.chunks(6) {
            out.write("CAS", |out| {
                six.iter().fold(out.element(six[0].group.code()), |out, adjustment| {
                    let out = adjustment.amount.to_text().write(adjustment.reason.write(out));
                    value(out, None, adjustment.quantity)
                })
            })?;
        }
    }
    Ok(())
}

/// PLB: neighbours of one provider and period share a segment, up to six.
fn provider_adjustments(out: &mut Writer, list: &[ProviderAdjustment]) -> Done {
    let same =
        |a: &ProviderAdjustment, b: &ProviderAdjustment| a.provider == b.provider && a.fiscal_period == b.fiscal_period;
    for group in list.chunk_by(same) {
        for six in group.chunks(6) {
            let segment = six[0].fiscal_period.write(out.segment("PLB").element(&six[0].provider));
            let pairs = six.iter().fold(segment, |segment, plb| {
                let more = plb.more.iter().map(Text::as_str);
                let identifier: Vec<&str> = [&*plb.reason, plb.reference.expose()].into_iter().chain(more).collect();
                segment.composite(&identifier).element(&plb.amount.to_text())
            });
            pairs.end()?;
        }
    }
    Ok(())
}
