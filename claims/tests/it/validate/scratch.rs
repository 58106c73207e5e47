use mentalspace_claims::testing::generate;
use mentalspace_claims::validate::validate;
#[test]
fn generated() {
    for f in [generate::remittances(1, 300_000), generate::claims(1, 300_000)] {
        let mut seen = std::collections::BTreeMap::new();
        for f in validate(&f).findings {
            let k = format!(
                "{} {} {}{:?} {}",
                f.rule.id,
                f.loop_id,
                f.segment,
                f.element,
                f.value.as_ref().map_or("", |v| v.expose())
            );
            *seen.entry(k).or_insert(0) += 1;
        }
        println!("{seen:#?}");
    }
}
