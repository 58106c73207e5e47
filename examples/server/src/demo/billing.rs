//! What billing does in the month: files go out, answers and payments come in.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_claims::{lifecycle::ClaimStatus, record::ClaimRecord};
use mentalspace_core::{
    Charge, ChargeStatus, ClaimId, NoteId, PayerId,
    store::{Find, Term, Versioned},
};

use super::{
    Stage,
    cast::ClaimFate,
    era::{self, Decided, Verdict},
    month::Scene,
    told,
};
use crate::billing::{
    claims::{self, Filter},
    remittances,
};

/// The key of the one who bills.
const BILLER: &str = "nair";

/// Something that is done in the office.
#[derive(Clone, Copy)]
pub(super) enum Errand {
    /// Claims of which something became go out.
    SendFirst,
    /// The clearinghouse has answered.
    NoteAnswers,
    /// Payments have come.
    PostPayments,
    /// Claims that wait for their payment go out.
    SendSecond,
}

/// Lists what is done, and when.
pub(super) fn errands(stage: &Stage) -> [(DateTime<Utc>, Errand); 4] {
    [
        (stage.wall(-6, 18), Errand::SendFirst),
        (stage.wall(-5, 10), Errand::NoteAnswers),
        (stage.wall(-2, 9), Errand::PostPayments),
        (stage.now - TimeDelta::minutes(5), Errand::SendSecond),
    ]
}

pub(super) async fn run(stage: &Stage, scenes: &[Scene], errand: Errand) -> Result<()> {
    match errand {
        Errand::SendFirst => send(stage, scenes, |fate| fate != ClaimFate::Submitted).await,
        Errand::NoteAnswers => answers(stage, scenes).await,
        Errand::PostPayments => payments(stage, scenes).await,
        Errand::SendSecond => send(stage, scenes, |fate| fate == ClaimFate::Submitted).await,
    }
}

/// Makes a file of the claims that are to go out now.
async fn send(stage: &Stage, scenes: &[Scene], goes: fn(ClaimFate) -> bool) -> Result<()> {
    let mut going = Vec::new();
    for (note, fate) in fates(scenes) {
        if !matches!(fate, ClaimFate::Held | ClaimFate::Ready) && goes(fate) {
            going.push(claim_of(stage, note).await?);
        }
    }
    let (_, composition) = claims::file(&stage.app, &stage.acting(BILLER)?, &going).await.map_err(told)?;
    ensure!(composition.held.is_empty(), "{} claims cannot be sent", composition.held.len());
    Ok(())
}

fn fates(scenes: &[Scene]) -> impl Iterator<Item = (NoteId, ClaimFate)> {
    scenes.iter().filter_map(|scene| Some((scene.note?, scene.claim?)))
}

/// Finds the claim that was made of a note.
async fn claim_of(stage: &Stage, note: NoteId) -> Result<ClaimId> {
    let access = stage.acting(BILLER)?.access("charge.read", mentalspace_core::Purpose::Payment);
    let find = Find::<Charge>::new().with(Term::plain("note", &note));
    let found = stage.app.vault().read(&access, |work| Box::pin(async move { work.find_all(find).await }));
    let claim = found.await?.into_iter().find_map(|charge| match charge.status {
        ChargeStatus::Billed { claim } => Some(claim),
        _ => None,
    });
    claim.with_context(|| format!("note {note} is on no claim"))
}

async fn show(stage: &Stage, claim: ClaimId) -> Result<Versioned<ClaimRecord>> {
    Ok(claims::show(&stage.app, &stage.acting(BILLER)?, claim).await.map_err(told)?.record)
}

async fn answers(stage: &Stage, scenes: &[Scene]) -> Result<()> {
    for (note, fate) in fates(scenes) {
        let answer = match fate {
            ClaimFate::Rejected => claims::Act::MarkRejected,
            ClaimFate::Accepted | ClaimFate::Paid | ClaimFate::Denied => claims::Act::MarkAccepted,
            ClaimFate::Held | ClaimFate::Ready | ClaimFate::Submitted => continue,
        };
        let claim = claim_of(stage, note).await?;
        let version = show(stage, claim).await?.version;
        claims::act(&stage.app, &stage.acting(BILLER)?, claim, answer, version).await.map_err(told)?;
    }
    Ok(())
}

/// Posts one remittance of each payer.
async fn payments(stage: &Stage, scenes: &[Scene]) -> Result<()> {
    let mut by_payer: Vec<(PayerId, Vec<Decided>)> = Vec::new();
    for (note, fate) in fates(scenes) {
        let verdict = match fate {
            ClaimFate::Paid => Verdict::Paid,
            ClaimFate::Denied => Verdict::Denied,
            _ => continue,
        };
        let record = show(stage, claim_of(stage, note).await?).await?.value;
        let payer = record.payer().context("the claim goes to no payer")?;
        let decided = Decided { claim: record.claim().clone(), verdict };
        match by_payer.iter_mut().find(|(of, _)| *of == payer) {
            Some((_, list)) => list.push(decided),
            None => by_payer.push((payer, vec![decided])),
        }
    }
    for (index, (_, decided)) in by_payer.iter().enumerate() {
        let file = era::write(&decided_by(stage, index), decided)?;
        remittances::upload(&stage.app, &stage.acting(BILLER)?, file.into_bytes()).await.map_err(told)?;
    }
    Ok(())
}

fn decided_by(stage: &Stage, index: usize) -> era::Payment {
    let day = stage.zone.day(stage.app.now());
    era::Payment { trace: format!("EFT{}{}", day.format("%Y%m%d"), index + 1), paid_on: day }
}

/// Makes a remittance for three claims that wait for their payment: two are paid, one is denied.
pub(super) async fn waiting_remittance(stage: &Stage) -> Result<String> {
    let filter =
        Filter { status: Some(ClaimStatus::Submitted), payer: Some(stage.payer("summit")?), ..Filter::default() };
    let worklist = claims::list(&stage.app, &stage.acting(BILLER)?, &filter).await.map_err(told)?;
    let waiting = worklist.payers.iter().flat_map(|of| &of.claims).take(3);
    let verdicts = [Verdict::Paid, Verdict::Paid, Verdict::Denied];
    let decided: Vec<Decided> = waiting
        .zip(verdicts)
        .map(|(listed, verdict)| Decided { claim: listed.record.claim().clone(), verdict })
        .collect();
    ensure!(decided.len() == verdicts.len(), "too few claims wait for their payment");
    era::write(&decided_by(stage, 0), &decided)
}
