//! Tries a camera in every format, and plays cameras that the test driver cannot emulate.
//!
//! `trial formats DEVICE CODES SIZES` opens the device in each format (`YUYV,GREY`) and size
//! (`640x480,…`) and prints a line for each. The line has the code, the size, the milliseconds from
//! the call to the first judged frame, the frames per second after it, the mean red, green and blue
//! of that frame, and the brightness of the darkest and of the brightest frame; or the code, the
//! size and the error. `trial feed DEVICE KIND WIDTHxHEIGHT RATE` feeds a v4l2loopback device:
//! `jpeg` frames, or the grey frames of an `alternating` emitter.

#![forbid(unsafe_code)]

mod feed;
mod formats;

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

/// `WIDTHxHEIGHT`.
fn size(text: &str) -> Result<(u32, u32), Box<dyn Error>> {
    let (width, height) = text.split_once('x').ok_or("a size is WIDTHxHEIGHT")?;
    Ok((width.parse()?, height.parse()?))
}

fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["formats", device, codes, sizes] => {
            let sizes = sizes.split(',').map(size).collect::<Result<Vec<_>, _>>()?;
            formats::run(device, codes.split(','), &sizes)
        }
        ["feed", device, kind, sides, rate] => feed::run(device, kind, size(sides)?, rate.parse()?),
        _ => {
            Err("usage: trial formats DEVICE CODES SIZES, or trial feed DEVICE KIND SIZE RATE"
                .into())
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
