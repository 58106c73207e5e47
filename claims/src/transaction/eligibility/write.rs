//! From inquiries and responses to segments.

use super::{BenefitLoop, Eligibility, Member, Receiver, Source, Subscriber};
use crate::transaction::level::{Below, Hierarchy, Slot as _};
use crate::transaction::part::Anchored;
use crate::x12::{WriteError, Writer};

impl Eligibility {
    /// Writes what stands between ST and SE.
    ///
    /// # Errors
    /// An element holds what cannot be written.
    pub fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        let mut header = Anchored::new(out, &self.kept);
        header.behind("")?;
        self.header.put(&mut header)?;
        header.end()?;
        let levels = &mut Hierarchy::default();
        self.sources.iter().try_for_each(|source| source.write(out, levels))
    }
}

impl Source {
    fn write(&self, out: &mut Writer, levels: &mut Hierarchy) -> Result<(), WriteError> {
        let number = levels.level(out, 0, "20", Below::of(&self.receivers))?;
        self.write_own(out)?;
        self.names.iter().try_for_each(|name| name.write_own(out))?;
        self.receivers.iter().try_for_each(|receiver| receiver.write(out, levels, number))
    }
}

impl Receiver {
    fn write(&self, out: &mut Writer, levels: &mut Hierarchy, parent: u32) -> Result<(), WriteError> {
        let number = levels.level(out, parent, "21", Below::of(&self.subscribers))?;
        self.write_own(out)?;
        self.subscribers.iter().try_for_each(|subscriber| subscriber.write(out, levels, number))
    }
}

impl Subscriber {
    fn write(&self, out: &mut Writer, levels: &mut Hierarchy, parent: u32) -> Result<(), WriteError> {
        let number = levels.level(out, parent, "22", Below::of(&self.dependents))?;
        self.member.write(out)?;
        self.dependents.iter().try_for_each(|dependent| {
            levels.level(out, number, "23", Below::None)?;
            dependent.write(out)
        })
    }
}

impl Member {
    fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        self.write_own(out)?;
        self.inquiries.iter().try_for_each(|inquiry| inquiry.write_own(out))?;
        self.benefits.iter().try_for_each(|benefit| benefit.write(out))
    }
}

impl BenefitLoop {
    fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        self.write_own(out)?;
        if self.entities.is_empty() {
            return Ok(());
        }
        out.segment("LS").element("2120").end()?;
        self.entities.iter().try_for_each(|entity| entity.write_own(out))?;
        out.segment("LE").element("2120").end()
    }
}
