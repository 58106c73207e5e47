//! Health care provider taxonomy (NUCC code set) by its shape.

use crate::value::text_value;

text_value! {
    /// A ten-character taxonomy code ending in X, such as `103TC0700X` (837 PRV03, CMS-1500 33b with ZZ).
    public Taxonomy, "taxonomy", |text| {
        let code = text.trim().to_ascii_uppercase();
        let shaped = code.len() == 10 && code.ends_with('X') && code.bytes().all(|b| b.is_ascii_alphanumeric());
        if shaped { Ok(code) } else { Err("must be ten letters or digits ending in x") }
    }
}
