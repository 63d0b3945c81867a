//! A single-threaded load generator for chat servers: members, some of them senders, in a closed loop or at a fixed rate.
//! It checks while it measures: every member must receive every message, whole, once and in one order for all.

mod args;
mod arrival;
mod backlog;
mod course;
mod cursor;
mod fault;
mod format;
mod formats;
mod histogram;
mod joining;
mod load;
mod log;
mod member;
mod pace;
mod probe;
mod publisher;
mod report;
mod room;
mod sender;
mod text;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::Args::parse(std::env::args().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("rustchat-bench: {message} (see --help)");
            return ExitCode::from(2);
        }
    };
    match load::run(&args) {
        Ok(report) => {
            println!("{}", report.to_json());
            if report.is_faultless() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("rustchat-bench: {error}");
            ExitCode::from(2)
        }
    }
}
