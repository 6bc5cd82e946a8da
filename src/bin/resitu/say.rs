//! Printing that survives `resitu … | head`: where the reader has gone, the command ends quietly instead of panicking.

use std::{fmt::Arguments, io::Write};

/// As the standard one, but see [`line`].
macro_rules! println {
    ($($words:tt)*) => { $crate::say::line(format_args!($($words)*)) };
}

/// Writes a line to the standard output.
pub fn line(words: Arguments) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{words}").is_err() {
        // Nobody reads any more, which is the reader's decision and no failure.
        std::process::exit(0);
    }
}
