//! From inquiries and responses to segments.

use super::{ClaimStatus, Provider, Receiver, Source, Subscriber};
use crate::transaction::level::{Below, Hierarchy, Slot as _};
use crate::transaction::part::Anchored;
use crate::x12::{WriteError, Writer};

impl ClaimStatus {
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
        self.receivers.iter().try_for_each(|receiver| receiver.write(out, levels, number))
    }
}

impl Receiver {
    fn write(&self, out: &mut Writer, levels: &mut Hierarchy, parent: u32) -> Result<(), WriteError> {
        let number = levels.level(out, parent, "21", Below::of(&self.providers))?;
        self.write_own(out)?;
        self.providers.iter().try_for_each(|provider| provider.write(out, levels, number))
    }
}

impl Provider {
    fn write(&self, out: &mut Writer, levels: &mut Hierarchy, parent: u32) -> Result<(), WriteError> {
        let number = levels.level(out, parent, "19", Below::of(&self.subscribers))?;
        self.write_own(out)?;
        self.subscribers.iter().try_for_each(|subscriber| subscriber.write(out, levels, number))
    }
}

impl Subscriber {
    fn write(&self, out: &mut Writer, levels: &mut Hierarchy, parent: u32) -> Result<(), WriteError> {
        let number = levels.level(out, parent, "22", Below::of(&self.dependents))?;
        self.patient.write(out)?;
        self.dependents.iter().try_for_each(|dependent| {
            levels.level(out, number, "23", Below::None)?;
            dependent.write(out)
        })
    }
}
