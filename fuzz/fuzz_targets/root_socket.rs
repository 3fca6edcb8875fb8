//! The socket for root: a request as the daemon reads it, and a response as the module reads it.

#![no_main]

use std::convert::Infallible;

use fpass_proto::{
    Prompt, Refusal, Verdict,
    limits::PROMPTS_MAX,
    root_socket::{
        REQUEST_MAX, RESPONSE_MAX, Response, ResponseError, VerifyRequest, answer_to_bytes,
    },
};
use libfuzzer_sys::fuzz_target;

type End = Result<Result<Verdict, Refusal>, ResponseError>;

/// What a response that arrives in these pieces shows and answers.
fn read(pieces: &[&[u8]]) -> (Vec<Prompt>, End) {
    let (mut response, mut shown) = (Response::default(), Vec::new());
    for piece in pieces {
        let Ok(()) = response.take(piece, |prompt| {
            shown.push(prompt);
            Ok::<(), Infallible>(())
        });
    }
    (shown, response.end())
}

fuzz_target!(|bytes: &[u8]| {
    if let Some(request) = VerifyRequest::parse(bytes) {
        assert!(bytes.len() <= REQUEST_MAX && VerifyRequest::is_complete(bytes));
        assert!(![request.user, request.service, request.terminal].concat().contains('\0'));
        assert_eq!(VerifyRequest::parse(&request.to_bytes()), Some(request));
    }
    let (shown, end) = read(&[bytes]);
    assert!(shown.len() <= PROMPTS_MAX);
    if let Ok(answer) = end {
        assert!(bytes.len() <= RESPONSE_MAX && bytes.ends_with(&answer_to_bytes(answer)));
        let more = read(&[bytes, b"\0"]).1;
        assert_eq!(more, Err(ResponseError::Invalid), "something follows the answer");
    }
    let middle = bytes.len() / 2;
    assert_eq!(read(&[&bytes[..middle], &bytes[middle..]]), (shown, end), "in two pieces");
});
