//! PAM module that asks fpassd for a face after the password.
