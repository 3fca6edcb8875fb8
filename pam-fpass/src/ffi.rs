//! What pamsm lacks: the terminal item, a conversation that wipes and frees the reply, and the
//! names that the application's locale has.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem;
use std::ptr;

use fpass_proto::limits;
use nix::libc;
use pamsm::Pam;
use zeroize::Zeroizing;

/// `PAM_SUCCESS`.
const SUCCESS: c_int = 0;
/// `PAM_BUF_ERR`.
const BUF_ERR: c_int = 5;
/// `PAM_TTY`.
const TTY: c_int = 3;
/// `PAM_CONV`.
const CONV: c_int = 5;
/// `PAM_XDISPLAY`.
const XDISPLAY: c_int = 11;
/// `PAM_CONV_ERR`.
const CONV_ERR: c_int = 19;

/// Kind of a message to the user; the numbers are those of `pam_message.msg_style`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum MessageStyle {
    /// `PAM_PROMPT_ECHO_OFF`.
    Question = 1,
    /// `PAM_ERROR_MSG`.
    Error = 3,
    /// `PAM_TEXT_INFO`.
    Info = 4,
}

/// Bytes read of a reply: one more than the longest recovery code.
const REPLY_MAX: usize = limits::RECOVERY_CODE_MAX + 1;

/// What the user typed, up to [`REPLY_MAX`] bytes. It is zeroised on drop and has no `Debug`.
pub(crate) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Copies the first [`REPLY_MAX`] bytes.
    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        let mut copy = Zeroizing::new(Vec::with_capacity(REPLY_MAX));
        copy.extend(bytes.iter().take(REPLY_MAX));
        Self(copy)
    }

    /// The trimmed text. `None` when it is too long or not UTF-8.
    pub(crate) fn text(&self) -> Option<&str> {
        let whole = self.0.len() < REPLY_MAX;
        std::str::from_utf8(&self.0).ok().filter(|_| whole).map(str::trim)
    }
}

/// Why the conversation with the user failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConversationError {
    /// The application has no conversation function.
    Missing,
    /// An allocation failed.
    OutOfMemory,
    /// `PAM_CONV_ERR`, or a question without an answer: the application could not do it.
    Failed,
    /// Any other code, which pam_conv(3) does not document: the application ends the conversation.
    Ended,
}

/// `struct pam_message`.
#[repr(C)]
struct PamMessage {
    style: c_int,
    text: *const c_char,
}

/// `struct pam_response`.
#[repr(C)]
struct PamResponse {
    text: *mut c_char,
    code: c_int,
}

/// `struct pam_conv`.
#[repr(C)]
struct PamConv {
    callback: Option<
        unsafe extern "C" fn(
            c_int,
            *mut *const PamMessage,
            *mut *mut PamResponse,
            *mut c_void,
        ) -> c_int,
    >,
    application: *mut c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_get_item(handle: *const c_void, item: c_int, value: *mut *const c_void) -> c_int;
}

/// The terminal as PAM names it. `None` when PAM has none or it is not UTF-8.
pub(crate) fn terminal(pam: &Pam) -> Option<String> {
    text_item(pam, TTY)
}

/// The X display as PAM names it. `None` when PAM has none or it is not UTF-8.
pub(crate) fn display(pam: &Pam) -> Option<String> {
    text_item(pam, XDISPLAY)
}

/// An item that is a string: `PAM_TTY` or `PAM_XDISPLAY`.
fn text_item(pam: &Pam, number: c_int) -> Option<String> {
    let raw = item(pam, number).ok()?;
    if raw.is_null() {
        return None;
    }
    // SAFETY: if it is not null, such an item is a NUL-terminated string of libpam's, which nobody
    // replaces during this call; it is copied at once.
    let text = unsafe { CStr::from_ptr(raw.cast()) };
    text.to_str().ok().map(str::to_owned)
}

/// Longest name of a locale or of a character set that is read, in bytes.
const LOCALE_NAME_MAX: usize = 64;

/// An item of the locale that the application has set, if it is ASCII and not too long. No locale
/// is set and no variable read.
///
/// Another thread of the application may set its locale at this moment, and free the string that
/// libc gives. No module can prevent that, as libc exports no lock for it. The string is copied at
/// once, within a bound, and what is not a known name counts as English.
pub(crate) fn locale_item(item: libc::nl_item) -> Option<String> {
    // SAFETY: libc reads the current locale and returns null or a string of its own.
    let text = unsafe { libc::nl_langinfo(item) };
    if text.is_null() {
        return None;
    }
    // SAFETY: a NUL-terminated string; nothing behind its end or the bound is read.
    let length = unsafe { libc::strnlen(text, LOCALE_NAME_MAX) };
    // SAFETY: the string has at least this length; it is copied at once.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), length) };
    let copy = bytes.to_vec();
    let whole = copy.len() < LOCALE_NAME_MAX && copy.is_ascii();
    String::from_utf8(copy).ok().filter(|_| whole)
}

/// Shows one message to the user. If the application returns a reply, it is wiped and freed.
pub(crate) fn show(pam: &Pam, style: MessageStyle, text: &CStr) -> Result<(), ConversationError> {
    let conversation = conversation(pam)?;
    // SAFETY: the structure is the one that the application registered with libpam.
    unsafe { show_with(conversation, style, text) }
}

/// Asks the user a question; the reply is not shown while it is typed. It is wiped and freed.
pub(crate) fn ask(pam: &Pam, text: &CStr) -> Result<Secret, ConversationError> {
    let conversation = conversation(pam)?;
    // SAFETY: the structure is the one that the application registered with libpam.
    unsafe { ask_with(conversation, text) }
}

/// The conversation that the application registered, valid while this module runs.
fn conversation(pam: &Pam) -> Result<&PamConv, ConversationError> {
    let raw = item(pam, CONV).map_err(|code| match code {
        BUF_ERR => ConversationError::OutOfMemory,
        _ => ConversationError::Missing,
    })?;
    if raw.is_null() {
        return Err(ConversationError::Missing);
    }
    // SAFETY: a non-null PAM_CONV points to libpam's own copy of the application's `pam_conv`,
    // which stays valid while a module runs.
    Ok(unsafe { &*raw.cast::<PamConv>() })
}

fn item(pam: &Pam, item: c_int) -> Result<*const c_void, c_int> {
    // SAFETY: `Pam` is a transparent wrapper around the handle pointer, which libpam keeps valid
    // while it runs this module; only the pointer is copied.
    let handle: *const c_void = unsafe { mem::transmute_copy(pam) };
    let mut value = ptr::null();
    // SAFETY: the handle is valid and `value` has room for one pointer.
    match unsafe { pam_get_item(handle, item, &raw mut value) } {
        SUCCESS => Ok(value),
        code => Err(code),
    }
}

/// # Safety
/// The callback must honour the contract of `pam_conv(3)`, and `application` must be the pointer
/// that belongs to it.
unsafe fn show_with(
    conversation: &PamConv,
    style: MessageStyle,
    text: &CStr,
) -> Result<(), ConversationError> {
    // SAFETY: as the caller promises.
    let replies = unsafe { exchange(conversation, style, text) }?;
    // SAFETY: after success the callee has handed over what `replies` points to.
    unsafe { discard(replies) };
    Ok(())
}

/// # Safety
/// As for [`show_with`].
unsafe fn ask_with(conversation: &PamConv, text: &CStr) -> Result<Secret, ConversationError> {
    // SAFETY: as the caller promises.
    let replies = unsafe { exchange(conversation, MessageStyle::Question, text) }?;
    // SAFETY: after success `replies` is null or one initialised response.
    let typed = unsafe { replies.as_ref() }.map_or(ptr::null_mut(), |reply| reply.text);
    let secret = if typed.is_null() {
        // The application returned no answer.
        Err(ConversationError::Failed)
    } else {
        // SAFETY: a NUL-terminated string; nothing behind its end is read.
        let length = unsafe { libc::strnlen(typed, REPLY_MAX) };
        // SAFETY: the string has at least this length, and nobody writes to it meanwhile.
        Ok(Secret::copy_of(unsafe { std::slice::from_raw_parts(typed.cast(), length) }))
    };
    // SAFETY: handed over by the callee, and nothing borrowed from it is left.
    unsafe { discard(replies) };
    secret
}

/// Sends one message and returns the replies, which the caller must free. Without any reply the
/// pointer is null.
///
/// # Safety
/// As for [`show_with`].
unsafe fn exchange(
    conversation: &PamConv,
    style: MessageStyle,
    text: &CStr,
) -> Result<*mut PamResponse, ConversationError> {
    let callback = conversation.callback.ok_or(ConversationError::Missing)?;
    let message = PamMessage { style: style as c_int, text: text.as_ptr() };
    let mut messages: *const PamMessage = &raw const message;
    let mut replies: *mut PamResponse = ptr::null_mut();
    // SAFETY: one message is announced and one is passed; the message, its text and the pointer for
    // the replies outlive the call.
    let code =
        unsafe { callback(1, &raw mut messages, &raw mut replies, conversation.application) };
    match code {
        SUCCESS => Ok(replies),
        // After a failure `replies` is undefined and must not be touched.
        BUF_ERR => Err(ConversationError::OutOfMemory),
        CONV_ERR => Err(ConversationError::Failed),
        _ => Err(ConversationError::Ended),
    }
}

/// Wipes and frees the reply to one message, if there is one.
///
/// # Safety
/// `replies` is null or an array of one response from `malloc`, whose text is null or a
/// NUL-terminated string from `malloc`; neither is used again.
unsafe fn discard(replies: *mut PamResponse) {
    if replies.is_null() {
        return;
    }
    // SAFETY: not null, so it is one initialised response.
    let text = unsafe { (*replies).text };
    if !text.is_null() {
        // SAFETY: a NUL-terminated string that we own: it is overwritten within its length, then
        // freed once.
        unsafe {
            libc::explicit_bzero(text.cast(), libc::strlen(text));
            libc::free(text.cast());
        }
    }
    // SAFETY: from `malloc`, freed once.
    unsafe { libc::free(replies.cast()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the fake_callback conversation was asked and should do.
    struct FakeConversation {
        heard: Vec<(c_int, String)>,
        answer: c_int,
        reply: FakeReply,
    }

    enum FakeReply {
        Untouched,
        Empty,
        Text(&'static CStr),
        Garbage,
    }

    unsafe extern "C" fn fake_callback(
        count: c_int,
        messages: *mut *const PamMessage,
        replies: *mut *mut PamResponse,
        application: *mut c_void,
    ) -> c_int {
        assert_eq!(count, 1);
        // SAFETY: the test passes its own script, and `show_with` passes one message.
        unsafe {
            let script = &mut *application.cast::<FakeConversation>();
            let message = &**messages;
            let text = CStr::from_ptr(message.text).to_str().unwrap().to_owned();
            script.heard.push((message.style, text));
            match script.reply {
                FakeReply::Untouched => {}
                FakeReply::Empty => *replies = libc::calloc(1, size_of::<PamResponse>()).cast(),
                FakeReply::Text(text) => {
                    let response: *mut PamResponse =
                        libc::calloc(1, size_of::<PamResponse>()).cast();
                    (*response).text = libc::strdup(text.as_ptr());
                    *replies = response;
                }
                FakeReply::Garbage => *replies = ptr::dangling_mut(),
            }
            script.answer
        }
    }

    fn run(
        answer: c_int,
        reply: FakeReply,
    ) -> (Result<(), ConversationError>, Vec<(c_int, String)>) {
        let mut script = FakeConversation { heard: Vec::new(), answer, reply };
        let conversation =
            PamConv { callback: Some(fake_callback), application: (&raw mut script).cast() };
        // SAFETY: `fake_callback` honours the contract and gets its own script.
        let result =
            unsafe { show_with(&conversation, MessageStyle::Info, c"Look at the camera.") };
        (result, script.heard)
    }

    fn asked(answer: c_int, reply: FakeReply) -> Result<Secret, ConversationError> {
        let mut script = FakeConversation { heard: Vec::new(), answer, reply };
        let conversation =
            PamConv { callback: Some(fake_callback), application: (&raw mut script).cast() };
        // SAFETY: `fake_callback` honours the contract and gets its own script.
        let result = unsafe { ask_with(&conversation, c"Recovery code: ") };
        assert_eq!(script.heard, [(1, "Recovery code: ".to_owned())]);
        result
    }

    #[test]
    fn a_question_without_an_answer_fails() {
        for reply in [FakeReply::Untouched, FakeReply::Empty] {
            assert_eq!(asked(SUCCESS, reply).err(), Some(ConversationError::Failed));
        }
        assert_eq!(asked(19, FakeReply::Garbage).err(), Some(ConversationError::Failed));
        assert_eq!(asked(BUF_ERR, FakeReply::Garbage).err(), Some(ConversationError::OutOfMemory));
    }

    #[test]
    fn an_answer_is_copied_and_bounded() {
        let text =
            |reply| asked(SUCCESS, FakeReply::Text(reply)).unwrap().text().map(str::to_owned);
        assert_eq!(text(c""), Some(String::new()));
        assert_eq!(text(c" 3-ABCD\n"), Some("3-ABCD".to_owned()));
        assert_eq!(text(c"\xff"), None);
        let longest = c"0123456789012345678901234567890123456789012345678901234567890123";
        assert_eq!(text(longest).map(|text| text.len()), Some(limits::RECOVERY_CODE_MAX));
        assert_eq!(
            text(c"01234567890123456789012345678901234567890123456789012345678901234"),
            None
        );
        assert!(Secret::copy_of(&[b'0'; 10_000]).text().is_none());
    }

    #[test]
    fn a_missing_callback_is_an_error() {
        let conversation = PamConv { callback: None, application: ptr::null_mut() };
        // SAFETY: nothing is called.
        let result = unsafe { show_with(&conversation, MessageStyle::Info, c"x") };
        assert_eq!(result, Err(ConversationError::Missing));
    }

    #[test]
    fn a_failure_leaves_the_reply_alone() {
        assert_eq!(run(19, FakeReply::Garbage).0, Err(ConversationError::Failed));
        assert_eq!(run(30, FakeReply::Garbage).0, Err(ConversationError::Ended));
        assert_eq!(run(BUF_ERR, FakeReply::Garbage).0, Err(ConversationError::OutOfMemory));
    }

    #[test]
    fn every_kind_of_reply_is_handled() {
        for reply in [
            FakeReply::Untouched,
            FakeReply::Empty,
            FakeReply::Text(c""),
            FakeReply::Text(c"typed"),
        ] {
            let (result, heard) = run(SUCCESS, reply);
            assert_eq!(result, Ok(()));
            assert_eq!(heard, [(4, "Look at the camera.".to_owned())]);
        }
    }
}
