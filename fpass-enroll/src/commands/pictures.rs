//! The pictures of an enrolment or a preview.

use fpass_proto::Refusal;
use fpass_proto::proxy::EnrolmentProxy;
use futures_util::{Stream, StreamExt, stream};

use crate::daemon::answer;
use crate::error::Error;
use crate::picture::Picture;

/// The pictures of a request, one after the other, until the daemon refuses one. None where nothing
/// shows them.
pub(super) fn pictures<'a>(
    enrolment: &'a EnrolmentProxy<'_>,
    request: u32,
    are_shown: bool,
) -> impl Stream<Item = Picture> + 'a {
    let pictures = stream::unfold(are_shown, move |goes_on| async move {
        loop {
            if !goes_on {
                return None;
            }
            match answer(enrolment.picture(request)).await {
                Ok(report) => return Picture::read(report).ok().map(|picture| (picture, true)),
                // The camera starts, or somebody else uses it.
                Err(Error::Refused(Refusal::DeadlinePassed)) => {}
                Err(_) => return None,
            }
        }
    });
    pictures.fuse()
}
