//! Colour on paper.

/// A colour of red, green and blue light, each 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Colour {
    /// Black.
    pub const BLACK: Self = Self::grey(0);

    /// A grey between black, 0, and white, 255.
    #[must_use]
    pub const fn grey(light: u8) -> Self {
        Self { red: light, green: light, blue: light }
    }

    /// A colour of these parts.
    #[must_use]
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }
}
