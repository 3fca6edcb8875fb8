//! PAM stacks: what `fpass-stack` makes of them against what libpam does, and the stacks that
//! distributions ship.

mod agreement;
mod brute;
mod golden;
mod libpam;
mod random;
