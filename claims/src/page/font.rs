//! Typefaces and how wide their characters are.

use std::sync::OnceLock;

use printpdf::ParsedFont;

/// A typeface.
///
/// The two of fixed pitch come with every PDF reader and are not embedded: a character is 0.6 of the size wide. Noto
/// Sans (SIL Open Font License 1.1), cut down to the Latin scripts, is embedded in each file that uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Font {
    /// Courier.
    #[default]
    Courier,
    /// Courier Bold.
    CourierBold,
    /// Noto Sans.
    Sans,
    /// Noto Sans Bold.
    SansBold,
}

/// The printable characters of WinAnsiEncoding beyond Latin-1, at 0x80 to 0x9F (ISO 32000-1 annex D).
const TYPOGRAPHIC: [(char, u8); 27] = [
    ('€', 0x80),
    ('‚', 0x82),
    ('ƒ', 0x83),
    ('„', 0x84),
    ('…', 0x85),
    ('†', 0x86),
    ('‡', 0x87),
    ('ˆ', 0x88),
    ('‰', 0x89),
    ('Š', 0x8a),
    ('‹', 0x8b),
    ('Œ', 0x8c),
    ('Ž', 0x8e),
    ('‘', 0x91),
    ('’', 0x92),
    ('“', 0x93),
    ('”', 0x94),
    ('•', 0x95),
    ('–', 0x96),
    ('—', 0x97),
    ('˜', 0x98),
    ('™', 0x99),
    ('š', 0x9a),
    ('›', 0x9b),
    ('œ', 0x9c),
    ('ž', 0x9e),
    ('Ÿ', 0x9f),
];

impl Font {
    /// Returns the code by which a text in this typeface shows a character: a byte of WinAnsiEncoding, or a glyph.
    /// The soft hyphen has none, since its look is up to the reader.
    #[must_use]
    pub(crate) fn code(self, c: char) -> Option<u16> {
        match self.embedded() {
            None => match c {
                ' '..='~' | '\u{a0}'..='\u{ac}' | '\u{ae}'..='\u{ff}' => u16::try_from(u32::from(c)).ok(),
                _ => TYPOGRAPHIC.iter().find(|(typographic, _)| *typographic == c).map(|(_, code)| u16::from(*code)),
            },
            Some(_) if c.is_control() || c == '\u{ad}' => None,
            Some(face) => face.parsed.lookup_glyph_index(u32::from(c)).filter(|glyph| *glyph != 0),
        }
    }

    /// Returns the width of what a code shows, in thousandths of the type size.
    #[must_use]
    pub(crate) fn advance(self, code: u16) -> u16 {
        self.embedded().map_or(600, |face| face.widths.get(usize::from(code)).copied().unwrap_or(0))
    }

    /// Returns the face that is embedded, if this is one.
    pub(crate) fn embedded(self) -> Option<&'static Face> {
        static SANS: OnceLock<Face> = OnceLock::new();
        static SANS_BOLD: OnceLock<Face> = OnceLock::new();
        match self {
            Self::Courier | Self::CourierBold => None,
            Self::Sans => {
                Some(SANS.get_or_init(|| Face::read(include_bytes!("../../data/fonts/NotoSans-Regular.ttf"))))
            }
            Self::SansBold => {
                Some(SANS_BOLD.get_or_init(|| Face::read(include_bytes!("../../data/fonts/NotoSans-Bold.ttf"))))
            }
        }
    }
}

/// A typeface that files carry with them.
#[derive(Debug)]
pub(crate) struct Face {
    pub(crate) parsed: ParsedFont,
    /// By glyph, in thousandths of the type size.
    widths: Vec<u16>,
}

impl Face {
    #[expect(clippy::expect_used, reason = "the file is part of the crate")]
    fn read(file: &[u8]) -> Self {
        let parsed = ParsedFont::from_bytes(file, 0, &mut Vec::new()).expect("the font file is whole");
        let last = parsed.glyph_widths.keys().next_back().copied().unwrap_or(0);
        let per_em = u32::from(parsed.units_per_em.max(1));
        let thousandths = |glyph| u32::from(parsed.get_glyph_width(glyph).unwrap_or(0)) * 1000 / per_em;
        let widths = (0..=last).map(|glyph| u16::try_from(thousandths(glyph)).unwrap_or(u16::MAX)).collect();
        Self { parsed, widths }
    }
}
