//! Work in the background: integration of the audit log, and the jobs that requests leave behind.

use std::time::Duration;

use mentalspace_core::{PracticeId, store::StoreError};

use crate::{app::App, practice::visits};

/// How long the workers sleep when nothing wakes them.
const PAUSE: Duration = Duration::from_secs(5);

/// Works until the process ends.
pub async fn run(app: App) {
    loop {
        match app.practices().await {
            Ok(practices) => {
                for practice in practices.into_iter().chain([PracticeId::DIRECTORY]) {
                    if let Err(problem) = visits::media::round(&app, practice).await {
                        tracing::error!(detail = problem.detail, %practice, "visits cannot be looked after");
                    }
                    if let Err(error) = round(&app, practice).await {
                        tracing::error!(error = &error as &dyn std::error::Error, %practice, "background work failed");
                    }
                }
            }
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "practices cannot be listed"),
        }
        app.wait_for_work(PAUSE).await;
    }
}

/// Does what waits in one practice.
///
/// # Errors
/// As the store.
pub async fn round(app: &App, practice: PracticeId) -> Result<(), StoreError> {
    match app.vault().integrate(practice).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_retryable() || matches!(error, StoreError::AlreadyExists { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
