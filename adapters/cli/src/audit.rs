//! `mentalspace audit verify`: an exported audit log, checked without the server that wrote it.

use std::io::{self, BufReader, Write as _};

use mentalspace_audit::VerifierKey;

use crate::{Failure, Verdict, input};

pub(crate) fn verify(export: &str, keys: &[String]) -> Result<Verdict, Failure> {
    let keys = keys.iter().map(|key| key.parse::<VerifierKey>()).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(Failure::Key)?;
    let reader = BufReader::new(input::single(export).open()?);
    let mut out = io::stdout().lock();
    let report = match mentalspace_audit::verify(reader, &keys) {
        Ok(report) => report,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            writeln!(out, "NOT VERIFIED: {error}{cause}")?;
            return Ok(Verdict::Wrong);
        }
    };
    let part = if report.complete { "complete log" } else { "part of the log" };
    writeln!(out, "VERIFIED: {} events, {part} of {} events", report.events_verified, report.size)?;
    writeln!(out, "origin {}", report.origin)?;
    writeln!(out, "root   {}", report.root)?;
    if let (Some(first), Some(last)) = (report.first_recorded_at, report.last_recorded_at) {
        writeln!(out, "from   {first} to {last}")?;
    }
    if !report.signed_by_trusted_key {
        writeln!(out, "note: signed by the key inside the export itself; give --key to check who signed")?;
    }
    out.flush()?;
    Ok(Verdict::Right)
}
