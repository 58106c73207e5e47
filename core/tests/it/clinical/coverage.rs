use mentalspace_core::{
    Coverage, CoverageRank, MemberId, Period,
    testing::clinical::{coverage, day, id},
};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

fn ranked(number: u128, rank: CoverageRank, from: &str, to: Option<&str>) -> Coverage {
    let in_force = to.map_or(Period::since(day(from)), |to| Period::between(day(from), day(to)).unwrap());
    Coverage { id: id(number), rank, in_force, ..coverage() }
}

fn on(all: &[Coverage], date: &str) -> Vec<u128> {
    Coverage::in_force_on(all, day(date)).unwrap().into_iter().map(|c| c.id.uuid().as_u128()).collect()
}

#[test]
fn payers_are_billed_in_order_of_their_rank() {
    use CoverageRank::{Primary, Secondary, Tertiary};
    let all = [
        ranked(3, Tertiary, "2025-01-01", None),
        ranked(1, Primary, "2025-01-01", Some("2025-12-31")),
        ranked(2, Secondary, "2025-07-01", None),
        ranked(4, Primary, "2026-01-01", None),
    ];
    assert_eq!(on(&all, "2025-06-30"), [1, 3]);
    assert_eq!(on(&all, "2025-12-31"), [1, 2, 3], "the last day counts");
    assert_eq!(on(&all, "2026-01-01"), [4, 2, 3]);
    assert_eq!(on(&all, "2024-12-31"), [0_u128; 0]);
    assert_eq!([Primary, Secondary, Tertiary].map(CoverageRank::code), ["P", "S", "T"]);
}

#[test]
fn two_primary_coverages_on_one_day_are_refused() {
    let (one, two) = (
        ranked(1, CoverageRank::Primary, "2025-01-01", Some("2025-12-31")),
        ranked(2, CoverageRank::Primary, "2025-12-31", None),
    );
    let both = [one.clone(), two.clone()];
    let conflict = Coverage::in_force_on(&both, day("2025-12-31")).unwrap_err();
    assert_eq!((conflict.first, conflict.second), (one.id, two.id));
    assert!(Coverage::in_force_on(&both, day("2026-01-01")).is_ok());
    assert!(two.fits_beside(&both).is_err());
}

#[test]
fn a_coverage_fits_beside_itself_another_rank_and_another_client() {
    let primary = ranked(1, CoverageRank::Primary, "2025-01-01", None);
    let other_client = Coverage { id: id(5), client: id(99), ..primary.clone() };
    let secondary = ranked(2, CoverageRank::Secondary, "2025-01-01", None);
    assert_eq!(primary.fits_beside(&[primary.clone(), other_client, secondary]), Ok(()));
}

#[test]
fn member_ids_are_kept_in_upper_case() {
    assert_eq!(MemberId::parse(" w12-3 ").unwrap().expose(), "W12-3");
    for wrong in ["", "W", &"1".repeat(81), "W1\n2"] {
        assert!(MemberId::parse(wrong).is_err());
    }
}

proptest! {
    #[test]
    fn coverages_that_fit_beside_each_other_never_collide(spans in proptest::collection::vec((0_i64..60, 0_i64..30, 0_u8..3), 0..12), date in 0_i64..100) {
        let mut kept: Vec<Coverage> = Vec::new();
        for (number, (from, length, rank)) in spans.into_iter().enumerate() {
            let rank = [CoverageRank::Primary, CoverageRank::Secondary, CoverageRank::Tertiary][usize::from(rank)];
            let from = day("2026-01-01") + chrono::TimeDelta::days(from);
            let in_force = Period::between(from, from + chrono::TimeDelta::days(length)).unwrap();
            let new = Coverage { id: id(number as u128), rank, in_force, ..coverage() };
            if new.fits_beside(&kept).is_ok() {
                kept.push(new);
            }
        }
        let date = day("2026-01-01") + chrono::TimeDelta::days(date);
        let picked = Coverage::in_force_on(&kept, date);
        prop_assert!(picked.is_ok());
        let expected = kept.iter().filter(|c| c.in_force.contains(date)).count();
        prop_assert_eq!(picked.unwrap().len(), expected);
    }
}
