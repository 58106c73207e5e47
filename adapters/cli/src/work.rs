//! Work over many inputs at once: answers come out in the order of the inputs, and few wait at a time.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _, Read},
    sync::{Condvar, Mutex, PoisonError, mpsc},
    thread,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{Failure, input::Input};

/// Does `work` for each input on `jobs` threads and hands the answers to `each` in order.
///
/// A failure of one input does not stop the others; `each` gets it with the input's name.
pub(crate) fn over<T: Send>(
    inputs: &[Input],
    jobs: usize,
    work: impl Fn(&Input, &ProgressBar) -> Result<T, Failure> + Sync,
    mut each: impl FnMut(&Input, Result<T, Failure>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let bar = bar(inputs.iter().map(Input::size).sum(), inputs.len());
    let jobs = jobs.clamp(1, inputs.len().max(1));
    if jobs == 1 {
        for input in inputs {
            let answer = work(input, &bar);
            bar.suspend(|| each(input, answer))?;
        }
        return Ok(());
    }
    let tickets = Tickets { state: Mutex::new((0, 0)), moved: Condvar::new(), total: inputs.len(), ahead: jobs * 4 };
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs {
            let (send, tickets, work, bar) = (send.clone(), &tickets, &work, &bar);
            scope.spawn(move || {
                while let Some(at) = tickets.take() {
                    if send.send((at, work(&inputs[at], bar))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (at, answer) in receive {
            early.insert(at, answer);
            while let Some(answer) = early.remove(&next) {
                let done = bar.suspend(|| each(&inputs[next], answer));
                if done.is_err() {
                    tickets.close();
                    return done;
                }
                next += 1;
                tickets.printed(next);
            }
        }
        Ok(())
    })
}

/// Hands out the numbers of the inputs, never far ahead of what is printed.
struct Tickets {
    /// The next number, and how many are printed.
    state: Mutex<(usize, usize)>,
    moved: Condvar,
    total: usize,
    ahead: usize,
}

impl Tickets {
    fn take(&self) -> Option<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.0 < self.total && state.0 >= state.1.saturating_add(self.ahead) {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let at = state.0;
        (at < self.total).then(|| {
            state.0 += 1;
            at
        })
    }

    fn printed(&self, count: usize) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = count;
        self.moved.notify_all();
    }

    fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 = self.total;
        self.moved.notify_all();
    }
}

/// From here on work is long enough for a person to want to see it move.
const LONG: u64 = 32 << 20;

pub(crate) fn bar(bytes: u64, inputs: usize) -> ProgressBar {
    if !io::stderr().is_terminal() || (bytes < LONG && inputs < 200) {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    style.map_or(ProgressBar::hidden(), |style| bar.with_style(style))
}

/// Counts what is read into a progress bar.
pub(crate) struct Counted<'b, R> {
    source: R,
    bar: &'b ProgressBar,
}

impl<'b, R: Read> Counted<'b, R> {
    pub(crate) const fn new(source: R, bar: &'b ProgressBar) -> Self {
        Self { source, bar }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.bar.inc(count as u64);
        Ok(count)
    }
}
