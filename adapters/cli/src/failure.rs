//! Why the command cannot do its work.

use std::{error::Error, io, process::ExitCode};

/// A failure; said on standard error, exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The input cannot be opened or read.
    #[error("the input cannot be read")]
    Input(#[source] io::Error),
    /// The output cannot be written.
    #[error("the answer cannot be written")]
    Output(#[from] io::Error),
    /// The input is no X12.
    #[error("the input is not readable x12")]
    X12(#[source] mentalspace_claims::x12::X12Error),
    /// The input has no remittance.
    #[error("the input holds no 835")]
    NoRemittance,
    /// JSON is not what it should be.
    #[error("line {line}, column {column}: {path} is not as it should be")]
    Json {
        /// Where in the value.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// What was read cannot be written.
    #[error("the content cannot be written as x12")]
    Unwritable(#[source] mentalspace_claims::x12::WriteError),
    /// A code list is not named as it should be.
    #[error("a code list is given as LIST=FILE, with a list such as procedure or taxonomy")]
    List,
    /// A code list is malformed.
    #[error("the code list cannot be used")]
    CodeList(#[source] mentalspace_claims::code_list::CodeListError),
    /// No answer can be given.
    #[error("no answer can be given")]
    Acknowledge(#[source] mentalspace_claims::acknowledge::AcknowledgeError),
    /// A file is not split.
    #[error("the file is not split to its end")]
    Split(#[source] mentalspace_claims::x12::SplitError),
    /// Files are not merged.
    #[error("the files are not merged")]
    Merge(#[source] mentalspace_claims::x12::MergeError),
    /// There is no JSON.
    #[error("the input is empty")]
    Empty,
    /// The submission cannot be made.
    #[error("no file can be made")]
    Submission(#[source] mentalspace_claims::transaction::p837::SubmissionError),
    /// A file name pattern is malformed.
    #[error("the file name pattern is malformed")]
    Pattern,
    /// A filter of passwords cannot be read or built.
    #[error("the password filter cannot be used")]
    Filter(#[source] mentalspace_auth_policy::password::FilterError),
    /// Nothing can be hashed.
    #[error("passwords cannot be hashed here, perhaps for want of memory")]
    Hash,
    /// A verifier key is malformed.
    #[error("the verifier key is malformed")]
    Key(#[source] mentalspace_audit::NoteError),
}

impl Failure {
    /// Says what failed and why, cause after cause.
    pub(crate) fn text(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            line.push_str(&format!(": {error}"));
            cause = error.source();
        }
        line
    }

    /// Says it on standard error, of one input among several by its name.
    #[expect(clippy::print_stderr, reason = "this is the command's voice")]
    pub(crate) fn say(&self, input: Option<&str>) {
        match input {
            Some(input) => eprintln!("mentalspace: {input}: {}", self.text()),
            None => eprintln!("mentalspace: {}", self.text()),
        }
    }

    /// Says it and ends the command.
    pub(crate) fn report(&self) -> ExitCode {
        // Whoever closed the pipe has seen enough.
        if matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        self.say(None);
        ExitCode::from(2)
    }
}
