//! Bus and PAM level tests of F-pass.
