//! `mentalspace password`: what hashing costs on this machine.

use std::{
    io::{self, Write as _},
    time::{Duration, Instant},
};

use clap::Subcommand;
use mentalspace_auth_policy::{
    hash::{Budget, HashParams, Hasher, Target, calibrate},
    password::NormalizedPassword,
    pepper::Peppers,
};

use crate::{Failure, Verdict};

/// What to do about passwords.
#[derive(Debug, Subcommand)]
pub(crate) enum PasswordCommand {
    /// Find the costs of argon2id that fit this machine, as the server's setting takes them.
    Calibrate {
        /// How long one hash may take, in milliseconds.
        #[arg(long, value_name = "MS", default_value_t = 250)]
        millis: u64,
        /// How much memory one hash may take, in MiB.
        #[arg(long, value_name = "MIB", default_value_t = 64)]
        memory: u32,
        /// The most passes.
        #[arg(long, value_name = "N", default_value_t = 10)]
        passes: u32,
    },
}

impl PasswordCommand {
    pub(crate) fn run(&self) -> Result<Verdict, Failure> {
        let Self::Calibrate { millis, memory, passes } = *self;
        let target =
            Target { time: Duration::from_millis(millis), max_m_kib: memory.saturating_mul(1024), max_t: passes };
        let password = NormalizedPassword::attempt(&"four walnuts under a lamp".into()).map_err(|_| Failure::Hash)?;
        let mut failed = false;
        let measured = calibrate(target, |params| {
            let hasher = Hasher::new(params, Peppers::none());
            let run = || {
                let began = Instant::now();
                let made = hasher.hash(&password, [7; 16]);
                made.map(|_| began.elapsed())
            };
            let runs = [run(), run(), run()];
            failed |= runs.iter().any(Result::is_err);
            runs.into_iter().flatten().min().unwrap_or(Duration::MAX)
        });
        if failed {
            return Err(Failure::Hash);
        }
        let mut out = io::stdout().lock();
        let params: HashParams = measured.params;
        writeln!(out, "m={},t={},p={}", params.m_kib(), params.t(), params.p())?;
        writeln!(out, "one hash takes {} ms here", measured.time.as_millis())?;
        if measured.time > target.time {
            writeln!(out, "these are the least costs there are; this machine is slower than was asked for")?;
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        if let Ok(budget) = Budget::new(256 << 20, cores) {
            let at_once = budget.at_once(params.into());
            writeln!(out, "{at_once} at once in 256 MiB on {cores} cores")?;
        }
        Ok(Verdict::Right)
    }
}
