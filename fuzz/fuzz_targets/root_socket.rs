//! The socket for root: a request as the daemon reads it, and an answer as the module reads it.

#![no_main]

use fpass_proto::root_socket::{
    ANSWER_MAX, REQUEST_MAX, VerifyRequest, answer_to_bytes, parse_answer,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(request) = VerifyRequest::parse(bytes) {
        assert!(bytes.len() <= REQUEST_MAX && VerifyRequest::is_complete(bytes));
        assert!(![request.user, request.service, request.terminal].concat().contains('\0'));
        assert_eq!(VerifyRequest::parse(&request.to_bytes()), Some(request));
    }
    if let Some(answer) = parse_answer(bytes) {
        assert!(bytes.len() <= ANSWER_MAX);
        assert_eq!(answer_to_bytes(answer), bytes);
    }
});
