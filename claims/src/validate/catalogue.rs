//! All rules, for documentation and for profiles that name them.

use super::Rule;
use super::{claim837, code, hierarchy, identifier, inquiry, remittance835, status};
use super::{element, structure, syntax};

/// Declares the rules of a module and the list of them, so that none is left out of the catalogue.
macro_rules! declare {
    ($($name:ident = $weight:ident $id:literal $snip:ident $ack:expr; $says:literal; $fix:literal;)*) => {
        $(static $name: $crate::validate::Rule = $crate::validate::Rule::$weight(
            $id,
            $crate::validate::Snip::$snip,
            { use $crate::validate::Ack::*; $ack },
            $says,
            $fix,
        );)*

        /// The rules of this module.
        pub(in $crate::validate) static RULES: &[&$crate::validate::Rule] = &[$(&$name),*];
    };
}
pub(super) use declare;

/// Returns every rule, so that a profile can be written.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let parts = claim837::PART_RULES.into_iter();
    let modules = [
        syntax::RULES,
        structure::RULES,
        element::RULES,
        hierarchy::RULES,
        identifier::RULES,
        code::RULES,
        claim837::RULES,
        remittance835::RULES,
        remittance835::PAYMENT_RULES,
        inquiry::RULES,
        status::RULES,
    ];
    modules.into_iter().chain(parts).flatten().copied()
}
