//! The display's picture, read from its memory (`Xvfb -fbdir`), in the form of `xwd` (X11's
//! `XWDFile.h`): the window as a person sees it, frame and all, whatever paints it.

use std::path::Path;

/// The file that Xvfb keeps in its folder.
pub const FILE: &str = "Xvfb_screen0";

/// Rows of pixels from the top, red, green and blue.
#[derive(PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Picture {
    /// Reads the display now; `None`: it is not of the form that Xvfb writes with 24 bits of
    /// colour.
    pub fn read(folder: &Path) -> Option<Self> {
        Self::of_xwd(&std::fs::read(folder.join(FILE)).ok()?)
    }

    /// Its width, its height, and how bright each pixel is.
    pub fn grey(&self) -> (usize, usize, Vec<u8>) {
        let bright = |dot: &[u8]| {
            u8::try_from(dot.iter().map(|part| u32::from(*part)).sum::<u32>() / 3).unwrap_or(u8::MAX)
        };
        let size = |side: u32| usize::try_from(side).unwrap_or_default();
        (size(self.width), size(self.height), self.pixels.chunks_exact(3).map(bright).collect())
    }

    /// Its upper left part.
    #[must_use]
    pub fn part(&self, width: u32, height: u32) -> Self {
        let bytes = |side: u32| usize::try_from(side).unwrap_or_default() * 3;
        let rows = self.pixels.chunks_exact(bytes(self.width).max(1));
        let rows = rows.take(usize::try_from(height).unwrap_or_default());
        let pixels = rows.flat_map(|row| row.iter().take(bytes(width)).copied()).collect();
        Self { width: width.min(self.width), height: height.min(self.height), pixels }
    }

    /// # Panics
    /// When it cannot be written.
    pub fn save(&self, file: &Path) {
        let failed = |why: String| -> ! { panic!("{}: {why}", file.display()) };
        let to = std::fs::File::create(file).unwrap_or_else(|why| failed(why.to_string()));
        let mut encoder = png::Encoder::new(to, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        let written = encoder.write_header().and_then(|mut rows| rows.write_image_data(&self.pixels));
        written.unwrap_or_else(|why| failed(why.to_string()));
    }

    /// A header of words of 32 bits, the highest byte first; a table of colours of 12 bytes each;
    /// rows of blue, green, red, nothing.
    fn of_xwd(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| {
            let four = bytes.get(at * 4..at * 4 + 4)?.try_into().ok()?;
            Some(u32::from_be_bytes(four))
        };
        let size = |at: usize| usize::try_from(word(at)?).ok();
        let (header, width, height) = (size(0)?, word(4)?, word(5)?);
        let (bits, row, colours) = (word(11)?, size(12)?, size(19)?);
        let from = bytes.get(header.checked_add(colours.checked_mul(12)?)?..)?;
        if bits != 32 || row == 0 {
            return None;
        }
        let wide = usize::try_from(width).ok()?.checked_mul(4)?;
        let rows = from.chunks_exact(row).take(usize::try_from(height).ok()?);
        let mut pixels = Vec::new();
        for row in rows {
            for dot in row.get(..wide)?.chunks_exact(4) {
                let [blue, green, red, _] = dot else { return None };
                pixels.extend([*red, *green, *blue]);
            }
        }
        let whole = pixels.len() == wide / 4 * 3 * usize::try_from(height).ok()?;
        whole.then_some(Self { width, height, pixels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two by two, with a row that is longer than its pixels.
    fn xwd() -> Vec<u8> {
        let mut words = [0_u32; 25];
        (words[0], words[4], words[5], words[11], words[12], words[19]) = (100, 2, 2, 32, 12, 1);
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.extend([7; 12]);
        for first in [10, 20] {
            bytes.extend([first, 2, 3, 0, 4, 5, 6, 0, 9, 9, 9, 9]);
        }
        bytes
    }

    #[test]
    fn rows_of_a_display_become_pixels_and_half_a_display_is_none() {
        let picture = Picture::of_xwd(&xwd()).expect("a picture");
        assert_eq!((picture.width, picture.height), (2, 2));
        assert_eq!(picture.pixels, [3, 2, 10, 6, 5, 4, 3, 2, 20, 6, 5, 4]);
        assert_eq!(picture.part(1, 9).pixels, [3, 2, 10, 3, 2, 20]);
        for length in 0..xwd().len() {
            assert!(Picture::of_xwd(&xwd()[..length]).is_none(), "{length}");
        }
    }
}
