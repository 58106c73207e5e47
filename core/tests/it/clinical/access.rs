use std::fmt::Write as _;

use mentalspace_core::{
    Role,
    access::{Condition, Decision, DenyReason, Permission, Relation, condition, decide},
};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

const ROLES: [Role; 8] = [
    Role::Administrator,
    Role::Supervisor,
    Role::Clinician,
    Role::Associate,
    Role::Billing,
    Role::FrontDesk,
    Role::Client,
    Role::Guardian,
];

const EVERYTHING: Relation =
    Relation { own_client: true, author: true, supervises: true, is_client: true, guardian: true };

fn deny(reason: DenyReason) -> Decision {
    Decision::Deny { reason }
}

#[test]
fn every_role_and_permission_is_decided() {
    let mut table = String::new();
    for permission in Permission::ALL {
        for role in ROLES {
            let when = condition(role, permission).map_or_else(|| "never".to_owned(), |when| when.to_string());
            writeln!(table, "{:<18} {:<14} {when}", format!("{permission:?}"), role.name()).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn without_a_role_nothing_is_allowed() {
    for permission in Permission::ALL {
        assert_eq!(decide(&[], permission, EVERYTHING), deny(DenyReason::NoRole));
    }
}

#[test]
fn the_front_desk_reads_no_note() {
    for permission in [Permission::ReadNote, Permission::ReadNoteBilling] {
        assert_eq!(decide(&[Role::FrontDesk], permission, EVERYTHING), deny(DenyReason::Role));
    }
}

#[test]
fn billing_sees_codes_and_no_narrative() {
    assert!(decide(&[Role::Billing], Permission::ReadNoteBilling, Relation::default()).is_allowed());
    assert!(!decide(&[Role::Billing], Permission::ReadNote, EVERYTHING).is_allowed());
}

#[test]
fn an_administrator_manages_and_reads_no_clinical_text() {
    assert!(decide(&[Role::Administrator], Permission::ManageUsers, Relation::default()).is_allowed());
    assert!(!decide(&[Role::Administrator], Permission::ReadNote, EVERYTHING).is_allowed());
}

#[test]
fn a_clinician_sees_own_clients_and_signs_own_notes() {
    let own = Relation { own_client: true, ..Relation::default() };
    assert!(decide(&[Role::Clinician], Permission::ReadNote, own).is_allowed());
    let refused = decide(&[Role::Clinician], Permission::ReadNote, Relation::default());
    assert_eq!(refused, deny(DenyReason::Only(Condition::OwnClient)));
    assert_eq!(DenyReason::Only(Condition::OwnClient).to_string(), "allowed only for own clients");
    assert!(!decide(&[Role::Clinician], Permission::SignNote, own).is_allowed());
    assert!(!decide(&[Role::Clinician], Permission::CosignNote, EVERYTHING).is_allowed());
}

#[test]
fn a_supervisor_co_signs_for_supervisees_and_never_an_own_note() {
    let supervises = Relation { supervises: true, ..Relation::default() };
    assert!(decide(&[Role::Supervisor], Permission::CosignNote, supervises).is_allowed());
    let own = Relation { author: true, ..supervises };
    assert!(!decide(&[Role::Supervisor, Role::Clinician], Permission::CosignNote, own).is_allowed());
    assert!(!decide(&[Role::Associate], Permission::CosignNote, supervises).is_allowed());
}

#[test]
fn a_client_reaches_the_own_record_only() {
    let own = Relation { is_client: true, ..Relation::default() };
    assert!(decide(&[Role::Client], Permission::RequestAppointment, own).is_allowed());
    assert!(
        !decide(&[Role::Client], Permission::ReadClient, Relation { guardian: true, ..Relation::default() })
            .is_allowed()
    );
    assert!(!decide(&[Role::Guardian], Permission::ReadClient, own).is_allowed());
}

proptest! {
    /// A role more or a fact more never takes anything away, except that nobody co-signs an own note.
    #[test]
    fn several_roles_allow_what_one_of_them_allows(
        picked in proptest::collection::vec(0_usize..8, 1..5),
        wanted in 0_usize..Permission::ALL.len(),
        facts in any::<[bool; 5]>(),
    ) {
        let roles: Vec<_> = picked.into_iter().map(|at| ROLES[at]).collect();
        let wanted = Permission::ALL[wanted];
        let [own_client, author, supervises, is_client, guardian] = facts;
        let relation = Relation { own_client, author, supervises, is_client, guardian };
        let together = decide(&roles, wanted, relation).is_allowed();
        let alone = roles.iter().any(|role| decide(&[*role], wanted, relation).is_allowed());
        prop_assert_eq!(together, alone);
        let by_role = roles.iter().any(|role| condition(*role, wanted).is_some());
        prop_assert!(by_role || !together);
    }
}
