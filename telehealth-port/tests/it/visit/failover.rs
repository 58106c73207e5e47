use mentalspace_telehealth_port::guard::ProviderAgreement;
use mentalspace_telehealth_port::provider::ProviderId;
use mentalspace_telehealth_port::visit::{Intent, Stray, VisitError};

use crate::fixture::{Run, agreement, minute, start};

fn other() -> ProviderId {
    ProviderId::parse("other").unwrap()
}

fn its_agreement() -> ProviderAgreement {
    ProviderAgreement { provider: other(), ..agreement() }
}

#[test]
fn a_visit_moves_before_its_first_room_opened() {
    let mut run = Run::admitted();
    run.must(|visit| visit.fail_over(other(), None, Some(&its_agreement()), start()));
    assert_eq!(run.visit.provider(), &other());
    let intents = run.visit.intents();
    let [Intent::OpenRoom { key, .. }, Intent::CloseStray { stray: Stray::Asked { provider, key: stray }, .. }] =
        intents.as_slice()
    else {
        panic!("the new room is to be opened and the old one found: {intents:?}")
    };
    assert_eq!((key, provider.as_str()), (stray, "scripted"));
    let key = key.clone();
    run.must(|visit| Ok(visit.stray_closed(&ProviderId::parse("scripted").unwrap(), &key, start())));
    assert_eq!(run.visit.intents().len(), 1);
}

#[test]
fn a_visit_with_a_room_does_not_move() {
    let mut run = Run::in_progress();
    let refused = run.step(|visit| visit.fail_over(other(), None, Some(&its_agreement()), minute(1)));
    assert!(matches!(refused, Err(VisitError::NotNow { .. })));
}

#[test]
fn a_visit_moves_only_under_an_agreement() {
    let mut run = Run::admitted();
    let refused = run.step(|visit| visit.fail_over(other(), None, Some(&agreement()), start()));
    assert_eq!(refused, Err(VisitError::NoAgreement));
}
