//! Pixels of a picture.

use std::{fmt, sync::Arc};

/// The most pixels of a picture: a page at 300 dots to the inch.
const MAX_PIXELS: usize = 2550 * 3300;

/// A picture of 8-bit pixels, grey or red, green and blue, row by row from the top. Cheap to clone; silent in `Debug`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Raster {
    width: u16,
    height: u16,
    channels: u8,
    pixels: Arc<[u8]>,
}

/// Pixels that do not make a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("pixels do not fill the picture, or it has none or more than a page at 300 dots to the inch")]
pub struct InvalidRaster;

impl Raster {
    /// Takes one byte a pixel.
    ///
    /// # Errors
    /// [`InvalidRaster`].
    pub fn grey(width: u16, height: u16, pixels: &[u8]) -> Result<Self, InvalidRaster> {
        Self::new(width, height, 1, pixels)
    }

    /// Takes three bytes a pixel.
    ///
    /// # Errors
    /// [`InvalidRaster`].
    pub fn rgb(width: u16, height: u16, pixels: &[u8]) -> Result<Self, InvalidRaster> {
        Self::new(width, height, 3, pixels)
    }

    fn new(width: u16, height: u16, channels: u8, pixels: &[u8]) -> Result<Self, InvalidRaster> {
        let count = usize::from(width) * usize::from(height);
        if count == 0 || count > MAX_PIXELS || pixels.len() != count * usize::from(channels) {
            return Err(InvalidRaster);
        }
        Ok(Self { width, height, channels, pixels: pixels.into() })
    }

    /// Returns the width in pixels.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Returns the height in pixels.
    #[must_use]
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Returns whether the pixels have colours.
    #[must_use]
    pub fn is_coloured(&self) -> bool {
        self.channels == 3
    }

    /// Reads the pixels.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

impl fmt::Debug for Raster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raster({} × {})", self.width, self.height)
    }
}
