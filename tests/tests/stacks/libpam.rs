//! Real libpam in this process, with a directory of its own for its files.

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    fs,
    path::{Path, PathBuf},
    process::Command,
    ptr,
};

use tempfile::TempDir;

const PAM_SILENT: c_int = 0x8000;

#[repr(C)]
struct PamConv {
    converse: Option<extern "C" fn()>,
    data: *mut c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_start_confdir(
        service: *const c_char,
        user: *const c_char,
        conversation: *const PamConv,
        directory: *const c_char,
        handle: *mut *mut c_void,
    ) -> c_int;
    fn pam_end(handle: *mut c_void, status: c_int) -> c_int;
    fn pam_authenticate(handle: *mut c_void, flags: c_int) -> c_int;
    fn pam_putenv(handle: *mut c_void, assignment: *const c_char) -> c_int;
    fn pam_getenv(handle: *mut c_void, name: *const c_char) -> *const c_char;
}

/// A directory of stacks and modules.
pub(crate) struct Bench {
    directory: TempDir,
}

impl Bench {
    /// Compiles the witness and installs it under each of the names.
    pub(crate) fn new(modules: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks/witness.c");
        let built = directory.path().join("witness.so");
        let output = Command::new("cc")
            .args(["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
            .arg(&built)
            .arg(source)
            .arg("-lpam")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for module in modules {
            fs::copy(&built, directory.path().join(module)).unwrap();
        }
        Self { directory }
    }

    /// The directory of the files. libpam takes included files from `/etc/pam.d` unless they are
    /// named with their path, even with another directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Starts a transaction for a user; the error is libpam's code.
    pub(crate) fn start(&self, service: &str, user: &str) -> Result<Transaction, c_int> {
        let service = CString::new(service).unwrap();
        let user = CString::new(user).unwrap();
        let directory = CString::new(self.directory.path().to_str().unwrap()).unwrap();
        let conversation = Box::new(PamConv { converse: None, data: ptr::null_mut() });
        let mut handle = ptr::null_mut();
        // SAFETY: all strings end with a zero byte and outlive the call; libpam copies the
        // conversation, and no module here converses.
        let code = unsafe {
            pam_start_confdir(
                service.as_ptr(),
                user.as_ptr(),
                &raw const *conversation,
                directory.as_ptr(),
                &raw mut handle,
            )
        };
        if code == 0 { Ok(Transaction(handle)) } else { Err(code) }
    }

    /// The code of `pam_authenticate` for a service, or of `pam_start`.
    pub(crate) fn authenticate(&self, service: &str, user: &str) -> c_int {
        match self.start(service, user) {
            Ok(transaction) => transaction.authenticate(),
            Err(code) => code,
        }
    }
}

/// A transaction with libpam.
pub(crate) struct Transaction(*mut c_void);

impl Transaction {
    /// `pam_authenticate`
    pub(crate) fn authenticate(&self) -> c_int {
        // SAFETY: the handle is that of a transaction that has not ended.
        unsafe { pam_authenticate(self.0, PAM_SILENT) }
    }

    /// Sets or, without `=`, removes a variable.
    pub(crate) fn put(&self, assignment: &str) {
        let assignment = CString::new(assignment).unwrap();
        // SAFETY: as above; libpam copies the string.
        unsafe { pam_putenv(self.0, assignment.as_ptr()) };
    }

    /// Whether a variable is set.
    pub(crate) fn has(&self, name: &str) -> bool {
        let name = CString::new(name).unwrap();
        // SAFETY: as above; the string that is returned lives until the next change.
        let value = unsafe { pam_getenv(self.0, name.as_ptr()) };
        // SAFETY: a pointer that is not null is to a string that ends with a zero byte.
        !value.is_null() && !unsafe { CStr::from_ptr(value) }.is_empty()
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // SAFETY: the handle is not used afterwards.
        unsafe { pam_end(self.0, 0) };
    }
}
