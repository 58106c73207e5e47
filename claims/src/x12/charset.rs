//! Which characters may be written, and what becomes of others (X12.6 §3.3).

/// Which characters may be written (X12.6 §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Charset {
    /// Capital letters, digits and common punctuation; small letters are written as capitals.
    #[default]
    Basic,
    /// Small letters and further punctuation as well.
    Extended,
    /// Everything but control characters, as UTF-8: for partners who agreed on it, and for giving back what came.
    Unicode,
}

impl Charset {
    pub(super) const fn has(self, byte: u8) -> bool {
        let basic = byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match byte {
            b' ' | b'!' | b'"' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'-' | b'.' | b'/' | b':' | b';'
            | b'?' | b'=' => true,
            b'%' | b'~' | b'@' | b'[' | b']' | b'_' | b'{' | b'}' | b'\\' | b'|' | b'<' | b'>' | b'#' | b'$' | b'^'
            | b'`' => !matches!(self, Self::Basic),
            _ => basic || (!matches!(self, Self::Basic) && byte.is_ascii_lowercase()),
        }
    }
}

/// What happens to a character that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Unwritable {
    /// The segment is refused.
    #[default]
    Refuse,
    /// Latin letters lose their marks, everything else becomes a space; [`Writer::replaced`](super::Writer::replaced) tells where.
    Replace,
}

/// Returns a Latin letter without its marks, a typographic sign as its plain form, anything else as a space.
pub(super) const fn plain_letters(c: char) -> &'static str {
    match c {
        'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'Æ' => "AE",
        'æ' => "ae",
        'Ç' | 'Ć' | 'Č' => "C",
        'ç' | 'ć' | 'č' => "c",
        'Ð' | 'Ď' | 'Đ' => "D",
        'ð' | 'ď' | 'đ' => "d",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ę' | 'Ě' => "E",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ī' | 'İ' => "I",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'Ł' => "L",
        'ł' => "l",
        'Ñ' | 'Ń' | 'Ň' => "N",
        'ñ' | 'ń' | 'ň' => "n",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' | 'Ō' | 'Ő' => "O",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'Œ' => "OE",
        'œ' => "oe",
        'Ř' => "R",
        'ř' => "r",
        'Ś' | 'Š' | 'Ş' | 'Ș' => "S",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'Ť' | 'Ț' | 'Ţ' => "T",
        'ť' | 'ț' | 'ţ' => "t",
        'Ù' | 'Ú' | 'Û' | 'Ü' | 'Ū' | 'Ů' | 'Ű' => "U",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'Ý' | 'Ÿ' => "Y",
        'ý' | 'ÿ' => "y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        '\u{2018}' | '\u{2019}' | '`' => "'",
        '\u{201C}' | '\u{201D}' => "\"",
        '\u{2010}'..='\u{2015}' => "-",
        _ => " ",
    }
}
