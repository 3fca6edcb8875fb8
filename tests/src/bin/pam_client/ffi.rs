//! The part of libpam that an application uses.

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    io, iter, ptr,
};

use fpass_tests::{
    listener::Listener,
    pam::{Call, Conversation, HostFault, Message, Request},
};
use nix::libc::{self, calloc, free, strdup};

use crate::host_fault::{self, ActiveFault};

const PAM_SUCCESS: c_int = 0;
const PAM_BUF_ERR: c_int = 5;
const PAM_CONV_ERR: c_int = 19;
const PAM_TTY: c_int = 3;
const PAM_RHOST: c_int = 4;
const PAM_ESTABLISH_CRED: c_int = 2;
const PAM_SILENT: c_int = 0x8000;

#[repr(C)]
struct PamMessage {
    style: c_int,
    text: *const c_char,
}

#[repr(C)]
struct PamResponse {
    text: *mut c_char,
    code: c_int,
}

#[repr(C)]
struct PamConv {
    converse:
        extern "C" fn(c_int, *mut *const PamMessage, *mut *mut PamResponse, *mut c_void) -> c_int,
    person: *mut c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_start(
        service: *const c_char,
        user: *const c_char,
        conversation: *const PamConv,
        handle: *mut *mut c_void,
    ) -> c_int;
    fn pam_end(handle: *mut c_void, status: c_int) -> c_int;
    fn pam_set_item(handle: *mut c_void, item: c_int, value: *const c_void) -> c_int;
    fn pam_authenticate(handle: *mut c_void, flags: c_int) -> c_int;
    fn pam_acct_mgmt(handle: *mut c_void, flags: c_int) -> c_int;
    fn pam_setcred(handle: *mut c_void, flags: c_int) -> c_int;
    fn pam_chauthtok(handle: *mut c_void, flags: c_int) -> c_int;
    fn pam_getenvlist(handle: *mut c_void) -> *mut *mut c_char;
}

/// The scripted user.
struct Person {
    broken: bool,
    /// Replies to prompts; the last one is repeated if `tireless`.
    answers: Vec<CString>,
    next: usize,
    tireless: bool,
    /// The code for a message that is not a prompt, if not an empty reply.
    told: Option<Told>,
    fault: HostFault,
    active_fault: Option<ActiveFault>,
    heard: Vec<Message>,
    listener: Option<Listener>,
}

#[derive(Clone, Copy)]
enum Told {
    Fails(c_int),
    NoReply,
}

impl Person {
    fn of(request: &Request) -> io::Result<Self> {
        let (broken, tireless, told, answers) = match &request.conversation {
            Conversation::Broken => (true, false, None, Vec::new()),
            Conversation::Answers(answers) => (false, false, None, answers.clone()),
            Conversation::FailsWhenTold(answer, code) => {
                (false, true, Some(Told::Fails(*code)), vec![answer.clone()])
            }
            Conversation::LeavesNoReply(answer) => {
                (false, true, Some(Told::NoReply), vec![answer.clone()])
            }
        };
        let answers = answers.into_iter().map(CString::new).collect::<Result<_, _>>()?;
        let fault = request.fault;
        Ok(Self {
            broken,
            answers,
            next: 0,
            tireless,
            told,
            fault,
            active_fault: None,
            heard: Vec::with_capacity(64),
            listener: request.listener.clone(),
        })
    }

    fn answer(&mut self) -> Option<&CStr> {
        let last = self.answers.len().saturating_sub(1);
        let index = if self.tireless { self.next.min(last) } else { self.next };
        self.next += 1;
        self.answers.get(index).map(CString::as_c_str)
    }
}

/// Sets every category of the process's locale.
fn set_locale(name: &str) -> io::Result<()> {
    let raw = CString::new(name)?;
    // SAFETY: the string is NUL-terminated, and this process has one thread.
    let set = unsafe { libc::setlocale(libc::LC_ALL, raw.as_ptr()) };
    if set.is_null() { Err(io::Error::other(format!("no locale {name}"))) } else { Ok(()) }
}

/// A transaction between `pam_start` and `pam_end`.
pub(crate) struct Transaction {
    handle: *mut c_void,
    last_code: c_int,
    // libpam keeps pointers to both: they stay where they are until pam_end.
    person: Box<Person>,
    _conversation: Box<PamConv>,
}

impl Transaction {
    pub(crate) fn start(request: &Request) -> io::Result<Self> {
        if let Some(locale) = &request.locale {
            set_locale(locale)?;
        }
        let mut person = Box::new(Person::of(request)?);
        let conversation =
            Box::new(PamConv { converse, person: (&raw mut *person).cast::<c_void>() });
        let service = CString::new(request.service.as_str())?;
        let user = request.user.as_deref().map(CString::new).transpose()?;
        let mut handle = ptr::null_mut();
        // SAFETY: the strings are NUL-terminated and outlive the call, which copies them; the
        // conversation and the person live in boxes that this value keeps until pam_end.
        let code = unsafe {
            pam_start(
                service.as_ptr(),
                user.as_ref().map_or(ptr::null(), |user| user.as_ptr()),
                &raw const *conversation,
                &raw mut handle,
            )
        };
        if code != PAM_SUCCESS {
            return Err(io::Error::other(format!("pam_start: {code}")));
        }
        let transaction =
            Self { handle, last_code: PAM_SUCCESS, person, _conversation: conversation };
        for (item, value) in [(PAM_TTY, &request.tty), (PAM_RHOST, &request.rhost)] {
            if let Some(value) = value {
                let value = CString::new(value.as_str())?;
                // SAFETY: the handle is live, and both items are strings that libpam copies.
                unsafe { pam_set_item(handle, item, value.as_ptr().cast()) };
            }
        }
        Ok(transaction)
    }

    pub(crate) fn call(&mut self, call: Call, silent: bool) -> c_int {
        let flags = if silent { PAM_SILENT } else { 0 };
        // SAFETY: the handle is live until `end` consumes this value.
        self.last_code = unsafe {
            match call {
                Call::Authenticate => pam_authenticate(self.handle, flags),
                Call::AcctMgmt => pam_acct_mgmt(self.handle, flags),
                Call::SetCred => pam_setcred(self.handle, flags | PAM_ESTABLISH_CRED),
                Call::ChAuthTok => pam_chauthtok(self.handle, flags),
            }
        };
        // The fault ends before the transcript, which needs memory and descriptors.
        self.person.active_fault = None;
        self.last_code
    }

    pub(crate) fn environment(&self) -> Vec<String> {
        // SAFETY: the handle is live; the answer is NULL or a NULL-terminated array of strings
        // that now belong to the caller, as does the array.
        unsafe {
            let list = pam_getenvlist(self.handle);
            if list.is_null() {
                return Vec::new();
            }
            let mut next = list;
            let entries = iter::from_fn(|| {
                let entry = *next;
                if entry.is_null() {
                    return None;
                }
                next = next.add(1);
                let text = CStr::from_ptr(entry).to_string_lossy().into_owned();
                free(entry.cast());
                Some(text)
            })
            .collect();
            free(list.cast());
            entries
        }
    }

    /// Ends the transaction and returns the messages.
    pub(crate) fn end(self) -> Vec<Message> {
        // SAFETY: the handle is live and not used after this.
        unsafe { pam_end(self.handle, self.last_code) };
        self.person.heard
    }
}

extern "C" fn converse(
    count: c_int,
    messages: *mut *const PamMessage,
    responses: *mut *mut PamResponse,
    person: *mut c_void,
) -> c_int {
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: `person` is the box that the transaction keeps, and libpam calls from its thread
    // while no one else uses it; `messages` holds `count` pointers to messages with valid texts
    // (the layout of Linux-PAM); the responses are allocated as libpam frees them.
    unsafe {
        let person = &mut *person.cast::<Person>();
        if person.broken {
            return PAM_CONV_ERR;
        }
        let replies = calloc(count, size_of::<PamResponse>()).cast::<PamResponse>();
        if replies.is_null() {
            return PAM_BUF_ERR;
        }
        let mut asked = false;
        for index in 0..count {
            let message = &**messages.add(index);
            let text = CStr::from_ptr(message.text).to_string_lossy().into_owned();
            if let Some(listener) = &person.listener
                && listener.hear(&text).is_err()
            {
                free(replies.cast());
                return PAM_CONV_ERR;
            }
            person.heard.push(Message { style: message.style, text });
            if matches!(message.style, 1 | 2) {
                asked = true;
                let Some(answer) = person.answer() else {
                    free(replies.cast());
                    return PAM_CONV_ERR;
                };
                (*replies.add(index)).text = strdup(answer.as_ptr());
            }
        }
        if !asked {
            if person.active_fault.is_none() {
                person.active_fault = host_fault::begin(person.fault);
            }
            if let Some(told) = person.told {
                free(replies.cast());
                *responses = ptr::null_mut();
                return match told {
                    Told::Fails(code) => code,
                    Told::NoReply => PAM_SUCCESS,
                };
            }
        }
        *responses = replies;
    }
    PAM_SUCCESS
}
