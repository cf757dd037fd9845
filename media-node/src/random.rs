//! Randomness from the operating system.

use aws_lc_rs::rand::{SecureRandom, SystemRandom as System};

/// Fills `bytes`. Keys and credentials must never be guessable, so a system without randomness ends the process.
pub fn fill(bytes: &mut [u8]) {
    if System::new().fill(bytes).is_err() {
        std::process::abort();
    }
}

/// A new id: 21 characters of the nanoid alphabet, 126 bits.
pub fn id() -> String {
    nanoid::nanoid!()
}
